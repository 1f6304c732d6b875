"""Encoding and decoding of rooms, turns, sessions and message authors. Pure: no Redis here.

An unreadable record raises `RecordError`; the caller logs it and goes on without the record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from bot.domain.room import Place, Room, Seat
from bot.domain.takes import Take
from bot.domain.turn import Reason, SeenRange, Session, Turn, TurnState

RECORD = "record"
CHUNK = "chunk:"


class RecordError(ValueError):
    """A stored value is not in a format that this program writes."""


def room_to_text(room: Room) -> str:
    """Encode a room as JSON."""
    return _json(_room_to_row(room))


def room_from_text(text: str) -> Room:
    """Decode the output of `room_to_text`. Raises `RecordError`."""
    try:
        return _room_from_row(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"not a room: {error!r}") from error


def turn_to_text(turn: Turn) -> str:
    """Encode a turn as JSON without empty fields, as turns are most of the data in Redis.

    The message ids of an unfinished turn's chunks are separate fields of its hash.
    """
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
        # Empty when the answer was retracted; None, and left out, before there is an answer.
        "text": turn.text,
    }
    optional = {
        "chunks": turn.chunks,
        "note": turn.note,
        "detail": turn.detail,
        "takes": [take.text for take in turn.takes],
        "of_takes": [[take.editor, take.continued] for take in turn.takes],
        "take": turn.take,
        "editor": turn.editor,
        "continued": turn.continued,
        "goes_on": turn.goes_on,
        "along": turn.along,
        "order": turn.order,
    }
    return _json(_without_none(row) | _filled(optional))


def turn_from_fields(fields: Mapping[str, str]) -> Turn:
    """Decode a turn from its hash: the record and the chunk fields. Raises `RecordError`."""
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
            thread_id=row.get("thread_id"),
            codex_turn_id=row.get("codex_turn_id"),
            text=row.get("text"),
            chunks=_chunks(row.get("chunks", ()), fields),
            note=_text(row.get("note", "")),
            detail=_text(row.get("detail", "")),
            order=int(row.get("order", 0)),
            along=tuple(int(person) for person in row.get("along", ())),
            goes_on=bool(row.get("goes_on", False)),
            **_takes(row),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"not a turn: {error!r}") from error


def session_to_fields(session: Session, seat: Seat) -> dict[str, str]:
    """Encode the seat's session as a hash, except its stale-from position.

    Positions have a fixed number of digits for comparisons in Lua, whose numbers are doubles, too
    short for a snowflake. `reach` is written only for such a comparison.
    """
    return {
        "thread_id": session.thread_id,
        "fingerprint": session.fingerprint,
        "cursor": order_to_text(session.cursor),
        "reach": order_to_text(session.reach),
        "told": _json([_told_to_row(told, seat) for told in session.told]),
        "mending": "1" if session.rebuilding else "",
        "trimmed": "1" if session.trimmed else "",
        "blind": "1" if session.blind else "",
        "held": str(session.held),
    }


def session_from_fields(fields: Mapping[str, str], seat: Seat) -> Session:
    """Decode the seat's session from its hash. Raises `RecordError`."""
    try:
        return Session(
            fields["thread_id"],
            fields["fingerprint"],
            int(fields["cursor"]),
            told=tuple(_told_from_row(row, seat) for row in json.loads(fields.get("told", "[]"))),
            cut=int(fields.get("cut", "0")),
            rebuilding=bool(fields.get("mending")),
            trimmed=bool(fields.get("trimmed")),
            blind=bool(fields.get("blind")),
            held=int(fields.get("held", "0")),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise RecordError(f"not a session: {error!r}") from error


def order_to_text(order: int) -> str:
    """Format a position with twenty digits, so that texts compare like numbers."""
    return f"{order:020d}"


def message_to_text(turn: Turn, message_id: int, *, apart: bool = False) -> str:
    """Encode a message's author: the turn id, with the message id as a suffix if it is `apart`.

    The suffix keeps a message apart from the answer, such as a poll, from being taken for a part of
    the turn.
    """
    return f"{turn.id}:{message_id}" if apart else turn.id


def message_from_text(message_id: int, text: str) -> tuple[str, str]:
    """Return the character's key, and the output of `message_to_text`. Raises `RecordError`.

    Earlier releases wrote both as JSON.
    """
    if text.startswith("{"):
        try:
            row = json.loads(text)
            return _text(row["character"]), _text(row["turn"])
        except (ValueError, TypeError, KeyError) as error:
            raise RecordError(f"not a message: {error!r}") from error
    room, _, rest = text.removesuffix(f":{message_id}").partition(":")
    character, _, trigger = rest.rpartition(":")
    if not (room.isdecimal() and trigger.isdecimal() and character):
        raise RecordError(f"not a message: {text[:100]!r}")
    return character, text


def _told_to_row(told: SeenRange, seat: Seat) -> tuple[Any, ...]:
    """Encode a seen range, with a turn id of this seat shortened to `:trigger`."""
    # Not by `dataclasses.astuple`, which copies each message id and took most of a write's time.
    turn = told.turn.removeprefix(str(seat))
    return told.codex_turn_id, turn, told.since, told.upto, told.ahead, told.messages, told.at


def _told_from_row(row: Sequence[Any], seat: Seat) -> SeenRange:
    codex_turn_id, turn, since, upto, *more = row
    ahead = tuple(int(message_id) for message_id in more[0]) if more else ()
    messages, at = more[1:3] if len(more) > 1 else ((), 0.0)
    return SeenRange(
        _text(codex_turn_id),
        f"{seat}{turn}" if _text(turn).startswith(":") else turn,
        int(since),
        int(upto),
        ahead,
        tuple(int(message_id) for message_id in messages),
        float(at),
    )


def _takes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Decode the fields of a turn's alternatives."""
    texts = [_text(text) for text in row.get("takes", ())]
    if "of_takes" not in row and (texts or row.get("edits")):
        return _takes_by_words(row, texts)
    origins = [(_text(editor), bool(continued)) for editor, continued in row.get("of_takes", ())]
    return {
        "takes": tuple(Take(text, *origin) for text, origin in zip(texts, origins, strict=True)),
        "take": int(row.get("take", 0)),
        "editor": _text(row.get("editor", "")),
        "continued": bool(row.get("continued", False)),
    }


def _takes_by_words(row: Mapping[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """Decode the format of releases before 0.1.0, which identified an alternative by its text."""
    editors = {_text(text): _text(editor) for text, editor in row.get("edits", ())}
    shown = row.get("text")
    return {
        "takes": tuple(Take(text, editors.get(text, "")) for text in texts),
        "take": texts.index(shown) if shown in texts else 0,
        "editor": "" if shown is None else editors.get(shown, ""),
    }


def _chunks(done: Sequence[Any], fields: Mapping[str, str]) -> tuple[int, ...]:
    """Return the message ids from chunk 0 up to the first missing chunk.

    `done` are the chunks in the record, from when the turn was last done; fields are newer.
    """
    shown: list[int] = []
    for index in count():
        message_id = fields.get(f"{CHUNK}{index}", done[index] if index < len(done) else None)
        if message_id is None:
            return tuple(shown)
        shown.append(int(message_id))
    raise AssertionError("count() never ends")


def _room_to_row(room: Room) -> dict[str, Any]:
    optional = {"guild_id": room.guild_id, "parent_id": room.parent_id, "name": room.name}
    return {"id": room.id, "place": room.place.value} | _filled(optional)


def _room_from_row(row: Mapping[str, Any]) -> Room:
    return Room(
        id=int(row["id"]),
        place=Place(row["place"]),
        guild_id=_id(row.get("guild_id")),
        parent_id=_id(row.get("parent_id")),
        name=_text(row.get("name", "")),
    )


def _without_none(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value}


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
