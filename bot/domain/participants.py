"""The participants of the talk in a model's prompt. Owns the comparison of their names.

A model that imitates the transcript writes names of other participants and snowflakes of people.
Both are recognised by the prompt's content, not by their form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeVar

from bot.domain.character import Character
from bot.domain.sanitizing import clean_name
from bot.domain.utterance import SpeakerKind, Utterance

# Participants to keep, the newest: models invent lines mostly for recent speakers.
PARTICIPANTS_KEPT: Final = 300
_MARKDOWN: Final = re.compile(r"[*_~`\\]+")
# Remarks in brackets after a name: `Kai (character) (replying to Mira)`, `Ben [he/him]`.
_ASIDES: Final = re.compile(r"(?:\s*[(\[][^()\[\]]*[)\]]){0,2}\s*[(\[][^()\[\]]*[)\]]?\s*\Z")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Named(Enum):
    """To whom a name belongs."""

    OWN = "own"
    """The character itself."""
    OTHER = "other"
    """Another participant."""


def fold(name: str) -> str:
    """Return `name` for comparison: no case, Markdown, double spaces or invisible characters."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
        name = "".join(char for char in name if unicodedata.category(char) not in ("Cf", "Cc"))
    return " ".join(_MARKDOWN.sub("", name).casefold().split())


@dataclass(frozen=True, slots=True)
class Participants:
    """The character and everybody else in its model's prompt."""

    own: frozenset[str]
    """The character's names, folded."""
    others: Mapping[str, None] = field(default_factory=lambda: MappingProxyType({}))
    """Names of the others, folded, the latest speaker last. An ordered set."""
    people: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    """Display names of people, by snowflake."""

    @classmethod
    def of(cls, character: Character) -> Participants:
        """Return participants with only the character."""
        names = (*character.names, *map(clean_name, character.names))
        return cls(frozenset(filter(None, map(fold, names))))

    def meeting(self, talk: Iterable[Utterance]) -> Participants:
        """Return these participants plus each author, and each addressee of a reply, in `talk`."""
        others, people = dict(self.others), dict(self.people)
        shown: dict[str, None] = {}
        for said in talk:
            for name in filter(None, (said.reply_to_name, said.speaker.name)):
                _put_last(shown, name, None)
            if said.speaker.kind is SpeakerKind.PERSON:
                _put_last(people, said.speaker.id, said.speaker.name)
        # Few people say many lines, so each name is folded once: as people see it, and as the
        # prompt spells it.
        for name in shown:
            for folded in (fold(name), fold(clean_name(name))):
                if folded not in self.own and _can_be_label(folded):
                    _put_last(others, folded, None)
        return Participants(self.own, _newest(others), _newest(people))

    def named(self, name: str) -> Named | None:
        """Return who is called `name`, ignoring asides after it: `Mira (smiling)`."""
        folded = fold(name)
        bare = _ASIDES.sub("", folded) if "(" in folded or "[" in folded else folded
        if folded in self.own or bare in self.own:
            return Named.OWN
        return Named.OTHER if folded in self.others or bare in self.others else None


def _put_last(kept: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    kept.pop(key, None)
    kept[key] = value


def _newest(kept: dict[_Key, _Value]) -> Mapping[_Key, _Value]:
    return MappingProxyType(dict(list(kept.items())[-PARTICIPANTS_KEPT:]))


def _can_be_label(folded: str) -> bool:
    """Return whether a name may label speech: even for a user called 1, `1: first` is a list."""
    return bool(folded) and not folded.isdigit()
