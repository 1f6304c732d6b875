"""A small scripted roleplay model for the demo: talks, remembers, uses tools, knows its company.

Pure rules and no learning; it says so when asked. What it reports of tools is what they gave.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sandbox.model.demo_asks import ask_of, lines_for
from sandbox.model.demo_languages import greeted_in
from sandbox.model.demo_scene import Memory, Scene
from sandbox.model.demo_sums import sum_in
from sandbox.model.demo_talk import Talk, said
from sandbox.model.demo_tools import COIN, HELLO, QUIET, REACT, THANKS, wanted
from sandbox.model.demo_topics import every_line, lines_about
from sandbox.model.demo_voices import voice_for
from sandbox.model.request import Request, ToolOutput
from sandbox.model.steps import Rule, Step, call, say

WORD_DELAY = 0.03  # seconds between words: about as fast as a real model
LONG_ANSWER = 3_000  # characters, over Discord's 2,000 for one message
LONGEST_ANSWER = 12_000

_REAL = said(
    r"\b(?:are|r) (?:you|u) (?:\w+ ){0,3}?(?:real|human|person|bot|ai|robot|alive|scripted|llm|gpt"
    r"|chatgpt|model)\b"
    r"|\bwho (?:made|created|built|programmed|trained) you\b"
    r"|\bis this (?:a )?(?:real|scripted|fake|ai)\b|\breal (?:ai|model|person)\b"
)
_MY_NAME = said(r"\bwhat(?:'s| is) my name|\bwho am i\b|\b(?:remember|know) my name\b")
_MY_THING = said(r"\bwhat(?:'s| is| was| are) my (?P<thing>[\w' -]+)")
_THE_THING = said(r"\bwhat(?:'s| is| was) (?:the|our) (?P<thing>[\w' -]+)")
_RECALL = said(
    r"\bwhat (?:did|have) i (?:tell|told|say|said)|\bwhat do you (?:remember|know about me)"
    r"|\bdo you remember\b|\bwhat should you remember\b"
)
_LONG = said(
    r"\b(?:write|tell|give|show)\b.*\b(?:long|essay|code|program)\b|\blong (?:answer|story)\b"
)
_LAST_SAID = said(
    r"\bwhat (?:did|have) i (?:just )?(?:say|said|write|written|ask|asked)(?: \w+){0,2}\W*$"
    r"|\bwhat was my last (?:message|question)\b"
)
_EITHER = said(
    r"(?:^|[,:]|\b(?:is it|prefer|like|take|choose|pick|want|go|better)\b)\s*"
    r"(?P<one>[\w'’-]+(?: [\w'’-]+){0,2}),? or (?P<two>[\w'’-]+(?: [\w'’-]+){0,2})\s*\?"
)
_CODE = said(r"\b(?:code|program)\b")
_SIZE = said(r"\b(\d[\d,. ]*)\s*characters?\b")
_BYE = said(r"\b(?:bye|goodbye|good night|farewell|see you)\b")
_WHO = said(r"\bwho are you\b|\bwhat(?:'s| is) your name\b|\babout yourself\b")
_HERE = said(r"\bwho(?:'s| is| else is) (?:else )?(?:here|there|around)\b")
_HELP = said(r"\bwhat (?:can|do) you do\b|\bwhat can i (?:ask|say)\b|^\W*(?:/?help|commands)\W*$")
_ASK_OTHER = said(
    r"\bwhat (?:does|would|might) (?P<one>\w+) (?:think|say|make|know)"
    r"|\b(?:ask|tell|show|talk to|introduce \w+ to) (?P<two>\w+)"
)

SCRIPTED = (
    "Honestly? I am scripted: a handful of rules on this machine speak as {name}, there is no AI "
    "behind me here. Log in with `make login`, or set CODEX_BASE_URL, CODEX_API_KEY and "
    "CODEX_MODEL, and start me with `make demo ARGS=--real-model`: then a real model plays me."
)
HELP = (
    (
        "Greet or thank me, tell me your name or ask me to remember something, and ask for it "
        "later. Ask me to roll 2d6+1, what time it is, for a long story with code, or to be "
        "quiet. I can make a poll, open a thread, pin a message, write things down as a file, "
        "change my status or my mood, and ask the others here. I am scripted, so much else goes "
        "over my head."
    ),
    (
        "Some things to try on me: a joke, a riddle, a poem, `what is 12 * 7?`, `flip a coin`, "
        "`react to this with 🔥`, `remember that my cat is called Tom`, `tea or ale?`, a greeting "
        "in German or Japanese, or a picture to look at. What is not on my list I answer by "
        "guessing."
    ),
    (
        "Ask me for a story, or for one word. Ask what another here thinks, and I pass it on. "
        "Say `look happy`, `set your status to …`, `make a poll: tea or ale?`, `open a thread "
        "about …`. I follow a script, and I say so when you ask whether I am real."
    ),
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


def demo_script(delay: float = WORD_DELAY) -> list[Rule]:
    """The script for `ModelServer`; `delay` in seconds between words."""
    memory = Memory()
    return [Rule(then=lambda request: respond(request, delay, memory.again(request)))]


def respond(request: Request, delay: float = 0.0, again: int = 0) -> list[Step]:
    """One answer: a tool call, or words, or nothing after a skip."""
    talk = Talk(request)
    scene = Scene(talk, voice_for(talk.persona), again)
    done = {output.name for output in request.tool_outputs}
    if "skip" in done:
        return []
    if not (talk.goes_on or _REAL.search(talk.text) or _LONG.search(talk.text)):
        for name, arguments in wanted(talk):
            if name not in done and request.tool(name) is not None:
                return [call(name, arguments)]
    told = [line for one in request.tool_outputs if (line := _told(scene, one))]
    return [say("\n".join(told) or words_for(scene), delay=delay)]


def _told(scene: Scene, output: ToolOutput) -> str:
    """What is said of a tool's answer; empty where the words themselves are the answer."""
    phrases = scene.voice.deeds.get(output.name)
    result = result_of(output.text)
    if phrases is None:
        return ""
    if output.name == "roll_dice" and COIN.search(scene.talk.text):
        return _with(scene, "coin", "heads" if result.endswith("1") else "tails")
    if output.name not in _REPORTED and not _WORKED.search(result):
        return scene.pick(scene.voice.cannot, result)
    return scene.pick(phrases, result)


# These give a result to be told; the others either work, in one of these words, or say why not.
_REPORTED = frozenset({"roll_dice", "current_time"})
_PREFIX = re.compile(r"\AError executing tool \w+: ")
_WORKED = said(
    r"\bis in the room\b|\bis open\b|\bis pinned\b|\bonly they can read\b|\bthey can see\b"
    r"|\bstatus is empty\b|\byou look\b"
)


def result_of(output: str) -> str:
    """What the tool said, without the lines that Codex (`Wall time: …`, `Output:`) and the MCP
    server (`Error executing tool …:`) put in front."""
    return _PREFIX.sub("", output.split("Output:\n", 1)[-1].strip()).rstrip(".")


def words_for(scene: Scene) -> str:
    """What the character says to the utterance that asks for an answer."""
    lines = (way(scene) for way in _WAYS)
    return next(filter(None, lines), "") or _in_company(scene, _small_talk(scene))


def _onward(scene: Scene) -> str:
    if not scene.talk.goes_on:
        return ""
    return scene.fresh(scene.voice.onward) or scene.pick(scene.voice.lines)


def _hand_over(scene: Scene) -> str:
    other = _asked_other(scene)
    return scene.pick(scene.voice.asides, other=other) if other else ""


def _acknowledge(scene: Scene) -> str:
    told = "" if scene.talk.text.rstrip().endswith("?") else scene.talk.told_now
    if told.startswith("your name is") and HELLO.search(scene.talk.text):
        return scene.pick(scene.voice.hello)
    return scene.pick(scene.voice.told, told) if told else ""


def _greet(scene: Scene, found: re.Match[str]) -> str:
    """A greeting, and a word on what was said after the one it answers."""
    more = scene.fresh(lines_about(scene.talk.text[found.end() :], scene.voice.key))
    return f"{scene.pick(scene.voice.hello)} {more}".strip()


def _ask(scene: Scene) -> str:
    """What people try first: a sum, a greeting in another language, a joke."""
    talk, key = scene.talk, ask_of(scene.talk.text)
    if talk.last.by_character or THANKS.search(talk.text):
        return ""
    if (found := sum_in(talk.text)) is not None:
        return _with(scene, "sum", f"{found[0]} = {found[1]}")
    if (tongue := greeted_in(talk.text)) is not None:
        return scene.pick(tongue.lines(scene.voice.key))
    if REACT.search(talk.text):
        return _with(scene, "react")
    if (either := _EITHER.search(talk.text)) is not None:
        return _with(scene, "either", either[1 + scene.number(2, "either")])
    return _with(scene, key)


def _with(scene: Scene, key: str, what: str = "") -> str:
    lines = lines_for(key, scene.voice.key)
    return scene.pick(lines, what) if lines else ""


def _courtesy(scene: Scene) -> str:
    return "" if scene.talk.last.by_character else _by_rule(scene, _MANNERS)


def _by_rule(scene: Scene, rules: Sequence[tuple[re.Pattern[str], _Line]]) -> str:
    for pattern, line in rules:
        found = pattern.search(scene.talk.text)
        if found is not None:
            return line(scene, found)
    return ""


def _small_talk(scene: Scene) -> str:
    talk, voice = scene.talk, scene.voice
    if not talk.text.strip() and (called := _with(scene, "ping")):
        return called
    if talk.last.by_character:
        return _banter(scene)
    if known := scene.fresh(lines_about(talk.text, voice.key)):
        return known
    if talk.text.rstrip().endswith("?"):
        return scene.pick(voice.musings)
    return scene.pick(voice.echoes, _snippet(talk.text))


def _banter(scene: Scene) -> str:
    """A word on what the talk is about; on the one who spoke when all was said of that."""
    about = (scene.fresh(lines_about(one, scene.voice.key)) for one in scene.talk.lately())
    return next(filter(None, about), "") or scene.pick(scene.voice.banter)


def _in_company(scene: Scene, line: str) -> str:
    """Now and then another character is asked as well: rarer when a character has just asked."""
    talk = scene.talk
    asked = talk.text.lower()
    others = [
        one for one in talk.others if one != talk.last.name and f"@{one.lower()}" not in asked
    ]
    rarity = 3 if talk.last.by_character else 2
    if not any(lines_about(one, scene.voice.key) for one in talk.lately()):
        rarity *= 2  # the other has nothing to say of it either
    if not others or scene.number(rarity, "company") != 0:
        return line
    other = others[scene.number(len(others), "whom")]
    return f"{line} {scene.pick(scene.voice.asides, other=other)}"


def _asked_other(scene: Scene) -> str:
    """The character that the words send one to; empty when they name nobody who was heard."""
    found = _ASK_OTHER.search(scene.talk.text)
    name = (found["one"] or found["two"]).lower() if found is not None else ""
    return next((one for one in scene.talk.others if one.lower() == name), "")


def _files(scene: Scene) -> str:
    """What the character makes of pictures (their size) and of text files (their first line)."""
    voice, talk = scene.voice, scene.talk
    told: list[str] = []
    for picture in talk.pictures:
        size = "{} × {} points".format(*picture.size) if picture.size else "of no size I can read"
        told.append(scene.pick(voice.picture, f"{size}, as {picture.content_type or 'a file'}"))
    for file in talk.last.files:
        lines = [line for line in file.text.split("\n") if line.strip()]
        if lines:
            about = f"“{_snippet(lines[0])}”, and {len(lines)} lines in all"
            told.append(scene.pick(voice.page, about, other=file.name))
        elif not talk.pictures:
            told.append(scene.pick(voice.closed, file.kind, other=file.name))
    return " ".join(told)


def _my_name(scene: Scene, _: re.Match[str]) -> str:
    name = scene.talk.asked_name
    if not name:
        return f"You never told me. The others call you {scene.talk.last.name}."
    return scene.pick(scene.voice.recall, f"your name is {name}")


def _my_thing(scene: Scene, found: re.Match[str]) -> str:
    thing = found["thing"].strip()
    value = scene.talk.value_of(thing)
    if not value:
        return _recall(scene, found) if scene.talk.told_before else scene.pick(scene.voice.nothing)
    return scene.pick(scene.voice.recall, f"your {thing} is {value}")


def _the_thing(scene: Scene, found: re.Match[str]) -> str:
    """A thing that they asked to remember, by its name; empty where it is none."""
    thing = f"{found['thing'].strip().lower()} is"
    known = [fact for fact in scene.talk.told_before if thing in fact.lower()]
    return scene.pick(scene.voice.recall, known[-1]) if known else ""


def _recall(scene: Scene, _: re.Match[str]) -> str:
    facts = scene.talk.told_before
    if not facts:
        return scene.pick(scene.voice.nothing)
    return scene.pick(scene.voice.recall, "; ".join(facts))


def _last_said(scene: Scene, found: re.Match[str]) -> str:
    """The speaker's own words before these; else what they told, as a last resort."""
    before = scene.talk.said_before
    return _with(scene, "said", _snippet(before)) if before else _recall(scene, found)


def _who(scene: Scene, _: re.Match[str]) -> str:
    introduction = scene.talk.introduction
    told = any(introduction in text for text in scene.talk.own)
    return (told and _with(scene, "who")) or introduction


def _who_is_here(scene: Scene, _: re.Match[str]) -> str:
    """Everybody whom the character has heard; all that it knows of."""
    heard = [one for one in scene.talk.speakers if one != scene.talk.name]
    return f"{', '.join(heard)} and {scene.talk.name}, as far as I have heard."


def _long(scene: Scene, _: re.Match[str]) -> str:
    """A long answer, about as many characters as asked for; between blocks of code if asked."""
    asked = _SIZE.search(scene.talk.text)
    size = int(re.sub(r"\D", "", asked[1])) if asked else LONG_ANSWER
    size = min(size, LONGEST_ANSWER)
    code = [CODE] if _CODE.search(scene.talk.text) else []
    parts = [scene.pick(scene.voice.opening), *code]
    voice = scene.voice
    lines = [scene.fill(one) for one in (*voice.lines, *every_line(voice.key), *voice.onward)]
    count, length = scene.again, sum(map(len, parts))
    while length < size:
        parts.append(lines[count % len(lines)])
        count, length = count + 1, length + len(parts[-1]) + 2
    return "\n\n".join([*parts, *code])


def _snippet(text: str) -> str:
    line = " ".join(text.split()).rstrip(".!")
    return line if len(line) <= 60 else line[:57].rsplit(" ", 1)[0] + " …"


_Line = Callable[[Scene, re.Match[str]], str]
_LINES: tuple[tuple[re.Pattern[str], _Line], ...] = (
    (_REAL, lambda scene, _: scene.fill(SCRIPTED)),
    (QUIET, lambda _scene, _found: "…"),
    (_HELP, lambda scene, _: scene.pick(HELP)),
    (_LONG, _long),
    (_MY_NAME, _my_name),
    (_MY_THING, _my_thing),
    (_LAST_SAID, _last_said),
    (_RECALL, _recall),
    (_HERE, _who_is_here),
    (_WHO, _who),
    (_THE_THING, _the_thing),
)
_WAYS: tuple[Callable[[Scene], str], ...] = (
    _onward,
    lambda scene: _by_rule(scene, _LINES),
    _files,
    _hand_over,
    _acknowledge,
    _ask,
    _courtesy,
)
_MANNERS: tuple[tuple[re.Pattern[str], _Line], ...] = (
    (THANKS, lambda scene, _: scene.pick(scene.voice.thanks)),
    (_BYE, lambda scene, _: scene.pick(scene.voice.bye)),
    (HELLO, _greet),
)
