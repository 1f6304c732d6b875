"""English: why a character spoke or kept silent."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "why.nobody_here": "Nobody is here, so nobody answers. Bring someone in with `/summon`.",
    "why.nobody_was_here": "Nobody was here.",
    "why.nothing_lately": (
        "I decided on nothing here in the last week: nobody said anything meanwhile."
    ),
    "why.undecided": (
        "I know of no decision about that message: nobody was here when it was said, or it is too "
        "long ago. I keep the newest {kept} decisions of a room, for a week."
    ),
    "why.of_a_bot": "A bot said that, and characters answer people alone.",
    "why.heading": "-# After [what {speaker} said]({link})",
    "why.heading_of_somebody": "-# After [what somebody said]({link})",
    "why.line": "{name}: {verdict}{outcome}.",
    "why.but": "{reason}, but {silence}",
    "why.named_by": "named by {name}",
    "why_reason.say": "spoken to with /say",
    "why_reason.continue": "asked to go on",
    "why_reason.reply": "its message was replied to",
    "why_reason.named": "named in the text",
    "why_reason.bot_mention": ("the bot was mentioned, and it was spoken to last or is alone here"),
    "why_reason.bound": "in this place it need not be named",
    "why_reason.went_on": "the same person was still speaking to it",
    "why_reason.keyword": "the keyword “{detail}”",
    "why_reason.last": "the same person had just spoken to it",
    "why_reason.every": "every message is answered here, and it won the draw",
    "why_reason.chance": "chance {detail}",
    "why_silence.not_asked": "nobody spoke to it",
    "why_silence.others_asked": "others were spoken to",
    "why_silence.outrolled": "another character won the draw",
    "why_silence.about_to_speak": "it was about to answer the person’s message itself",
    "why_silence.paused": "the room is paused",
    "why_silence.quiet": "these are quiet hours",
    "why_silence.cooldown": "it had spoken unasked just before (cool-down)",
    "why_silence.chain": "the room’s budget was used up: a person has to speak first",
    "why_silence.time": (
        "the room’s budget was used up: no person has spoken for {minutes} minutes"
    ),
    "why_silence.tokens": ("the room’s budget was used up: too many tokens since a person spoke"),
    "why_silence.person_spent": ("the person who asked had used up their answers for this hour"),
    "why_silence.day_spent": "the bot had used up what it may spend in a day",
    "why_outcome.plain": "",
    "why_outcome.edited": "; the words are by {editor}, who edited the reply",
    "why_outcome.edited_then_continued": (
        "; the words are by {editor}, who edited the reply, up to where it was continued"
    ),
    "why_outcome.continued": "; it was continued when somebody asked",
    "why_outcome.take": "{before}; this is alternative {number} of {count}",
    "why_outcome.taken_back": ", and the reply was deleted",
    "why_outcome.no_answer": ", but it gave no answer",
    "why_outcome.no_answer_because": ", but it gave no answer ({note})",
    "why_outcome.still_answering": "; still answering",
    "why_outcome.together": "; answered together with another message",
    "why_outcome.kept_silent": ", but it kept silent ({note})",
    "why_note.sent_away": "the character was sent away",
    "why_note.paused": "the room was paused",
    "why_note.too_old": "it was too old when the bot came back to it",
}
