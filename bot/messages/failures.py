"""Errors → messages for a room, a person, and the person who runs the bot.

Short, with advice, and never in a character's voice. Details stay in the log: no message contains a
path, an id, a key or a traceback.
"""

from __future__ import annotations

from typing import Final

from bot.command_line import command
from bot.errors import (
    CharacterError,
    CodexLoginError,
    CodexMissingError,
    CodexRefusedError,
    DiscordDownError,
    NotAMemberError,
    NotPermittedError,
    PlaceGoneError,
    PoolBusyError,
    PoolClosedError,
    PoolError,
    RefusedError,
    StoreError,
    ThreadClosedError,
    TroupeError,
    TurnFailedError,
    TurnFailure,
    WordsRefusal,
    WordsRefusedError,
    WrongKindError,
)
from bot.message_data import Filled, Fixed, Message
from bot.messages import store
from bot.messages.rendering import render
from bot.refusals import NothingToAdd


class TurnFailed(Filled, id="failed", by="reason"):
    """The character's turn ended without an answer."""

    reason: TurnFailure
    name: str
    doctor: str
    """The command line that checks the bot."""


class TooManySpeak(Filled, id="failed_mind.busy"):
    """Every app-server is in use."""

    name: str


class NoNewAnswers(Filled, id="failed_mind.closed"):
    """The pool is drained or shutting down."""

    name: str


class MindDoesNotStart(Filled, id="failed_mind.does_not_start"):
    """Codex is missing, or exits at its start."""

    name: str
    doctor: str


class AnswerRejected(Filled, id="rejected_answer", by="reason"):
    """Discord refuses the character's answer."""

    reason: WordsRefusal
    name: str


class MessageRejected(Filled, id="rejected_message", by="reason"):
    """Discord refuses a command's message."""

    reason: WordsRefusal


class BotLacks(Filled, id="error.bot_lacks"):
    """The bot lacks a permission."""

    permission: str
    """Discord's name of the permission."""


THREAD_CLOSED: Final = Fixed("error.thread_closed")
NOT_A_MEMBER: Final = Fixed("error.not_a_member")
WRONG_KIND: Final = Fixed("error.wrong_kind")
PLACE_GONE: Final = Fixed("error.place_gone")
DISCORD_DOWN: Final = Fixed("error.discord_down")
POOL_FULL: Final = Fixed("error.pool_full")
BOTS_FAULT: Final = Fixed("error.bots_fault")
UNFORESEEN: Final = Fixed("error.unforeseen")

UNREAD: Final = Fixed("intent.unread")
"""For a room whose messages arrive without their text."""


class MuteForLackOf(Filled, id="mute.lacks"):
    """Characters cannot speak in a place because the bot lacks a permission there."""

    permission: str
    """Discord's name of the permission."""


MUTE_CLOSED: Final = Fixed("mute.thread_closed")
MUTE_NOT_A_MEMBER: Final = Fixed("mute.not_a_member")
MUTE_WRONG_KIND: Final = Fixed("mute.wrong_kind")
MUTE_GONE: Final = Fixed("mute.gone")


class FailedForOwner(Filled, id="failed_owner", by="reason"):
    """Why a turn failed, for the person who runs the bot: part of a sentence, without names."""

    reason: TurnFailure


def of_room(  # noqa: PLR0911 a line for each kind of error
    error: BaseException, name: str, *, goes_on: bool = False
) -> Message | str:
    """Return the room's message for a failed answer of `name`; `goes_on`: a failed *Continue*."""
    match error:
        case TurnFailedError(reason=TurnFailure.EMPTY) if goes_on:
            return NothingToAdd(name)
        case TurnFailedError():
            return _failed(error.reason, name)
        case WordsRefusedError():
            return AnswerRejected(error.refusal, name)
        case PoolBusyError():
            return TooManySpeak(name)
        case PoolClosedError():
            return NoNewAnswers(name)
        case CodexLoginError():
            return _failed(TurnFailure.UNAUTHORIZED, name)
        case CodexMissingError() | CodexRefusedError():
            return MindDoesNotStart(name, command("doctor"))
        case _:
            return of_person(error) or _failed(TurnFailure.OTHER, name)


def _failed(reason: TurnFailure, name: str) -> TurnFailed:
    return TurnFailed(reason, name, command("doctor"))


_BY_KIND: Final[tuple[tuple[type[TroupeError], Message], ...]] = (
    (ThreadClosedError, THREAD_CLOSED),
    (NotAMemberError, NOT_A_MEMBER),
    (WrongKindError, WRONG_KIND),
    (PlaceGoneError, PLACE_GONE),
    (DiscordDownError, DISCORD_DOWN),
    (PoolError, POOL_FULL),
)


def of_person(error: BaseException) -> Message | str | None:
    """Return the message for a person whose command failed; None for an unexpected error.

    The fault of a character's file is returned as text.
    """
    match error:
        case RefusedError():
            return error.refusal
        case CharacterError():
            return str(error)
        case StoreError():
            return store.of_person(error)
        case WordsRefusedError():
            return MessageRejected(error.refusal)
        case NotPermittedError():
            return BotLacks(error.permission)
        case _:
            return next((message for kind, message in _BY_KIND if isinstance(error, kind)), None)


def for_room(error: BaseException, name: str, *, goes_on: bool = False) -> str:
    """Render `of_room`."""
    return rendered(of_room(error, name, goes_on=goes_on))


def for_person(error: BaseException) -> str | None:
    """Render `of_person`."""
    message = of_person(error)
    return None if message is None else rendered(message)


def of_stranger(error: BaseException) -> Message | str:
    """Return the message of `of_person`, or a general message for unexpected errors."""
    return of_person(error) or (BOTS_FAULT if isinstance(error, TroupeError) else UNFORESEEN)


def for_stranger(error: BaseException) -> str:
    """Render `of_stranger`."""
    return rendered(of_stranger(error))


def why_mute(error: BaseException) -> str:
    """Return why characters cannot speak in a place, for `/room why`: part of a sentence."""
    match error:
        case NotPermittedError():
            return render(MuteForLackOf(error.permission))
        case ThreadClosedError():
            return render(MUTE_CLOSED)
        case NotAMemberError():
            return render(MUTE_NOT_A_MEMBER)
        case WrongKindError():
            return render(MUTE_WRONG_KIND)
        case _:
            return render(MUTE_GONE)


def for_owner(reason: TurnFailure) -> str:
    """Return why a turn failed, for the person who runs the bot: part of a sentence."""
    return render(FailedForOwner(reason))


def rendered(message: Message | str) -> str:
    """Render a message; return a text unchanged."""
    return message if isinstance(message, str) else render(message)
