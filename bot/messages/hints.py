"""Help hints, in the bot's own voice, for a person whom no character will answer."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed

NOBODY_YET: Final = Fixed("hint.nobody_yet")


class Absent(Filled, id="hint.absent"):
    """The character addressed by `@Name` is not in the room."""

    name: str


class WhoShouldAnswer(Filled, id="hint.who_should_answer"):
    """The message addresses the bot, but no character."""

    calls: tuple[str, ...]
    """What to write to address each character in the room, like `@Mira`."""


class CallByMark(Filled, id="hint.call_by_mark"):
    """A person may have tried to speak to the character."""

    name: str
    call: str
    """What to write to address it, like `@Mira`."""


class EditedTooLate(Filled, id="hint.edited_too_late"):
    """An edit added these names to a message that is old, or has been answered."""

    names: tuple[str, ...]


class SpeaksUnderBotsName(Filled, id="hint.speaks_under_bots_name"):
    """Characters have no webhook because the bot lacks a permission."""

    permission: str
    """Discord's name of the permission."""
