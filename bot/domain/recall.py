"""What a thread knows of its room, and how far it has to be taken back. Pure rules over a session.

A thread follows what its room shows. Where they differ it forgets from there on, and is told anew
what the room shows now: `bot.rooms.recollection` does so, these are its decisions.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.turn import Session, Told, Turn, TurnState
from bot.domain.utterance import Utterance

# Turns that a session remembers, so that a thread can be taken back to before them. A change
# further back has the thread begun anew. About 140 bytes each.
TOLD_KEPT = 32
# Messages of others that it remembers with them, 20 bytes each: no more are looked at for changes.
MESSAGES_KEPT = 100
# How far back a character that is new to a room looks at files.
FILES_RECENT = 10


@dataclass(frozen=True, slots=True)
class Back:
    """A thread is to forget the mind's turn of this id and all after it: then it is `session`."""

    codex_turn_id: str
    session: Session


def back(session: Session, order: int) -> Back | None:
    """How the thread forgets what it was told from `order` on; None when it cannot.

    It goes to before the first turn that heard anything of it, further when that was injected; but
    not so far that the session would not know which turn is the thread's last.
    """
    told = session.told
    last = next((at for at, one in enumerate(told) if one.reach >= order), len(told) - 1)
    for at in range(last, -1, -1):
        one = told[at]
        if one.codex_turn_id and one.since < order:
            if session.trimmed and not _asked(told[:at]):
                return None
            return Back(one.codex_turn_id, replace(session, told=told[:at], cursor=one.since))
    return None


def failed(session: Session, asked: Told) -> Session:
    """`session` while its thread holds a question without an answer, still to be forgotten."""
    return _remembering(session, replace(asked, turn=""))


def untrue_from(session: Session) -> int:
    """From which order on the thread holds what is not so; 0: nowhere."""
    cut = session.cut if session.cut <= session.reach else 0
    orders = [one.reach for one in session.told if not one.turn]
    return min([cut, *orders] if cut else orders, default=0)


def unknown(session: Session, turns: Sequence[str]) -> str | None:
    """The first of its thread's newest `turns` (ids, oldest first) that `session` does not know.

    A process asked it, and died before that was on record.
    """
    known = {one.codex_turn_id for one in session.told}
    last = max((at for at, one in enumerate(turns) if one in known), default=-1)
    return turns[last + 1] if last + 1 < len(turns) else None


def outdated(session: Session, shown: Mapping[int, float]) -> int:
    """From which order on the thread was told what the room shows otherwise now; 0: nowhere.

    `shown` are the room's newest messages with when they were edited (unix seconds; 0: never); of
    what is older nothing is known.
    """
    oldest = min(shown, default=0)
    gone = [
        message
        for told in session.told
        for message in told.messages
        if message >= oldest and shown.get(message, math.inf) > told.at
    ]
    return min(gone, default=0)


def misses(shown: Collection[int], turn: Turn) -> bool:
    """Whether a part of an answer is gone that must have stood among the messages `shown`."""
    # One that is still being delivered may be anywhere, and was given.
    if turn.state is not TurnState.DONE or not shown:
        return False
    oldest, newest = min(shown), max(shown)
    return any(oldest <= one < newest and one not in shown for one in turn.chunks)


def heard_by(session: Session, turn: Turn) -> int | None:
    """Up to where the question of `turn` went; None when the thread does not know of it."""
    return next((one.upto for one in session.told if one.turn == turn.id), None)


def after(session: Session, asked: Told) -> Session:
    """`session` once its thread has answered what it was `asked`."""
    cursor = max(session.cursor, asked.upto)
    return replace(_remembering(session, asked), cursor=cursor, cut=0, mending=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a thread has not heard, in two: `missed` is injected, `question` is asked."""

    missed: tuple[Utterance, ...]
    question: tuple[Utterance, ...]


def parted(
    heard: Sequence[Utterance], session: Session, character: str, asked: Collection[int]
) -> Parts:
    """Part what was said since the session's cursor.

    What the character said and its thread does not know as its own (it was edited, or said by
    another thread) can only be injected, and so is what came before it; but never what is `asked`.
    """
    known = {one.turn for one in session.told}
    own = [one.speaker.character == character for one in heard]
    strange = {at for at, one in enumerate(heard) if own[at] and one.turn not in known}
    last = max(strange, default=-1)
    missed: list[Utterance] = []
    question: list[Utterance] = []
    for at, one in enumerate(heard):
        if own[at]:
            missed += [one] if at in strange else []
        elif at > last or one.message_id in asked:
            question.append(one)
        else:
            missed.append(one)
    return Parts(tuple(missed), tuple(question))


def with_files(
    past: Sequence[Utterance], character: str
) -> tuple[Sequence[Utterance], Sequence[Utterance]]:
    """Part what a thread begins with: injected, and asked along because somebody attached a file.

    Only a question can show files. The newest few, and nothing that `character` said.
    """
    start = len(past)
    for at in range(len(past) - 1, max(-1, len(past) - 1 - FILES_RECENT), -1):
        if past[at].speaker.character == character:
            break
        if past[at].attachments:
            start = at
    return past[:start], past[start:]


def told_of(session: Session, parts: Parts, character: str, upto: int, at: float) -> Session:
    """`session` once `parts.missed` were injected: it knows them, and is about to be asked.

    After the order `upto` something may be left out, so that the cursor does not pass it.
    """
    if not parts.missed:
        return replace(session, mending=False)
    reached = max(one.order for one in parts.missed)
    rest = min((one.order for one in parts.question), default=reached + 1)
    # An answer that was edited stands later than what was said after it: nothing is left out.
    cursor = max(session.cursor, min(reached, rest - 1, upto))
    told = _injected(parts.missed, character, cursor, at)
    return replace(_remembering(session, *told), cursor=cursor, mending=False)


def begun(session: Session, said: Sequence[Utterance], character: str, at: float) -> Session:
    """`session`, whose thread was begun with what was `said`, at that moment (unix seconds)."""
    cursor = session.cursor
    new = [one for one in said if one.speaker.character != character or one.order > cursor]
    # All own words: what is read next begins at the cursor, and has them once more.
    return replace(session, told=_with_newest_messages(_injected(new, character, cursor, at)))


def _injected(
    said: Sequence[Utterance], character: str, cursor: int, at: float
) -> tuple[Told, ...]:
    """What is remembered of what was injected: its own words, and what others said."""
    own = [
        Told("", one.turn or "?", one.order - 1, one.order, at=at)
        for one in said
        if one.speaker.character == character
    ]
    others = [one for one in said if one.speaker.character != character]
    if not others:
        return tuple(own)
    ahead = tuple(one.message_id for one in others if one.order > cursor)
    messages = tuple(one.message_id for one in others)
    return (*own, Told("", "?", cursor, cursor, ahead, messages, at))


def _remembering(session: Session, *more: Told) -> Session:
    """`session` with the newest of its turns and these; the last that was asked is one of them."""
    told = (*session.told, *more)
    newest, asked = told[-TOLD_KEPT:], _asked(told)
    if asked and not _asked(newest):
        newest = (asked[-1], *newest[1:])
    trimmed = session.trimmed or len(_asked(newest)) < len(asked)
    return replace(session, told=_with_newest_messages(newest), trimmed=trimmed)


def _with_newest_messages(told: tuple[Told, ...]) -> tuple[Told, ...]:
    left, kept = MESSAGES_KEPT, list[Told]()
    for one in reversed(told):
        messages = one.messages[-left:] if left else ()
        left -= len(messages)
        # Most have no more than they may: a copy of each, twice a turn, was 3 % of the bot's CPU.
        kept.append(one if messages == one.messages else replace(one, messages=messages))
    return tuple(reversed(kept))


def _asked(told: tuple[Told, ...]) -> tuple[Told, ...]:
    return tuple(one for one in told if one.codex_turn_id)
