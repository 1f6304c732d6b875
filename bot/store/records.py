"""How rooms, turns and sessions are written down, and read back. Pure: no Redis here.

What cannot be read back raises `RecordError`; the caller logs it and goes on without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Session, Told, Turn, TurnState

RECORD = "record"
CHUNK = "chunk:"


class RecordError(ValueError):
    """What was read is not what this program writes."""


def room_to_text(room: Room) -> str:
    """A room as JSON."""
    return _json(_room_to_row(room))


def room_from_text(text: str) -> Room:
    """The room that `room_to_text` wrote. Raises `RecordError`."""
    try:
        return _room_from_row(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"not a room: {error!r}") from error


def turn_to_text(turn: Turn) -> str:
    """All of a turn but its chunks, as JSON: those are fields of their own, written one by one."""
    row = {
        "room": _room_to_row(turn.room),
        "character": turn.character,
        "trigger": turn.trigger,
        "asker": turn.asker,
        "reason": turn.reason.value,
        "accepted_at": turn.accepted_at.isoformat(),
        "state": turn.state.value,
        "thread_id": turn.thread_id,
        "codex_turn_id": turn.codex_turn_id,
        "text": turn.text,
        "note": turn.note,
        "detail": turn.detail,
        "takes": turn.takes,
        "edits": turn.edits,
        "order": turn.order,
    }
    return _json(row)


def turn_from_fields(fields: Mapping[str, str]) -> Turn:
    """The turn that a hash holds: its record and its chunks. Raises `RecordError`."""
    try:
        row = json.loads(fields[RECORD])
        return Turn(
            room=_room_from_row(row["room"]),
            character=_text(row["character"]),
            trigger=int(row["trigger"]),
            asker=int(row["asker"]),
            reason=Reason(row["reason"]),
            accepted_at=datetime.fromisoformat(row["accepted_at"]),
            state=TurnState(row["state"]),
            thread_id=row["thread_id"],
            codex_turn_id=row["codex_turn_id"],
            text=row["text"],
            chunks=_chunks(fields),
            note=_text(row["note"]),
            detail=_text(row.get("detail", "")),
            takes=tuple(_text(one) for one in row.get("takes", ())),
            order=int(row.get("order", 0)),
            edits=tuple((_text(text), _text(by)) for text, by in row.get("edits", ())),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"not a turn: {error!r}") from error


def session_to_fields(session: Session) -> dict[str, str]:
    """A session as a hash, all but its cut. Orders have as many digits, so that Redis can compare.

    `reach` is there for that alone.

    Lua's numbers are floats: two snowflakes of the same moment would be one.
    """
    return {
        "thread_id": session.thread_id,
        "fingerprint": session.fingerprint,
        "cursor": order_to_text(session.cursor),
        "reach": order_to_text(session.reach),
        "told": _json([_told_row(told) for told in session.told]),
        "mending": "1" if session.mending else "",
        "trimmed": "1" if session.trimmed else "",
        "blind": "1" if session.blind else "",
        "held": str(session.held),
    }


def session_from_fields(fields: Mapping[str, str]) -> Session:
    """The session that a hash holds. Raises `RecordError`."""
    try:
        return Session(
            fields["thread_id"],
            fields["fingerprint"],
            int(fields["cursor"]),
            told=tuple(_told(row) for row in json.loads(fields.get("told", "[]"))),
            cut=int(fields.get("cut", "0")),
            mending=bool(fields.get("mending")),
            trimmed=bool(fields.get("trimmed")),
            blind=bool(fields.get("blind")),
            held=int(fields.get("held", "0")),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise RecordError(f"not a session: {error!r}") from error


def order_to_text(order: int) -> str:
    """Twenty digits: as texts they compare as the numbers do."""
    return f"{order:020d}"


def _told_row(told: Told) -> Sequence[Any]:
    # By name: `dataclasses.astuple` copies each message id, which was most of the write.
    return (
        told.codex_turn_id,
        told.turn,
        told.since,
        told.upto,
        told.ahead,
        told.messages,
        told.at,
    )


def _told(row: Sequence[Any]) -> Told:
    codex_turn_id, turn, since, upto, *more = row
    ahead = tuple(int(one) for one in more[0]) if more else ()
    messages, at = more[1:3] if len(more) > 1 else ((), 0.0)
    return Told(
        _text(codex_turn_id),
        _text(turn),
        int(since),
        int(upto),
        ahead,
        tuple(int(one) for one in messages),
        float(at),
    )


def _chunks(fields: Mapping[str, str]) -> tuple[int, ...]:
    """Message ids from chunk 0 on, up to the first gap: what follows a gap has no sure place."""
    shown: list[int] = []
    for index in count():
        message_id = fields.get(f"{CHUNK}{index}")
        if message_id is None:
            return tuple(shown)
        shown.append(int(message_id))
    raise AssertionError("count() ends never")


def _room_to_row(room: Room) -> dict[str, Any]:
    return {
        "id": room.id,
        "place": room.place.value,
        "guild_id": room.guild_id,
        "parent_id": room.parent_id,
        "name": room.name,
    }


def _room_from_row(row: Mapping[str, Any]) -> Room:
    return Room(
        id=int(row["id"]),
        place=Place(row["place"]),
        guild_id=_id(row["guild_id"]),
        parent_id=_id(row["parent_id"]),
        name=_text(row["name"]),
    )


def _id(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"not an id: {value!r}")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"not a text: {value!r}")


def _json(row: Mapping[str, Any] | Sequence[Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
