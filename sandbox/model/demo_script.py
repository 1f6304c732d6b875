"""A small scripted roleplay model for the demo: greets, remembers, rolls, tells time, skips.

Pure rules and no learning; it says so when asked. What it reports of tools is what they gave.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from sandbox.model.demo_talk import Talk, said
from sandbox.model.demo_voices import Voice, voice_for
from sandbox.model.request import Request
from sandbox.model.steps import Rule, Step, call, say

WORD_DELAY = 0.03  # seconds between words: about as fast as a real model
LONG_ANSWER = 3_000  # characters, over Discord's 2,000 for one message
LONGEST_ANSWER = 12_000

_REAL = said(
    r"\b(?:are|r) (?:you|u) (?:\w+ ){0,3}?(?:real|human|person|bot|ai|robot|alive|scripted|llm|gpt"
    r"|chatgpt|model)\b|\bis this (?:a )?(?:real|scripted|fake|ai)\b|\breal (?:ai|model|person)\b"
)
_QUIET = said(
    r"\b(?:be (?:quiet|silent)|hush|shush|say nothing|nothing to say|stay (?:silent|quiet)"
    r"|(?:don't|do not|no need to) (?:answer|reply|respond))\b"
)
_ROLL = said(r"\b(?:roll|throw|dice)\b|\b\d*d\d+\b")
_DICE = said(r"\d*d(?:\d+|%)(?:[kd][hl]\d*)?(?:\s*[+-]\s*\d*d?\d+)*(?:\s+(?:adv|dis)\b)?")
_TIME = said(r"\bwhat(?:'s| is)? (?:the )?(?:time|date|day)\b|\btime is it\b")
_PLACE = said(r"\bin ([a-z_/ ]+?)\s*[?.!]*$")
_MY_NAME = said(r"\bwhat(?:'s| is) my name|\bwho am i\b|\b(?:remember|know) my name\b")
_MY_THING = said(r"\bwhat(?:'s| is| was| are) my (?P<thing>[\w' -]+)")
_RECALL = said(
    r"\bwhat (?:did|have) i (?:tell|told|say|said)|\bwhat do you (?:remember|know about me)"
    r"|\bdo you remember\b|\bwhat should you remember\b"
)
_LONG = said(
    r"\b(?:write|tell|give|show)\b.*\b(?:long|story|essay|code|program|tale)\b"
    r"|\blong (?:answer|story)\b"
)
_SIZE = said(r"\b(\d[\d,. ]*)\s*characters?\b")
_HELLO = said(r"^\W*(?:hi|hello|hey|hail|greetings|good (?:morning|day|evening|afternoon))\b")
_THANKS = said(r"\b(?:thanks|thank you|thx|cheers)\b")
_BYE = said(r"\b(?:bye|goodbye|good night|farewell|see you)\b")
_WHO = said(r"\bwho are you\b|\bwhat(?:'s| is) your name\b|\babout yourself\b")
_HELP = said(r"\bwhat can you do\b|^\W*help\W*$")

SCRIPTED = (
    "Honestly? I am scripted: a handful of rules on this machine speak as {name}, there is no AI "
    "behind me here. Log in with `codex login`, or set CODEX_BASE_URL and CODEX_API_KEY, and run "
    "`python -m bot`: then a real model plays me."
)
HELP = (
    "Greet or thank me, tell me your name or ask me to remember something, and ask for it later. "
    "Ask me to roll 2d6+1, what time it is, for a long story with code, or to be quiet. I am "
    "scripted, so much else goes over my head."
)
CODE = '''```python
def lanterns(night: int) -> list[str]:
    """Which lanterns burn, house by house."""
    lit = []
    for house in range(1, night + 1):
        if night % house == 0:
            lit.append(f"house {house}")
    return lit


for night in range(1, 13):
    print(night, lanterns(night))
```'''


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line is made from."""

    talk: Talk
    voice: Voice

    def fill(self, phrase: str, what: str = "") -> str:
        """The phrase with names in it."""
        return phrase.format(who=self.talk.caller, what=what, name=self.talk.name)

    def pick(self, phrases: tuple[str, ...], what: str = "") -> str:
        """One of them, always the same for the same words."""
        chosen = phrases[zlib.crc32(self.talk.text.encode()) % len(phrases)]
        return self.fill(chosen, what)


def demo_script(delay: float = WORD_DELAY) -> list[Rule]:
    """The script for `ModelServer`; `delay` in seconds between words."""
    return [Rule(then=lambda request: respond(request, delay))]


def respond(request: Request, delay: float = 0.0) -> list[Step]:
    """One answer: a tool call, or words, or nothing after a skip."""
    talk = Talk(request)
    scene = Scene(talk, voice_for(talk.persona))
    done = [output.name for output in request.tool_outputs]
    if "skip" in done:
        return []
    if not done:
        wanted = _tool_for(talk.text)
        if wanted is not None and request.tool(wanted[0]) is not None:
            return [call(*wanted)]
    for output in request.tool_outputs:
        phrase = {"roll_dice": scene.voice.rolled, "current_time": scene.voice.clock}.get(
            output.name
        )
        if phrase is not None:
            return [say(scene.fill(phrase, result_of(output.text)), delay=delay)]
    return [say(words_for(scene), delay=delay)]


def result_of(output: str) -> str:
    """What the tool said, without Codex's lines around it (`Wall time: …`, `Output:`)."""
    return output.split("Output:\n", 1)[-1].strip().rstrip(".")


def words_for(scene: Scene) -> str:
    """What the character says to the last utterance."""
    for pattern, line in _LINES:
        found = pattern.search(scene.talk.text)
        if found is not None:
            return line(scene, found)
    if scene.talk.told_now:
        return scene.fill(scene.voice.told, scene.talk.told_now)
    for pattern, line in _MANNERS:
        found = pattern.search(scene.talk.text)
        if found is not None:
            return line(scene, found)
    if scene.talk.text.rstrip().endswith("?"):
        return scene.pick(scene.voice.musings)
    return scene.pick(scene.voice.echoes, _snippet(scene.talk.text))


def _tool_for(text: str) -> tuple[str, Mapping[str, Any]] | None:
    if _QUIET.search(text):
        return "skip", {"reason": "asked to be quiet"}
    if _REAL.search(text) or _LONG.search(text):
        return None
    if _ROLL.search(text):
        dice = _DICE.search(text)
        return "roll_dice", {"expression": dice.group().strip() if dice else "d20"}
    if _TIME.search(text):
        return "current_time", {"timezone": _zone(text)}
    emoji = next((sign for pattern, sign in _SIGNS if pattern.search(text)), None)
    return None if emoji is None else ("react", {"emoji": emoji})


def _zone(text: str) -> str:
    """The zone of “… in Paris?”; UTC when none is named or known."""
    named = _PLACE.search(text)
    if named is None:
        return "UTC"
    city = named[1].strip().replace(" ", "_").casefold()
    zones = sorted(available_timezones())
    return next((zone for zone in zones if zone.casefold().endswith(f"/{city}")), "UTC")


def _my_name(scene: Scene, _: re.Match[str]) -> str:
    name = scene.talk.asked_name
    if not name:
        return f"You never told me. The others call you {scene.talk.last.name}."
    return scene.fill(scene.voice.recall, f"your name is {name}")


def _my_thing(scene: Scene, found: re.Match[str]) -> str:
    thing = found["thing"].strip()
    value = scene.talk.value_of(thing)
    if not value:
        return _recall(scene, found) if scene.talk.told_before else scene.fill(scene.voice.nothing)
    return scene.fill(scene.voice.recall, f"your {thing} is {value}")


def _recall(scene: Scene, _: re.Match[str]) -> str:
    facts = scene.talk.told_before
    if not facts:
        return scene.fill(scene.voice.nothing)
    return scene.fill(scene.voice.recall, "; ".join(facts))


def _long(scene: Scene, _: re.Match[str]) -> str:
    """A long answer with a block of code, about as many characters as asked for."""
    asked = _SIZE.search(scene.talk.text)
    size = int(re.sub(r"\D", "", asked[1])) if asked else LONG_ANSWER
    size = min(size, LONGEST_ANSWER)
    parts = [scene.fill(scene.voice.opening), CODE]
    count, length = 0, sum(map(len, parts))
    while length < size:
        chapter = count // len(scene.voice.lines) + 1
        line = f"{chapter}.{count % len(scene.voice.lines) + 1} "
        line += scene.voice.lines[count % len(scene.voice.lines)]
        parts.append(line)
        count, length = count + 1, length + len(line) + 2
    return "\n\n".join([*parts, CODE])


def _snippet(text: str) -> str:
    line = " ".join(text.split()).rstrip(".!")
    return line if len(line) <= 60 else line[:57].rsplit(" ", 1)[0] + " …"


_SIGNS = ((_THANKS, "❤️"), (_HELLO, "👋"))
_Line = Callable[[Scene, re.Match[str]], str]
_LINES: tuple[tuple[re.Pattern[str], _Line], ...] = (
    (_REAL, lambda scene, _: scene.fill(SCRIPTED)),
    (_QUIET, lambda _scene, _found: "…"),
    (_HELP, lambda _scene, _found: HELP),
    (_LONG, _long),
    (_MY_NAME, _my_name),
    (_MY_THING, _my_thing),
    (_RECALL, _recall),
    (_WHO, lambda scene, _: scene.talk.introduction),
)
_MANNERS: tuple[tuple[re.Pattern[str], _Line], ...] = (
    (_THANKS, lambda scene, _: scene.pick(scene.voice.thanks)),
    (_BYE, lambda scene, _: scene.pick(scene.voice.bye)),
    (_HELLO, lambda scene, _: scene.pick(scene.voice.hello)),
)
