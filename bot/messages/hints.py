"""Messages that help a person whom no character will answer, in the bot's own voice."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed

NOBODY_YET: Final = Fixed("hint.nobody_yet")


class Absent(Filled, id="hint.absent"):
    """The character that was called by its `@` is not in the room."""

    name: str


class WhoShouldAnswer(Filled, id="hint.who_should_answer"):
    """The bot was spoken to, and no character; `calls` are how those here are called."""

    calls: tuple[str, ...]


class CallByMark(Filled, id="hint.call_by_mark"):
    """For whoever may have tried to speak to the character; `call` is how it is called."""

    name: str
    call: str


class EditedTooLate(Filled, id="hint.edited_too_late"):
    """For whoever put these names into a message that is old, or was answered already."""

    names: tuple[str, ...]


class SpeaksUnderBotsName(Filled, id="hint.speaks_under_bots_name"):
    """Characters have no webhook for lack of `permission`, which is Discord's name for it."""

    permission: str
