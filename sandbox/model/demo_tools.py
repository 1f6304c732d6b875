"""What people ask for in plain words, as calls of the tools that do it.

Owns which words mean which tool and with what arguments; what is said afterwards is the voice's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from sandbox.model.demo_languages import greeted_in
from sandbox.model.demo_talk import Talk, said

Call = tuple[str, Mapping[str, Any]]

QUIET = said(
    r"\b(?:be (?:quiet|silent)|hush|shush|say nothing|nothing to say|stay (?:silent|quiet)"
    r"|(?:don't|do not|no need to) (?:answer|reply|respond))\b"
)
HELLO = said(r"^\W*(?:hi|hello|hey|hail|greetings|good (?:morning|day|evening|afternoon))\b")
THANKS = said(r"\b(?:thanks|thank you|thx|cheers)\b")

REACT = said(
    r"\breact(?:ion)?\b(?P<rest>.*)$|\bgive (?:me|that|it|this) a (?P<sign>like|thumb\w*)\b"
)
COIN = said(r"\b(?:flip|toss)\b.*\bcoin\b|\bheads or tails\b|\bcoin (?:flip|toss)\b")
_NUMBER = said(
    r"\b(?:pick|choose|think of|random) (?:a |one )?(?:random )?number\b"
    r"\D*(?:1\D+(?P<most>\d{1,3})\b)?"
)
_ROLL = said(r"\b(?:roll|throw|dice)\b|\b\d*d\d+\b")
_DICE = said(r"\d*d(?:\d+|%)(?:[kd][hl]\d*)?(?:\s*[+-]\s*\d*d?\d+)*(?:\s+(?:adv|dis)\b)?")
_TIME = said(r"\bwhat(?:'s| is)? (?:the )?(?:time|date|day)\b|\btime is it\b")
_PLACE = said(r"\bin ([a-z_/ ]+?)\s*[?.!]*$")
_POLL = said(r"\b(?:poll|vote)\b[^:?]*?(?::|\babout\b|\bon\b|\bwhether\b)\s*(?P<what>.+)$")
_A_POLL = said(r"\b(?:make|start|open|hold|run)\b[^.?!]*\b(?:poll|vote)\b")
_THREAD = said(r"\b(?:open|start|make|begin)\b[^.?!]*\bthread\b(?P<rest>.*)$")
_ABOUT = said(r"\b(?:about|called|named|on|for)\s+(?P<what>[^.!?\n]+)")
_PIN = said(r"\bpin (?:that|this|it|them|up|what|the|my)\b|^\W*pin\b|\bput a pin\b")
_FILE = said(
    r"\bas a (?:text )?file\b|\bin(?:to)? a file\b|\bwrite (?:it|that|this|all that) down\b"
    r"|\b(?:send|give) (?:me |us )?(?:a|the|it as a) file\b"
)
_WHISPER = said(r"\bwhisper\b|\bin secret\b|\bbetween (?:us|you and me)\b")
_STATUS = said(r"\bstatus\b(?:\s+(?:to|is|:))?\s*[“\"']?(?P<what>[^”\"'.!?\n]*)")
_SET_STATUS = said(r"\b(?:set|change|update|put)\b.*\bstatus\b|^\W*status:")
_MOOD = said(
    r"(?<!you )(?<!i )(?<!they )(?<!not )(?<!don't )\b(?:look|be|act|pretend to be)"
    r" (?:more |a bit |very |so )?(?P<mood>happy|sad|angry|cross|tired|merry|calm|worried|surprised"
    r"|proud|stern|sleepy|afraid|cheerful|serious|laughing|amused|alarmed|curious|intrigued|usual"
    r"|normal)\b"
)
_SMILE = said(r"\b(?:smile|laugh|cheer up)\b")
# Words for moods that are near one another: the one that the character has is taken.
_NEAR = (
    {"happy", "merry", "cheerful", "laughing", "amused", "proud"},
    {"worried", "sad", "afraid", "alarmed", "tired"},
    {"surprised", "curious", "intrigued"},
    {"stern", "angry", "cross", "serious"},
)
_EARLIER = said(
    r"\b(?:answer|reply to|back to|return to)\b.*?\b(?P<by>\w+) (?:said|asked|wrote|told \w+)\b"
    r"(?: \w+)? (?:about|of) (?:the )?(?P<what>[\w' -]+)"
)
_QUOTED = re.compile(r"[“\"](?P<words>[^”\"\n]{2,80})[”\"]")
_BREAK = re.compile(r"\s*(?:,|;|/|\bor\b)\s*")
_QUOTE = 80
_SHORT = 55  # Discord's longest answer of a poll


def wanted(talk: Talk) -> list[Call]:
    """Every tool that the words ask for, in the order in which they should be called."""
    text = talk.text
    if QUIET.search(text):
        return [("skip", {"reason": "asked to be quiet"})]
    found = [call for call in (maker(talk) for maker in _MAKERS) if call is not None]
    if found or talk.last.by_character:
        return found
    emoji = _asked_sign(talk) or next(
        (sign for pattern, sign in _SIGNS if pattern.search(text)), ""
    )
    emoji = emoji or ("👋" if greeted_in(text) is not None else "")
    return [("react", {"emoji": emoji})] if emoji else []


def _asked_sign(talk: Talk) -> str:
    """The emoji to react with: the one in the words or the one named there, else any."""
    asked = REACT.search(talk.text)
    if asked is None:
        return ""
    if (sign := _SIGN.search(talk.text)) is not None:
        return sign[0]
    named = (emoji for word, emoji in _NAMED_SIGNS.items() if word in talk.text.lower())
    return next(named, "") or _ANY_SIGN[len(talk.own) % len(_ANY_SIGN)]


def _reply_to(talk: Talk) -> Call | None:
    asked = _EARLIER.search(talk.text)
    quote = talk.earlier(asked["what"], asked["by"]) if asked is not None else ""
    return ("reply_to", {"quote": quote}) if quote else None


def _poll(talk: Talk) -> Call | None:
    asked = _POLL.search(talk.text)
    if asked is None and not _A_POLL.search(talk.text):
        return None
    question, answers = choices(asked["what"] if asked is not None else "")
    return "poll", {"question": question, "answers": answers}


def choices(what: str) -> tuple[str, list[str]]:
    """A question and its answers: “tea or ale?”, “what to drink? tea, ale”, or yes and no."""
    flat = " ".join(what.split()).strip("“”\"' ")
    head, mark, tail = flat.partition("?")
    question, listed = (f"{head}?", tail) if mark and tail.strip(" .") else (flat, head)
    answers = [one.strip(" .?!“”\"'")[:_SHORT] for one in _BREAK.split(listed)]
    answers = list(dict.fromkeys(one for one in answers if one))[:10]
    if len(answers) < 2:
        answers = ["Yes", "No"]
    question = question.rstrip(" .?!:") or "What do you say"
    return question[0].upper() + question[1:299] + "?", answers


def _open_thread(talk: Talk) -> Call | None:
    asked = _THREAD.search(talk.text)
    if asked is None:
        return None
    about = _ABOUT.search(asked["rest"])
    name = about["what"].strip(" “”\"'") if about is not None else "A word apart"
    return "open_thread", {"name": name[:1].upper() + name[1:80]}


def _pin(talk: Talk) -> Call | None:
    if not _PIN.search(talk.text):
        return None
    words = _QUOTED.search(talk.text)
    quote = words["words"] if words is not None else talk.before.split("\n")[0][:_QUOTE].strip()
    return "pin", {"quote": quote} if quote else {}


def _send_file(talk: Talk) -> Call | None:
    if not _FILE.search(talk.text):
        return None
    told = talk.own[-1] if talk.own else "\n".join(talk.told_before)
    body = told or f"Nothing was said yet that is worth keeping, says {talk.name}."
    return "send_file", {"name": "notes.md", "text": f"# Notes by {talk.name}\n\n{body}\n"}


def _whisper(talk: Talk) -> Call | None:
    if not _WHISPER.search(talk.text):
        return None
    return "whisper", {"text": f"Between us, {talk.caller}: the spare key hangs behind the clock."}


def _set_status(talk: Talk) -> Call | None:
    if not _SET_STATUS.search(talk.text):
        return None
    asked = _STATUS.search(talk.text)
    return "set_status", {"text": asked["what"].strip()[:100] if asked is not None else ""}


def _set_mood(talk: Talk) -> Call | None:
    asked = _MOOD.search(talk.text)
    if asked is None:
        return (
            ("set_mood", {"mood": _own_mood(talk, "happy")}) if _SMILE.search(talk.text) else None
        )
    mood = asked["mood"].lower()
    return "set_mood", {"mood": "" if mood in {"usual", "normal"} else _own_mood(talk, mood)}


def _own_mood(talk: Talk, mood: str) -> str:
    """The mood if the character has it, else one near to it that it has, else the one asked for:
    the tool then says which there are."""
    near = next((words for words in _NEAR if mood in words), set())
    has = [one for one in talk.moods if one in near]
    return mood if mood in talk.moods or not has else has[0]


def _roll(talk: Talk) -> Call | None:
    if COIN.search(talk.text):
        return "roll_dice", {"expression": "d2"}
    if (number := _NUMBER.search(talk.text)) is not None:
        return "roll_dice", {"expression": f"d{max(2, int(number['most'] or 10))}"}
    if not _ROLL.search(talk.text):
        return None
    dice = _DICE.search(talk.text)
    return "roll_dice", {"expression": dice.group().strip() if dice else "d20"}


def _time(talk: Talk) -> Call | None:
    return ("current_time", {"timezone": zone(talk.text)}) if _TIME.search(talk.text) else None


def zone(text: str) -> str:
    """The zone of “… in Paris?”; UTC when none is named or known."""
    named = _PLACE.search(text)
    if named is None:
        return "UTC"
    city = named[1].strip().replace(" ", "_").casefold()
    zones = sorted(available_timezones())
    return next((one for one in zones if one.casefold().endswith(f"/{city}")), "UTC")


# One emoji, with what makes it a coloured one or joins it to others.
_SIGN = re.compile(
    "[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]?"
    "(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?)*"
)
_NAMED_SIGNS = {
    word: sign
    for sign, words in (
        ("👍", "thumb like"),
        ("❤️", "heart love"),
        ("🔥", "fire"),
        ("😄", "laugh smile"),
        ("⭐", "star"),
        ("👀", "eyes"),
        ("👏", "clap"),
        ("🎉", "party"),
        ("🚀", "rocket"),
        ("😢", "cry sad"),
    )
    for word in words.split()
}
_ANY_SIGN = ("👍", "✨", "👀", "🔥")
_SIGNS = (
    (THANKS, "❤️"),
    (said(r"\b(?:birthday|congratulat\w*|congrats)\b"), "🎉"),
    (said(r"^\W*(?:(?:ha){2,}h?|lo+l|lmao)\b"), "😄"),
    (said(r"\bgood bot\b|\bi (?:love|like) you\b|\bwell done\b"), "❤️"),
    (HELLO, "👋"),
)
# Moods and links first: they change how the words that follow are shown.
_MAKERS = (
    *(_reply_to, _set_mood, _set_status, _poll, _open_thread, _pin),
    *(_send_file, _whisper, _roll, _time),
)
