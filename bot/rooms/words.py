"""Errors → words for people: the one place. Short, says what to do, never in a character's voice.

Details stay in the log. What is said here never holds a path, an id, a key or a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.command_line import command
from bot.domain.decision import Silence
from bot.domain.markup import code, plain
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
from bot.rooms import words_store

_DOCTOR = "Whoever runs this bot should run `{doctor}`."

_FAILED: dict[TurnFailure, str] = {
    TurnFailure.USAGE_LIMIT: (
        "{name} can’t answer: the Codex account has used up its limit. "
        "It comes back by itself; whoever runs this bot will find in its log when."
    ),
    TurnFailure.RATE_LIMIT: "{name} can’t answer right now: the model is being asked too often. "
    "Try again in a minute.",
    TurnFailure.CONTEXT_FULL: "{name} can’t take that in: it’s more than the model can hold. "
    "Try again with less, or without files.",
    TurnFailure.UNAUTHORIZED: "{name} can’t answer: the model refused the bot’s key or login. "
    + _DOCTOR,
    TurnFailure.NO_CREDIT: "{name} can’t answer: the account that pays for the model has no credit "
    "left. Whoever runs this bot has to top it up.",
    TurnFailure.MODEL_UNKNOWN: "{name} can’t answer: there’s no such model where the bot asks for "
    "it. Trying again won’t help. Whoever runs this bot should set another one, with `CODEX_MODEL` "
    "or in the character’s file.",
    TurnFailure.WRONG_ADDRESS: "{name} can’t answer: nothing at the model’s address understands "
    "the bot. Trying again won’t help. Whoever runs this bot should check `CODEX_BASE_URL`.",
    TurnFailure.BAD_REQUEST: "{name} can’t answer: the model’s server refused the bot’s request. "
    "Trying again won’t help. Whoever runs this bot will find the reason in its log.",
    TurnFailure.UNREACHABLE: "{name} can’t answer: the model can’t be reached. "
    "Try again in a minute.",
    TurnFailure.OVERLOADED: "{name} can’t answer: the model is overloaded. Try again in a minute.",
    TurnFailure.REFUSED: "{name} can’t answer that: the model refused the request.",
    TurnFailure.SILENT: "{name} took too long and was stopped. Try again.",
    TurnFailure.ENDLESS: "{name} came to no end and was stopped. Try saying it another way.",
    TurnFailure.CUT_SHORT: "{name} ran out of room before the first word. Whoever runs this bot "
    "can let the model write longer answers.",
    TurnFailure.INTERRUPTED: "{name} was stopped.",
    TurnFailure.EMPTY: "{name} had no answer. Try saying it another way.",
    TurnFailure.OTHER: "{name} couldn’t answer: something went wrong with the model. "
    "Try again; if it stays so, whoever runs this bot will find the reason in its log.",
}


# What went wrong with a character's mind, for those who are in the room.
_MINDLESS: tuple[tuple[tuple[type[TroupeError], ...], str], ...] = (
    (
        (PoolBusyError,),
        "{name} can’t answer yet: too many characters speak at once. Try again in a minute.",
    ),
    (
        (PoolClosedError,),
        "{name} can’t answer: the bot begins no new answers right now. Try again later.",
    ),
    ((CodexLoginError,), _FAILED[TurnFailure.UNAUTHORIZED]),
    (
        (CodexMissingError, CodexRefusedError),
        ("{name} can’t wake up: the program that thinks for it doesn’t start. " + _DOCTOR),
    ),
)


def call_by_mark(name: str) -> str:
    """How `name` is spoken to, for whoever may have tried to; small print."""
    mark = code(f"@{name}")
    return f"-# Talking to {plain(name)}? Begin with {mark}, or reply to a message of theirs."


def edited_too_late(names: Sequence[str]) -> str:
    """For whoever put these names into a message that is old, or was answered already."""
    return (
        f"-# {', '.join(map(plain, names))} won’t answer this edit: the message is older than a "
        "minute, or has been answered. Write a new one."
    )


def spent(silence: Silence, comes_back: datetime) -> str:
    """What a person is told who has reached a spending limit, with the time when it ends."""
    when = f"<t:{int(comes_back.timestamp())}:R>"
    if silence is Silence.DAY_SPENT:
        return f"Characters have used up what this bot may spend in a day. Ask again {when}."
    return f"You’ve had as many answers as one person gets in an hour. Ask again {when}."


# For a room whose messages come without their words.
UNREAD = (
    "I can’t read what’s said here: the **Message Content Intent** is off, so I only understand "
    "mentions of me, replies to me and commands. Whoever runs me turns it on at "
    "<https://discord.com/developers/applications> → Bot → Privileged Gateway Intents, and then "
    "starts me again."
)


# For a character's message of which neither the record nor the room tells what it answers.
RECORD_LOST = (
    "I’ve lost the record of that reply and can’t tell what it answers. "
    "Moderators can still delete it."
)
# For a reply that is to be said anew, though the message that it answers was deleted.
NOTHING_ASKED = "What was asked was deleted, so there is nothing to answer anew."


def kept_silent(name: str, *, goes_on: bool) -> str:
    """What a room is told when `name` chose to say nothing where a reply was to be changed."""
    if goes_on:
        return f"{plain(name)} has nothing to add, so the reply stays as it was."
    return f"{plain(name)} chose to say nothing else, so the reply stays as it was."


def for_room(error: BaseException, name: str, *, goes_on: bool = False) -> str:
    """What a room is told when `name`'s answer failed; `goes_on`: it was to be continued."""
    if isinstance(error, TurnFailedError) and error.reason is TurnFailure.EMPTY and goes_on:
        return kept_silent(name, goes_on=True)
    name = plain(name)
    if isinstance(error, TurnFailedError):
        return _said(_FAILED[error.reason], name)
    if isinstance(error, WordsRefusedError):
        return _UNTAKEN[error.refusal].format(what=f"{name}’s answer", name=f"“{name}”")
    for kinds, text in _MINDLESS:
        if isinstance(error, kinds):
            return _said(text, name)
    return for_person(error) or _said(_FAILED[TurnFailure.OTHER], name)


def _said(text: str, name: str) -> str:
    return text.format(name=name, doctor=command("doctor"))


# What Discord has against words that it was sent.
_UNTAKEN: dict[WordsRefusal, str] = {
    WordsRefusal.LINK: "Discord blocked {what}: it takes a link in it for harmful. "
    "Try again without that link.",
    WordsRefusal.AUTOMOD: "This server’s AutoMod blocked {what}. "
    "A moderator finds the rule in Server Settings → AutoMod.",
    WordsRefusal.NAME: "Discord doesn’t allow {name} as a character’s name. "
    "Whoever runs this bot can give it another one.",
    WordsRefusal.TEXT: "Discord doesn’t take the text of {what}. Try saying it another way.",
    WordsRefusal.REST: "Discord doesn’t take {what}, and it’s the bot’s fault. "
    "The reason is in its log.",
}


def why_mute(error: BaseException) -> str:
    """Why characters can say nothing in a place, for `/room why`: a part of a sentence."""
    match error:
        case NotPermittedError():
            return f"the bot lacks the permission {error.permission} here"
        case ThreadClosedError():
            return "this thread is closed"
        case NotAMemberError():
            return "the bot is not a member of this server"
        case WrongKindError():
            return "nothing can be said in a channel of this kind"
        case _:
            return "the place is gone"


_PLAIN: tuple[tuple[type[TroupeError], str], ...] = (
    (ThreadClosedError, "This thread is closed. Once it’s open again, try once more."),
    (NotAMemberError, "I’m not a member of this server, so no character can speak here."),
    (
        WrongKindError,
        "Characters can’t speak in a channel of this kind. Try a text channel, a thread or a post.",
    ),
    (PlaceGoneError, "That place or message is gone."),
    (DiscordDownError, "Discord doesn’t take messages right now. Try again in a moment."),
    (PoolError, "Too many characters speak at once. Try again in a minute."),
)


def for_person(error: BaseException) -> str | None:
    """What a person is told when a command failed; None when there are no words for it."""
    if isinstance(error, RefusedError | CharacterError):
        return str(error)
    if isinstance(error, StoreError):
        return words_store.for_person(error)
    if isinstance(error, WordsRefusedError):
        return _UNTAKEN[error.refusal].format(what="that message", name="that")
    if isinstance(error, NotPermittedError):
        return (
            f"I’m missing the permission **{error.permission}** in this channel. "
            "An admin can give it to me in the channel’s settings; `/diagnose` shows the rest."
        )
    return next((text for kind, text in _PLAIN if isinstance(error, kind)), None)


def for_stranger(error: BaseException) -> str:
    """As `for_person`, with a last resort for what nobody foresaw."""
    return for_person(error) or (
        "That didn’t work, and it’s the bot’s fault. The reason is in its log."
        if isinstance(error, TroupeError)
        else "Something went wrong on the bot’s side. The reason is in its log."
    )


# What a failed turn means to who runs the bot. A status page shows it, so it names nobody.
_FOR_OWNER: dict[TurnFailure, str] = {
    TurnFailure.USAGE_LIMIT: "the Codex account has used up its limit",
    TurnFailure.RATE_LIMIT: "the model is being asked too often",
    TurnFailure.CONTEXT_FULL: "the question was more than the model can hold",
    TurnFailure.UNAUTHORIZED: "the model refused the key or the login",
    TurnFailure.NO_CREDIT: "the account that pays for the model has no credit left",
    TurnFailure.MODEL_UNKNOWN: "the endpoint has no model of that name (CODEX_MODEL)",
    TurnFailure.WRONG_ADDRESS: "nothing at CODEX_BASE_URL understands the bot",
    TurnFailure.BAD_REQUEST: "the model’s server refused the request",
    TurnFailure.UNREACHABLE: "the model can’t be reached",
    TurnFailure.OVERLOADED: "the model is overloaded",
    TurnFailure.REFUSED: "the model refused what was asked",
    TurnFailure.SILENT: "the model was silent for too long",
    TurnFailure.ENDLESS: "the model came to no end",
    TurnFailure.CUT_SHORT: "the model’s limit on answers was reached before the first word",
    TurnFailure.INTERRUPTED: "the turn was interrupted",
    TurnFailure.EMPTY: "the model answered without a word",
    TurnFailure.OTHER: "something went wrong; the log says what",
}


def for_owner(reason: TurnFailure) -> str:
    """Why a turn failed, for who runs the bot: a part of a sentence."""
    return _FOR_OWNER[reason]
