"""Errors → words for people: the one place. Short, says what to do, never in a character's voice.

Details stay in the log. What is said here never holds a path, an id, a key or a traceback.
"""

from __future__ import annotations

from bot.errors import (
    CharacterError,
    CodexLoginError,
    CodexMissingError,
    CodexRefusedError,
    DiscordDownError,
    NotPermittedError,
    PlaceGoneError,
    PoolBusyError,
    PoolClosedError,
    RefusedError,
    StoreError,
    TroupeError,
    TurnFailedError,
    TurnFailure,
)

_FAILED: dict[TurnFailure, str] = {
    TurnFailure.USAGE_LIMIT: (
        "{name} can’t answer: the Codex account has used up its limit. "
        "It comes back by itself; whoever runs this bot can see when with `codex`."
    ),
    TurnFailure.RATE_LIMIT: "{name} can’t answer right now: the model is being asked too often. "
    "Try again in a minute.",
    TurnFailure.CONTEXT_FULL: "{name} can’t take in any more of this conversation. "
    "Try again: older talk has been put aside.",
    TurnFailure.UNAUTHORIZED: "{name} can’t answer: the bot’s login to the model was refused. "
    "Whoever runs this bot should run `python -m bot doctor`.",
    TurnFailure.UNREACHABLE: "{name} can’t answer: the model can’t be reached. "
    "Try again in a minute.",
    TurnFailure.OVERLOADED: "{name} can’t answer: the model is overloaded. Try again in a minute.",
    TurnFailure.REFUSED: "{name} can’t answer that: the model refused the request.",
    TurnFailure.SILENT: "{name} took too long and was stopped. Try again.",
    TurnFailure.INTERRUPTED: "{name} was stopped.",
    TurnFailure.EMPTY: "{name} had no answer. Try saying it another way.",
    TurnFailure.OTHER: "{name} couldn’t answer: something went wrong with the model. "
    "Try again; if it stays so, whoever runs this bot will find the reason in its log.",
}


def for_room(error: BaseException, name: str) -> str:
    """What a room is told when `name`'s answer failed."""
    match error:
        case TurnFailedError(reason=reason):
            return _FAILED[reason].format(name=name)
        case PoolBusyError():
            return f"{name} can’t answer yet: every mind is busy. Try again in a minute."
        case PoolClosedError():
            return f"{name} can’t answer: the bot is going down for a moment."
        case CodexLoginError():
            return _FAILED[TurnFailure.UNAUTHORIZED].format(name=name)
        case CodexMissingError() | CodexRefusedError():
            return (
                f"{name} can’t wake up: Codex doesn’t start. "
                "Whoever runs this bot should run `python -m bot doctor`."
            )
        case _:
            return for_person(error) or _FAILED[TurnFailure.OTHER].format(name=name)


def for_person(error: BaseException) -> str | None:
    """What a person is told when a command failed; None when there are no words for it."""
    match error:
        case RefusedError() | CharacterError():
            return str(error)
        case StoreError():
            return "The bot’s memory can’t be reached right now. Try again in a moment."
        case NotPermittedError(permission=permission):
            return (
                f"I’m missing the permission **{permission}** in this channel. "
                "An admin can give it to me in the channel’s settings; `/diagnose` shows the rest."
            )
        case PlaceGoneError():
            return "That place or message is gone."
        case DiscordDownError():
            return "Discord doesn’t take messages right now. Try again in a moment."
        case PoolBusyError() | PoolClosedError():
            return "Every mind is busy right now. Try again in a minute."
        case _:
            return None


def for_stranger(error: BaseException) -> str:
    """As `for_person`, with a last resort for what nobody foresaw."""
    return for_person(error) or (
        "That didn’t work, and it’s the bot’s fault. The reason is in its log."
        if isinstance(error, TroupeError)
        else "Something went wrong on the bot’s side. The reason is in its log."
    )
