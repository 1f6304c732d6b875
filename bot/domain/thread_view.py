"""The thread view: what a Codex thread has seen of its room, and how far to roll it back.

A Codex thread must match its room. It is rolled back to before the first difference, and the next
prompt contains the room's current messages. Pure rules over a session;
`bot.rooms.threads.thread_sync` applies them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.turn import SeenRange, Session, Turn, TurnState
from bot.domain.utterance import Utterance

# Turns that a session remembers as rollback points, about 140 bytes each. A change before them
# requires a rebuild of the Codex thread.
TOLD_KEPT = 32
# Messages of others that a session remembers to detect edits, 20 bytes each.
MESSAGES_KEPT = 100
# Newest messages whose files are shown to a character that is new to a room.
FILES_RECENT = 10


@dataclass(frozen=True, slots=True)
class Back:
    """A rollback of a Codex thread."""

    codex_turn_id: str
    """The first turn to remove; all later turns are removed too."""
    session: Session
    """The session after the rollback."""


def back(session: Session, order: int) -> Back | None:
    """Return how to roll the Codex thread back to before position `order`; None: rebuild it.

    Removes the first turn that saw anything from `order` on and all later turns; if that turn was
    injected, starts at an earlier turn. None as well if `told` was truncated and would lack the
    Codex thread's last turn afterwards.
    """
    told = session.told
    last = next((at for at, seen in enumerate(told) if seen.reach >= order), len(told) - 1)
    for at in range(last, -1, -1):
        seen = told[at]
        if seen.codex_turn_id and seen.since < order:
            if session.trimmed and not _asked(told[:at]):
                return None
            return Back(seen.codex_turn_id, replace(session, told=told[:at], cursor=seen.since))
    return None


def failed(session: Session, asked: SeenRange) -> Session:
    """Return `session` with an unanswered question in its Codex thread, to be rolled back."""
    return _remembering(session, replace(asked, turn=""))


def untrue_from(session: Session) -> int:
    """Return the position from which the Codex thread is stale; 0: up to date."""
    cut = session.cut if session.cut <= session.reach else 0
    orders = [seen.reach for seen in session.told if not seen.turn]
    return min([cut, *orders] if cut else orders, default=0)


def unknown(session: Session, turns: Sequence[str]) -> str | None:
    """Return the first of the Codex thread's newest `turns` that is not on record in `session`.

    None if all are. A process that crashed between asking and recording leaves such a turn. `turns`
    are Codex's ids, oldest first.
    """
    known = {seen.codex_turn_id for seen in session.told}
    last = max((at for at, turn_id in enumerate(turns) if turn_id in known), default=-1)
    return turns[last + 1] if last + 1 < len(turns) else None


def outdated(session: Session, shown: Mapping[int, float]) -> int:
    """Return the first message edited or deleted after the Codex thread saw it; 0: none.

    `shown` maps the room's newest messages to their edit times (unix seconds; 0: never). Messages
    older than `shown` are not checked.
    """
    oldest = min(shown, default=0)
    changed = [
        message
        for seen in session.told
        for message in seen.messages
        if message >= oldest and shown.get(message, math.inf) > seen.at
    ]
    return min(changed, default=0)


def misses(shown: Collection[int], turn: Turn) -> bool:
    """Return whether a message of an answer is missing from `shown`, the room's newest messages."""
    # An answer in delivery is not checked: its messages may not be in the room yet.
    if turn.state is not TurnState.DONE or not shown:
        return False
    oldest, newest = min(shown), max(shown)
    return any(oldest <= chunk < newest and chunk not in shown for chunk in turn.chunks)


def heard_by(session: Session, turn: Turn) -> int | None:
    """Return the end position of the question of `turn`; None if not in the Codex thread."""
    return next((seen.upto for seen in session.told if seen.turn == turn.id), None)


def after(session: Session, asked: SeenRange) -> Session:
    """Return `session` after its Codex thread answered the question `asked`."""
    cursor = max(session.cursor, asked.upto)
    return replace(_remembering(session, asked), cursor=cursor, cut=0, rebuilding=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """The messages that a Codex thread has not seen."""

    missed: tuple[Utterance, ...]
    """Messages to inject as history."""
    question: tuple[Utterance, ...]
    """Messages to ask in the next question."""


def parted(
    heard: Sequence[Utterance], session: Session, character: str, asked: Collection[int]
) -> Parts:
    """Split the utterances after the session's cursor into injected history and question.

    An answer of the character that its Codex thread lacks (edited, or from another Codex thread)
    can only be injected, so everything before that answer is injected too, except `asked` messages.
    """
    known = {seen.turn for seen in session.told}
    own = [said.speaker.character == character for said in heard]
    foreign = {at for at, said in enumerate(heard) if own[at] and said.turn not in known}
    last = max(foreign, default=-1)
    missed: list[Utterance] = []
    question: list[Utterance] = []
    for at, said in enumerate(heard):
        if own[at]:
            missed += [said] if at in foreign else []
        elif at > last or said.message_id in asked:
            question.append(said)
        else:
            missed.append(said)
    return Parts(tuple(missed), tuple(question))


def with_files(
    past: Sequence[Utterance], character: str
) -> tuple[Sequence[Utterance], Sequence[Utterance]]:
    """Split the history of a new Codex thread into a part to inject and a part to ask, with files.

    Only a question can contain files. The second part begins at a file among the newest
    `FILES_RECENT` messages and contains no answer of `character`.
    """
    start = len(past)
    for at in range(len(past) - 1, max(-1, len(past) - 1 - FILES_RECENT), -1):
        if past[at].speaker.character == character:
            break
        if past[at].attachments:
            start = at
    return past[:start], past[start:]


def told_of(session: Session, parts: Parts, character: str, upto: int, at: float) -> Session:
    """Return `session` after `parts.missed` were injected and before the question is asked.

    The cursor does not pass the position `upto`: messages after it may have been left out.
    """
    if not parts.missed:
        return replace(session, rebuilding=False)
    reached = max(said.order for said in parts.missed)
    rest = min((said.order for said in parts.question), default=reached + 1)
    # An edited answer has a later position than messages sent after it, so the cursor stops before
    # the question's first message.
    cursor = max(session.cursor, min(reached, rest - 1, upto))
    told = _injected(parts.missed, character, cursor, at)
    return replace(_remembering(session, *told), cursor=cursor, rebuilding=False)


def begun(session: Session, said: Sequence[Utterance], character: str, at: float) -> Session:
    """Return `session` after its Codex thread was started with the history `said` at `at`.

    `at` is in unix seconds.
    """
    cursor = session.cursor
    new = [line for line in said if line.speaker.character != character or line.order > cursor]
    # Includes the character's answers after the cursor: the next read starts there and returns
    # them again.
    return replace(session, told=_with_newest_messages(_injected(new, character, cursor, at)))


def _injected(
    said: Sequence[Utterance], character: str, cursor: int, at: float
) -> tuple[SeenRange, ...]:
    """Return the seen ranges of injected history: one per own answer, and one for all others."""
    own = [
        SeenRange("", line.turn or "?", line.order - 1, line.order, at=at)
        for line in said
        if line.speaker.character == character
    ]
    others = [line for line in said if line.speaker.character != character]
    if not others:
        return tuple(own)
    ahead = tuple(line.message_id for line in others if line.order > cursor)
    messages = tuple(line.message_id for line in others)
    return (*own, SeenRange("", "?", cursor, cursor, ahead, messages, at))


def _remembering(session: Session, *more: SeenRange) -> Session:
    """Return `session` with `more` added and the oldest turns dropped.

    Always keeps the Codex thread's last turn.
    """
    told = (*session.told, *more)
    newest, asked = told[-TOLD_KEPT:], _asked(told)
    if asked and not _asked(newest):
        newest = (asked[-1], *newest[1:])
    trimmed = session.trimmed or len(_asked(newest)) < len(asked)
    return replace(session, told=_with_newest_messages(newest), trimmed=trimmed)


def _with_newest_messages(told: tuple[SeenRange, ...]) -> tuple[SeenRange, ...]:
    """Return `told` with the newest `MESSAGES_KEPT` message ids in all."""
    left, kept = MESSAGES_KEPT, list[SeenRange]()
    for seen in reversed(told):
        messages = seen.messages[-left:] if left else ()
        left -= len(messages)
        # Copies only if shortened: a copy of each, twice a turn, took 3 % of the bot's CPU time.
        kept.append(seen if messages == seen.messages else replace(seen, messages=messages))
    return tuple(reversed(kept))


def _asked(told: tuple[SeenRange, ...]) -> tuple[SeenRange, ...]:
    """Return the Codex thread's own turns, without injected history."""
    return tuple(seen for seen in told if seen.codex_turn_id)
