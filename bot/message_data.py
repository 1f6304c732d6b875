"""Messages to people as data: an id and typed values, without text in any language.

A `Fixed` message has no values; a `Filled` message is a small class whose fields are its values.
`bot.messages` renders a message by its id, in a given language.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final, dataclass_transform, get_type_hints

MESSAGE_LIMIT: Final = 2_000
"""Discord's limit for a message, in code points; other places have limits of their own."""


class Markup(str):
    """A value of our own that contains Discord's markup: rendered unescaped."""

    __slots__ = ()


class Message:
    """The base class of both kinds."""

    limit: int
    """Discord's limit where this message is shown, in code points."""

    @property
    def key(self) -> str:
        """The id of the message's text in a catalogue."""
        raise NotImplementedError

    def values(self) -> dict[str, object]:
        """Return the values of the text's placeholders, by name."""
        return {}

    def __str__(self) -> str:
        """Return the id and the values, for logs."""
        return " ".join([self.key, *(f"{name}={value}" for name, value in self.values().items())])


@dataclass(frozen=True, slots=True, repr=False)
class Fixed(Message):
    """A message without values."""

    id: str
    limit: int = MESSAGE_LIMIT

    @property
    def key(self) -> str:
        """The message's id."""
        return self.id


@dataclass_transform(frozen_default=True)
class Filled(Message):
    """The base class of messages with values: a subclass is a frozen dataclass.

    `class CastFull(Filled, id="cast.full"): most: int` has the text `cast.full`. With
    `by="reason"` the field `reason`, an enum, selects one of the texts `<id>.<value>`.
    """

    id: ClassVar[str] = ""
    by: ClassVar[str] = ""
    """The name of the field that selects the text; empty if there is a single text."""
    without: ClassVar[tuple[StrEnum, ...]] = ()
    """Values of the field `by` that never occur, and have no text."""

    def __init_subclass__(
        cls,
        *,
        id: str,  # noqa: A002 the field's word
        by: str = "",
        without: tuple[StrEnum, ...] = (),
        limit: int = MESSAGE_LIMIT,
    ) -> None:
        super().__init_subclass__()
        cls.id, cls.by, cls.without, cls.limit = id, by, without, limit
        dataclass(frozen=True, repr=False)(cls)

    @property
    def key(self) -> str:
        """The id, with the value that selects the text."""
        return f"{self.id}.{getattr(self, self.by).value}" if self.by else self.id

    def values(self) -> dict[str, object]:
        """Return the fields by name, except the field that selects the text."""
        return {name: getattr(self, name) for name in self.field_names() if name != self.by}

    @classmethod
    def field_names(cls) -> list[str]:
        """Return the names of the fields, in order."""
        return [field.name for field in fields(cls)]  # type: ignore[arg-type]  # a dataclass, above

    @classmethod
    def text_ids(cls) -> list[str]:
        """Return the ids of all texts that this message can have."""
        if not cls.by:
            return [cls.id]
        choices: type[StrEnum] = cls.field_types()[cls.by]
        return [f"{cls.id}.{choice.value}" for choice in choices if choice not in cls.without]

    @classmethod
    def field_types(cls) -> dict[str, Any]:
        """Return the types of the fields, by name."""
        hints = get_type_hints(cls)
        return {name: hints[name] for name in cls.field_names()}
