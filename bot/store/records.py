"""How rooms, turns, sessions and messages are written down, and read back. Pure: no Redis here.

What cannot be read back raises `RecordError`; the caller logs it and goes on without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from bot.domain.room import Place, Room, Seat
from bot.domain.takes import Take
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
    """A turn as JSON, without what is empty: most of what Redis keeps are turns.

    A chunk that is shown is a field of its own until the turn is done, written one by one.
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
        # An empty one was taken back, none is still to come.
        "text": turn.text,
    }
    more = {
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
    return _json(_held(row) | _filled(more))


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
    """The seat's session as a hash, all but its cut.

    Orders have as many digits, so that Redis can compare; `reach` is there for that alone. Lua's
    numbers are floats: two snowflakes of the same moment would be one.
    """
    return {
        "thread_id": session.thread_id,
        "fingerprint": session.fingerprint,
        "cursor": order_to_text(session.cursor),
        "reach": order_to_text(session.reach),
        "told": _json([_told_to_row(told, seat) for told in session.told]),
        "mending": "1" if session.mending else "",
        "trimmed": "1" if session.trimmed else "",
        "blind": "1" if session.blind else "",
        "held": str(session.held),
    }


def session_from_fields(fields: Mapping[str, str], seat: Seat) -> Session:
    """The session that the seat's hash holds. Raises `RecordError`."""
    try:
        return Session(
            fields["thread_id"],
            fields["fingerprint"],
            int(fields["cursor"]),
            told=tuple(_told(row, seat) for row in json.loads(fields.get("told", "[]"))),
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


def message_to_text(turn: Turn, message_id: int, *, apart: bool = False) -> str:
    """Whose message that is: the turn's id, with the message's where it is `apart` from the answer.

    So history tells it from the answer, and no turn is found by it.
    """
    return f"{turn.id}:{message_id}" if apart else turn.id


def message_from_text(message_id: int, text: str) -> tuple[str, str]:
    """The character's key, and what `message_to_text` wrote. Raises `RecordError`.

    Earlier releases wrote JSON with both.
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


def _told_to_row(told: Told, seat: Seat) -> tuple[Any, ...]:
    """Of a turn of this seat only `:trigger`: the rest of its id is the session's key."""
    # By name: `dataclasses.astuple` copies each message id, which was most of a write.
    turn = told.turn.removeprefix(str(seat))
    return told.codex_turn_id, turn, told.since, told.upto, told.ahead, told.messages, told.at


def _told(row: Sequence[Any], seat: Seat) -> Told:
    codex_turn_id, turn, since, upto, *more = row
    ahead = tuple(int(one) for one in more[0]) if more else ()
    messages, at = more[1:3] if len(more) > 1 else ((), 0.0)
    return Told(
        _text(codex_turn_id),
        f"{seat}{turn}" if _text(turn).startswith(":") else turn,
        int(since),
        int(upto),
        ahead,
        tuple(int(one) for one in messages),
        float(at),
    )


def _takes(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a turn that tell of its takes."""
    texts = [_text(text) for text in row.get("takes", ())]
    if "of_takes" not in row and (texts or row.get("edits")):
        return _takes_by_words(row, texts)
    marks = [(_text(editor), bool(continued)) for editor, continued in row.get("of_takes", ())]
    return {
        "takes": tuple(Take(text, *of) for text, of in zip(texts, marks, strict=True)),
        "take": int(row.get("take", 0)),
        "editor": _text(row.get("editor", "")),
        "continued": bool(row.get("continued", False)),
    }


def _takes_by_words(row: Mapping[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """Until 0.1.0 a take was known by its words, and so was who had edited it."""
    editors = {_text(text): _text(by) for text, by in row.get("edits", ())}
    shown = row.get("text")
    return {
        "takes": tuple(Take(text, editors.get(text, "")) for text in texts),
        "take": texts.index(shown) if shown in texts else 0,
        "editor": "" if shown is None else editors.get(shown, ""),
    }


def _chunks(done: Sequence[Any], fields: Mapping[str, str]) -> tuple[int, ...]:
    """Message ids from chunk 0 on, up to the first gap: what follows a gap has no sure place.

    Those of the record were shown when the turn was done last, those of the fields since.
    """
    shown: list[int] = []
    for index in count():
        message_id = fields.get(f"{CHUNK}{index}", done[index] if index < len(done) else None)
        if message_id is None:
            return tuple(shown)
        shown.append(int(message_id))
    raise AssertionError("count() ends never")


def _room_to_row(room: Room) -> dict[str, Any]:
    more = {"guild_id": room.guild_id, "parent_id": room.parent_id, "name": room.name}
    return {"id": room.id, "place": room.place.value} | _filled(more)


def _room_from_row(row: Mapping[str, Any]) -> Room:
    return Room(
        id=int(row["id"]),
        place=Place(row["place"]),
        guild_id=_id(row.get("guild_id")),
        parent_id=_id(row.get("parent_id")),
        name=_text(row.get("name", "")),
    )


def _held(row: Mapping[str, Any]) -> dict[str, Any]:
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
