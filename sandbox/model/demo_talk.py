"""What a scripted character understands of the talk: who speaks to it, and what they once told it.

Reads the transcript form leniently: a header at the left edge, indented lines below. Text
without any header is taken as one person's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.model.request import Picture, Request

_HEADER = re.compile(r"^\[(?P<fields>[^\[\]]+ · [^\[\]]+)\]\s*$")
_NOTE = re.compile(r"^\[(?P<note>[^\[\]]+)\]\s*$")
_ATTACHED = re.compile(r"^attached (?P<name>[^()]+) \((?P<kind>[^()]+)\)$")
_ROOM_RULES = re.compile(r"^# The room\b", re.MULTILINE)
_SELF = re.compile(r"\bYou are (?P<self>[^.!?]+)")
_STOP = r"(?=[.,;!?\n]|\s+(?:and|but|so|please)\b|$)"
_BAR = "| "
_FACT_SHOWN = 200


def said(pattern: str) -> re.Pattern[str]:
    """A pattern for what people say: in capitals or not, over lines."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_NAME = said(rf"\b(?:my name is|call me|i am called|i'm called) (?P<name>\w[\w' -]*?){_STOP}")
_KEEP = said(r"\b(?:remember|don't forget|note)(?: (?:that|this)\b)?:? (?P<fact>[^?\n]+?)[.!]*$")
_MINE = said(
    rf"\bmy (?P<thing>[\w' -]+?) (?:is|are|was) (?:called |named )?(?P<value>[^?\n]+?){_STOP}"
)
# “Remember it”: what was said before is meant.
_KEEP_THAT = said(
    r"\b(?:remember|don't forget|note|keep)(?: in mind)? (?:it|this|that|what i (?:just )?said)"
    r"(?: please| for me| down)?\W*$"
)
_ASKING = said(r"^\s*(?:what|who|how|when|where|why|which|do|does|did|can|could|is|are)\b")
_OF_PICTURES = said(r"\b(?:pictures?|images?|photos?|maps?|look|see|this)\b")
_MOODS = re.compile(r"\bYour moods are (?P<moods>[^:.]+)")
_GO_ON = said(r"\bgo on where you stopped\b")


@dataclass(frozen=True, slots=True)
class File:
    """A file beside an utterance; `text` is what the transcript quotes of it, if anything."""

    name: str
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance: `who` identifies the speaker (a number, if the header has one)."""

    who: str
    name: str
    text: str
    files: tuple[File, ...] = ()

    @property
    def by_character(self) -> bool:
        """Whether another character said it."""
        return self.who.startswith("character")


class Talk:
    """One request as the character understands it. `before` is what was said just above."""

    def __init__(self, request: Request) -> None:
        self.persona = _ROOM_RULES.split(request.instructions)[0]
        told = [text for role, text in request.messages if role == "user"]
        self._said = [one for text in told for one in spoken(text)] or [Spoken("", "friend", "")]
        heard = spoken(told[-1]) if told else self._said
        self.last, first = self._meant(heard)
        self.text = _without_address(self.last.text, self.name)
        self.goes_on = bool(told) and any(_GO_ON.search(one) for one in notes(told[-1]))
        self.own = request.own_texts
        above = heard[: heard.index(first)] if first in heard else []
        self.before = above[-1].text if above else _latest(request)
        self.pictures = self._meant_pictures(request.pictures)
        moods = _MOODS.search(request.instructions)
        self.moods = [one.strip() for one in moods["moods"].split(",")] if moods else []

    def _meant(self, heard: list[Spoken]) -> tuple[Spoken, Spoken]:
        """Which of the latest utterances asks for an answer, and where it begins: a person's call
        with what the same person said on; a character's call; else what a person said last."""
        people = [one for one in heard if not one.by_character]
        calls = [one for one in people if self.is_called(one.text)]
        if calls:
            return _with_what_follows(calls[-1], heard), calls[-1]
        last = heard[-1] if heard else self._said[-1]
        if people and not self.is_called(last.text):
            last = people[-1]
        return last, last

    def _meant_pictures(self, shown: tuple[Picture, ...]) -> tuple[Picture, ...]:
        """Those beside the words that ask; without files there, earlier ones if they are named."""
        own = sum(file.kind.startswith("image/") for file in self.last.files)
        if own or self.last.files:
            return shown[len(shown) - own :]
        return shown if _OF_PICTURES.search(self.last.text) else ()

    def is_called(self, text: str) -> bool:
        """Whether `text` names the character by `@`."""
        return said(rf"@{re.escape(self.name)}\b").search(text) is not None

    @property
    def name(self) -> str:
        """The character's, by its persona."""
        return re.split(r",|\s(?:who|the|an?)\s", self._self)[0].strip() or "nobody"

    @property
    def others(self) -> list[str]:
        """The other characters that were heard here, the latest first."""
        names = [one.name for one in reversed(self._said) if one.by_character]
        return [name for name in dict.fromkeys(names) if name != self.name]

    @property
    def speakers(self) -> list[str]:
        """Everybody who was heard here, people and characters, each once."""
        return list(dict.fromkeys(one.name for one in self._said))

    @property
    def introduction(self) -> str:
        """The persona's first sentence, said by the character."""
        if not self._self:
            return "I am only passing through."
        turned = re.sub(r"\byour\b", "my", f"I am {self._self}.")
        turned = re.sub(r"\b(of|for|to|with|by|at|around) you\b", r"\1 me", turned)
        return re.sub(r"\byou\b", "I", turned)

    @property
    def caller(self) -> str:
        """What to call the speaker: the name they asked for, else the one they show."""
        return self.asked_name or self.last.name

    @property
    def asked_name(self) -> str:
        """The name that the speaker has told, the latest; empty when none."""
        names = [found["name"] for one in self._own() for found in _NAME.finditer(one)]
        return names[-1].strip() if names else ""

    @property
    def told_now(self) -> str:
        """A fact in the last utterance, turned to the character's view; empty when none."""
        if self.last.by_character:
            return ""
        before = self.said_before or self.before
        return next(reversed(list(_facts(self.text, before))), "")

    @property
    def said_before(self) -> str:
        """What the speaker said before these words; empty when they said nothing."""
        own = list(self._own())
        return own[-2] if len(own) > 1 else ""

    @property
    def told_before(self) -> list[str]:
        """Every fact that the speaker has told, oldest first, each once."""
        own = list(self._own())
        told = (
            fact
            for before, one in zip(["", *own], own, strict=False)
            for fact in _facts(one, before)
        )
        facts = list(dict.fromkeys(told))
        # “Your cat is called Tom” goes without saying beside all that was told of it.
        return [
            fact for fact in facts if not any(fact in other and fact != other for other in facts)
        ]

    def value_of(self, thing: str) -> str:
        """What the speaker said that their `thing` is; empty when they did not."""
        wanted = thing.strip().lower()
        found = [
            match["value"].strip()
            for one in self._own()
            if not _ASKING.match(one)
            for match in _MINE.finditer(one)
            if match["thing"].strip().lower() == wanted
        ]
        return found[-1] if found else ""

    def earlier(self, thing: str, by: str) -> str:
        """The beginning of what `by` (a name, or “I”) said of a thing; empty when nothing was."""
        wanted, name = thing.strip().lower(), by.lower()
        name = self.last.name.lower() if name == "i" else name
        found = [
            one.text
            for one in self._said
            if one.text != self.last.text
            and wanted in one.text.lower()
            and one.name.lower() == name
        ]
        return found[-1].split("\n")[0][:80].strip() if found else ""

    def lately(self, count: int = 2) -> list[str]:
        """What the talk is about: what a person said last, then what anybody else did."""
        latest = self._said[::-1]
        people = [one.text for one in latest if not one.by_character]
        return [*people[:1], *(one.text for one in latest[:count])]

    @property
    def _self(self) -> str:
        found = _SELF.search(self.persona)
        return " ".join(found["self"].split()) if found else ""

    def _own(self) -> Iterator[str]:
        return (
            _without_address(one.text, self.name) for one in self._said if one.who == self.last.who
        )


def _with_what_follows(call: Spoken, heard: list[Spoken]) -> Spoken:
    """A call and the lines that the same person wrote after it, as long as they name nobody."""
    after = heard[heard.index(call) + 1 :]
    more = [one for one in after if one.who == call.who and "@" not in one.text]
    text = "\n".join(one.text for one in (call, *more))
    return Spoken(call.who, call.name, text, sum((one.files for one in more), call.files))


def _latest(request: Request) -> str:
    """What was said last above the last user message, by anybody; empty when nothing was."""
    told = [(role, text) for role, text in request.messages if role in ("user", "assistant")]
    while told and told.pop()[0] != "user":
        pass
    role, text = told[-1] if told else ("", "")
    heard = spoken(text) if role == "user" else []
    return heard[-1].text if heard else text


def notes(text: str) -> list[str]:
    """What the room itself says in one user message: bracketed lines that head no utterance."""
    found = (_NOTE.match(line) for line in text.split("\n") if not _HEADER.match(line))
    return [one["note"] for one in found if one is not None]


def spoken(text: str) -> list[Spoken]:
    """The utterances in one user message, oldest first."""
    found: list[tuple[list[str], list[str]]] = []
    for line in text.split("\n"):
        header = _HEADER.match(line)
        if header is not None:
            found.append(([field.strip() for field in header["fields"].split(" · ")], []))
        elif _NOTE.match(line) is None:
            if not found:
                found.append((["friend", ""], []))
            found[-1][1].append(line.removeprefix("  "))
    return [_utterance(fields, lines) for fields, lines in found]


def _utterance(fields: list[str], lines: list[str]) -> Spoken:
    name, number = fields[0], fields[1]
    who = f"character {name}" if number == "character" else number
    attached = [one for one in map(_ATTACHED.match, fields) if one is not None]
    quoted = {one["name"]: _quoted(lines, one["name"]) for one in attached}
    files = tuple(File(one["name"], one["kind"], quoted[one["name"]]) for one in attached)
    titles = {f"{file.name}:" for file in files if file.text}
    own = [line for line in lines if not line.startswith(_BAR) and line not in titles]
    return Spoken(who, name, "\n".join(own if files else lines).strip(), files)


def _quoted(lines: list[str], name: str) -> str:
    """The lines of a file that stand below its name, without their bars."""
    if f"{name}:" not in lines:
        return ""
    found = []
    for line in lines[lines.index(f"{name}:") + 1 :]:
        if not line.startswith(_BAR.rstrip()):
            break
        found.append(line.removeprefix(_BAR))
    return "\n".join(found)


def _facts(text: str, before: str = "") -> Iterator[str]:
    """Facts in an utterance, in the second person: “your name is Ann”. `before` is what was said
    above it, which “remember that” means.
    """
    if _KEEP_THAT.search(text):
        if before.strip():
            yield _to_you(" ".join(before.split()).rstrip(".!")[:_FACT_SHOWN])
        return
    if _ASKING.match(text):
        return
    name = _NAME.search(text)
    if name is not None:
        yield f"your name is {name['name'].strip()}"
    keep = _KEEP.search(text)
    if keep is not None:
        yield _to_you(keep["fact"].strip())
        return
    for mine in _MINE.finditer(text):
        if mine["thing"].strip().lower() != "name":
            yield _to_you(mine.group().strip())


def _to_you(fact: str) -> str:
    turned = {"my": "your", "i": "you", "me": "you", "mine": "yours", "i'm": "you are", "am": "are"}
    return re.sub(r"[A-Za-z']+", lambda word: turned.get(word[0].lower(), word[0]), fact)


def _without_address(text: str, name: str) -> str:
    """Without `@Mira` or `Mira,` in front: being addressed is not what was said."""
    return said(rf"^\s*(?:@[\w-]+|{re.escape(name)}(?=[\s,:!]))[\s,:]*").sub("", text)
