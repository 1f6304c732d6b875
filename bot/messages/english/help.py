"""English: the pages of `/help`, and the greeting."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Plural, Texts

TEXTS: Final[Texts] = {
    "help_title.begin": "How to begin",
    "help_title.talking": "Talking",
    "help_title.characters": "Characters",
    "help_title.rooms": "Rooms and settings",
    "help_title.replies": "Replies",
    "help_title.admins": "For admins",
    "help_title.privacy": "Privacy and costs",
    "help_about.begin": "Six lines for the first minute",
    "help_about.talking": "Who answers a message, and what you can ask for",
    "help_about.characters": "The characters; bring them in, send them away",
    "help_about.rooms": "How talkative a room is, and why",
    "help_about.replies": "Regenerate, continue, edit, delete",
    "help_about.admins": "Checks, rules and the engine",
    "help_about.privacy": "Where messages go, what is kept, what is allowed",
    "help_entry.say": "speaks to a character by command.",
    "help_entry.help": "shows these pages, to you alone.",
    "help_entry.summon": "brings a character into this place.",
    "help_entry.cast": "shows who is here and what each answers to.",
    "help_entry.dismiss": (
        "sends one away that you summoned (or any, if you may **Manage Channels**). It remembers."
    ),
    "help_entry.room_why": "tells why characters spoke here, or kept silent.",
    "help_entry.room_settings": (
        "shows and changes how talkative characters are, and what they may do."
    ),
    "help_entry.room_pause": "silences everybody until you resume.",
    "help_entry.room_resume": "lets them speak again.",
    "help_entry.room_reset": "makes characters forget what was said here. It asks first.",
    "help_entry.guidelines_show": "shows this server’s rules for characters.",
    "help_entry.regenerate": "asks for another answer; ◀ ▶ choose.",
    "help_entry.continue": "lets it go on where it stopped.",
    "help_entry.edit_reply": "changes its words; the message shows who did.",
    "help_entry.delete_reply": "takes it back; the character forgets it, too.",
    "help_entry.why_this_reply": "tells why it was said; works on any message.",
    "help_entry.guidelines_edit": "writes this server’s rules for characters.",
    "help_entry.diagnose": "checks what would keep me from working in this channel, with fixes.",
    "help_entry.pool_stats": "shows how busy the engine is.",
    "help_entry.pool_instances": "shows which characters are awake.",
    "help_entry.pool_restart": "ends a character’s process, starts another.",
    "help_entry.pool_evict": "puts an idle character to sleep.",
    "help_entry.pool_drain": "stops new answers until you run it again.",
    "help.heading": "**{title}**",
    "help.other_command": "· {description}",
    "help.not_here": "⚠️ Not in this place: {reason}",
    "help.not_shown": "-# Not shown: what needs {permissions:bold+or}.",
    "help.works_on_messages": "works on a message.",
    "help.menu": "Choose a topic",
    "help.for_whom": (
        "A message goes to the characters that it names (`@Mira`, “Mira, …”) or replies to. "
        "Mention me to reach the character spoken to last."
    ),
    "help.menus": (
        "Press and hold a character’s message (right-click it on a computer), then *Apps*. "
        "The person who asked for the reply may regenerate, continue or delete it, and so may "
        "anyone with **Manage Messages**. In a server, *Edit reply* needs that permission, unless "
        "the room’s settings let the person who asked edit, too."
    ),
    "help.stop": "**Stop** under a running answer ends it.",
    "help.several_named": "If a message names several, they answer in that order.",
    "help.own_thread": "In a thread started from a character’s message, no name is needed.",
    "help.sees_files": "Characters see pictures and text files that you attach.",
    "help.last_answers": "The character spoken to last answers. Begin with a name to call another.",
    "help.no_characters": "There is none yet. Whoever runs me adds one.",
    "help.for_things": (
        "Ask for things, too: “roll 2d6”, “make a poll: tea or ale?”, “open a thread about it”."
    ),
    "help.another_answer": (
        "Another answer? Press and hold the message (or right-click) → *Apps* → *Regenerate*."
    ),
    "help.where_words_go": (
        "Messages in rooms with characters go to Discord and to the model chosen by the person "
        "who runs me, and nowhere else."
    ),
    "help.remembers_apart": (
        "A character remembers each channel, each thread and your direct messages separately."
    ),
    "help.deleted_is_gone": "What you edit or delete is edited or gone for characters, too.",
    "help.no_limit": "No limit is set.",
    "help.here_already": "Here already: {names:bold}. {summon} brings others in.",
    "help.summon_to_channel": (
        "{summon} brings a character into this channel: choose one from its list."
    ),
    "help.summon_to_talk": "{summon} brings a character in here: choose one from its list.",
    "help.no_character_yet": (
        "There is no character yet. Whoever runs me adds one, then {summon} brings it in."
    ),
    "help.just_write": "Just write. With several here, begin with the name: {call:code}",
    "help.talk_by_say": "Talk with {say}, or mention me: I can’t read other messages yet.",
    "help.talk_by_name": "Talk to a character by name, {call:code}, or reply to its messages.",
    "help.nobody_unasked": (
        "Characters answer only when you speak to them, unless the room’s settings say otherwise. "
        "{cast} shows who is here and what each answers to."
    ),
    "help.ask_why": (
        "{why} explains why someone spoke, or nobody did. The rest is in the menu below."
    ),
    "help.step": "{number}. {step}",
    "help.cannot_read": (
        "I can’t read messages yet: use {say}, reply to a character, or mention me."
    ),
    "help.known": "**{name}**",
    "help.known_with_description": "**{name}** · {description}",
    "help.more_known": "… and {count} more in {summon}’s list.",
    "help.costs": "You pay nothing; whoever runs me does. {limits}",
    "help.both_limits": Plural(
        by="answers",
        one=(
            "One person gets 1 answer an hour; all of us together have {tokens:,} tokens a day "
            "(an answer takes some 5,000 and more)."
        ),
        other=(
            "One person gets {answers:,} answers an hour; all of us together have {tokens:,} "
            "tokens a day (an answer takes some 5,000 and more)."
        ),
    ),
    "help.answers_limit": Plural(
        by="answers",
        one="One person gets 1 answer an hour.",
        other="One person gets {answers:,} answers an hour.",
    ),
    "help.tokens_limit": (
        "All of us together have {tokens:,} tokens a day (an answer takes some 5,000 and more)."
    ),
    "greeting.hello": (
        "Hello! I bring characters into this server, each with a name and a face of its own."
    ),
    "greeting.no_characters": "There is none yet: whoever runs me adds one.",
    "greeting.reading": "**Choose one below**, then write {call:code} or reply to its messages.",
    "greeting.unread": "**Choose one below**, then talk to it with {say}.",
    "greeting.end": (
        "{summon} brings characters into other channels; {help} tells the rest. They answer "
        "whoever speaks to them, and are silent otherwise."
    ),
}
