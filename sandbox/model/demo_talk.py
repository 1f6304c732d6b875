"""What a scripted character understands of the talk: who speaks, and what they once told it.

Reads the transcript form leniently: a header at the left edge, indented lines below. Text
without any header is taken as one person's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.model.request import Request

_HEADER = re.compile(r"^\[(?P<fields>[^\[\]]+)\]\s*$")
_ROOM_RULES = re.compile(r"^# The room\b", re.MULTILINE)
_SELF = re.compile(r"\bYou are (?P<self>[^.!?]+)")
_STOP = r"(?=[.,;!?\n]|\s+(?:and|but|so|please)\b|$)"


def said(pattern: str) -> re.Pattern[str]:
    """A pattern for what people say: in capitals or not, over lines."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_NAME = said(rf"\b(?:my name is|call me|i am called|i'm called) (?P<name>\w[\w' -]*?){_STOP}")
_KEEP = said(r"\b(?:remember|don't forget|note)(?: that|:)? (?P<fact>[^?\n]+?)[.!]*$")
_MINE = said(
    rf"\bmy (?P<thing>[\w' -]+?) (?:is|are|was) (?:called |named )?(?P<value>[^?\n]+?){_STOP}"
)
_ASKING = said(r"^\s*(?:what|who|how|when|where|why|which|do|does|did|can|could|is|are)\b")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance: `who` identifies the speaker (a number, if the header has one)."""

    who: str
    name: str
    text: str


class Talk:
    """One request as the character understands it."""

    def __init__(self, request: Request) -> None:
        self.persona = _ROOM_RULES.split(request.instructions)[0]
        heard = [one for role, text in request.messages if role == "user" for one in spoken(text)]
        self._said = heard or [Spoken("", "friend", "")]
        self.last = self._said[-1]
        self.text = _without_address(self.last.text, self.name)

    @property
    def name(self) -> str:
        """The character's, by its persona."""
        return re.split(r",|\s(?:who|the|an?)\s", self._self)[0].strip() or "nobody"

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
        return next(reversed(list(_facts(self.text))), "")

    @property
    def told_before(self) -> list[str]:
        """Every fact that the speaker has told, oldest first, each once."""
        return list(dict.fromkeys(fact for one in self._own() for fact in _facts(one)))

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

    @property
    def _self(self) -> str:
        found = _SELF.search(self.persona)
        return " ".join(found["self"].split()) if found else ""

    def _own(self) -> Iterator[str]:
        return (
            _without_address(one.text, self.name) for one in self._said if one.who == self.last.who
        )


def spoken(text: str) -> list[Spoken]:
    """The utterances in one user message, oldest first."""
    found: list[tuple[str, str, list[str]]] = []
    for line in text.split("\n"):
        header = _HEADER.match(line)
        if header is not None:
            fields = [field.strip() for field in header["fields"].split("·")]
            number = fields[1] if len(fields) > 1 else fields[0]
            found.append((number, fields[0], []))
        else:
            if not found:
                found.append(("", "friend", []))
            found[-1][2].append(line.removeprefix("  "))
    return [Spoken(who, name, "\n".join(lines).strip()) for who, name, lines in found]


def _facts(text: str) -> Iterator[str]:
    """Facts in an utterance, in the second person: “your name is Ann”."""
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
