"""Messages to people as data: an id and typed values, without a word of any language.

A `Fixed` message has no values; a `Filled` one is a small class whose fields are its values. What
they read like is `bot.messages`' business: it renders a message by its id, in one language.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final, dataclass_transform, get_type_hints

MESSAGE_LIMIT: Final = 2_000
"""Discord's limit for a message, in code points; a text elsewhere has a limit of its own."""


class Markup(str):
    """A value that is ours and holds Discord's markup already: rendered as it is."""

    __slots__ = ()


class Message:
    """The base of both kinds."""

    limit: int
    """The most that Discord takes where this message is shown, in code points."""

    @property
    def key(self) -> str:
        """The id of the text that says this message."""
        raise NotImplementedError

    def values(self) -> dict[str, object]:
        """What stands in the placeholders of the text, by name."""
        return {}

    def __str__(self) -> str:
        """For logs: the id and the values."""
        return " ".join([self.key, *(f"{name}={value}" for name, value in self.values().items())])


@dataclass(frozen=True, slots=True, repr=False)
class Fixed(Message):
    """A message that always reads the same."""

    id: str
    limit: int = MESSAGE_LIMIT

    @property
    def key(self) -> str:
        """Its id."""
        return self.id


@dataclass_transform(frozen_default=True)
class Filled(Message):
    """The base of messages with values: a subclass is a frozen dataclass.

    `class CastFull(Filled, id="cast.full"): most: int` is said by the text `cast.full`. With
    `by="reason"` the field `reason`, an enum, chooses among the texts `<id>.<value>`.
    """

    id: ClassVar[str] = ""
    by: ClassVar[str] = ""
    without: ClassVar[tuple[StrEnum, ...]] = ()
    """Values of the field `by` that are never said."""

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
        """The id, with the value that chooses the text."""
        return f"{self.id}.{getattr(self, self.by).value}" if self.by else self.id

    def values(self) -> dict[str, object]:
        """The fields but the one that chooses the text."""
        return {name: getattr(self, name) for name in self.field_names() if name != self.by}

    @classmethod
    def field_names(cls) -> list[str]:
        """The names of the fields, in order."""
        return [field.name for field in fields(cls)]  # type: ignore[arg-type]  # made one above

    @classmethod
    def text_ids(cls) -> list[str]:
        """The ids of all texts that can say this message."""
        if not cls.by:
            return [cls.id]
        choices: type[StrEnum] = cls.field_types()[cls.by]
        return [f"{cls.id}.{choice.value}" for choice in choices if choice not in cls.without]

    @classmethod
    def field_types(cls) -> dict[str, Any]:
        """The types of the fields, by name."""
        hints = get_type_hints(cls)
        return {name: hints[name] for name in cls.field_names()}
