"""Who else takes part in the talk that a model was told. Owns the comparison of names.

A model that copies the transcript writes the names of others, and the numbers of people. Both are
recognised by what the model was told, not by how they look.
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

# The newest are kept: a model writes for those who spoke lately.
PARTICIPANTS_KEPT: Final = 300
_MARKDOWN: Final = re.compile(r"[*_~`\\]+")
# Who that is, and what about the message: `Kai (character) (replying to Mira)`, `Ben [he/him]`.
_ASIDES: Final = re.compile(r"(?:\s*[(\[][^()\[\]]*[)\]]){0,2}\s*[(\[][^()\[\]]*[)\]]?\s*\Z")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Named(Enum):
    """Whom a name belongs to."""

    OWN = "own"
    """The character itself."""
    OTHER = "other"
    """Somebody else who takes part."""


def fold(name: str) -> str:
    """A name as it is compared: without case, Markdown, doubled spaces and what nobody sees."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
        name = "".join(char for char in name if unicodedata.category(char) not in ("Cf", "Cc"))
    return " ".join(_MARKDOWN.sub("", name).casefold().split())


@dataclass(frozen=True, slots=True)
class Participants:
    """The character itself, and everybody else that its model was told of."""

    own: frozenset[str]
    """What the character answers to, folded."""
    others: Mapping[str, None] = field(default_factory=lambda: MappingProxyType({}))
    """How the others are called, folded; who spoke last stands last."""
    people: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    """The snowflakes of people, and the names that they are shown by."""

    @classmethod
    def of(cls, character: Character) -> Participants:
        """Nobody but the character."""
        names = (*character.names, *map(clean_name, character.names))
        return cls(frozenset(filter(None, map(fold, names))))

    def meeting(self, talk: Iterable[Utterance]) -> Participants:
        """These, and everybody who said or is answered by anything in `talk`."""
        others, people = dict(self.others), dict(self.people)
        shown: dict[str, None] = {}
        for said in talk:
            for name in filter(None, (said.reply_to_name, said.speaker.name)):
                _put_last(shown, name, None)
            if said.speaker.kind is SpeakerKind.PERSON:
                _put_last(people, said.speaker.id, said.speaker.name)
        # Few people say many lines: each name is folded once, as people see it and as the model
        # was told.
        for name in shown:
            for folded in (fold(name), fold(clean_name(name))):
                if folded not in self.own and _can_be_a_label(folded):
                    _put_last(others, folded, None)
        return Participants(self.own, _newest(others), _newest(people))

    def named(self, name: str) -> Named | None:
        """Whom `name` names, with or without asides behind it: `Mira (smiling)`."""
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


def _can_be_a_label(folded: str) -> bool:
    """`1: first` is a list, whoever calls himself 1."""
    return bool(folded) and not folded.isdigit()
