"""Rooms, turns and sessions survive being written down; what is damaged is refused, not guessed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.room import Place, Room, Seat
from bot.domain.takes import Take
from bot.domain.turn import Reason, SeenRange, Session, Turn, TurnState
from bot.store import records

ids = st.integers(min_value=1, max_value=2**63 - 1)
words = st.text(st.characters(exclude_categories=["Cs"]))
rooms = st.builds(
    Room,
    id=ids,
    place=st.sampled_from(Place),
    guild_id=st.none() | ids,
    parent_id=st.none() | ids,
    name=words,
)
turns = st.builds(
    Turn,
    room=rooms,
    character=words,
    trigger=ids,
    asker=ids,
    reason=st.sampled_from(Reason),
    accepted_at=st.datetimes(timezones=st.just(UTC)),
    state=st.sampled_from(TurnState),
    thread_id=st.none() | words,
    codex_turn_id=st.none() | words,
    text=st.none() | words,
    chunks=st.lists(ids, max_size=12).map(tuple),
    note=words,
    detail=words,
    takes=st.lists(st.builds(Take, words, words, st.booleans()), max_size=3).map(tuple),
    take=st.integers(min_value=0, max_value=12),
    editor=words,
    continued=st.booleans(),
    goes_on=st.booleans(),
    order=st.integers(min_value=0, max_value=2**63 - 1),
    along=st.lists(ids, max_size=3).map(tuple),
)
SEAT = Seat(7, "mira: the elder")
told = st.builds(
    SeenRange,
    codex_turn_id=words,
    turn=st.sampled_from(["", "?", "8:mira:5"]) | ids.map(lambda trigger: f"{SEAT}:{trigger}"),
    since=ids,
    upto=ids,
    ahead=st.lists(ids, max_size=2).map(tuple),
    messages=st.lists(ids, max_size=3).map(tuple),
    at=st.floats(min_value=0, max_value=2e9),
)
sessions = st.builds(
    Session,
    thread_id=words,
    fingerprint=words,
    cursor=ids,
    told=st.lists(told, max_size=4).map(tuple),
    rebuilding=st.booleans(),
)


def fields_of(turn: Turn) -> dict[str, str]:
    chunks = {f"{records.CHUNK}{index}": str(held) for index, held in enumerate(turn.chunks)}
    return {records.RECORD: records.turn_to_text(replace(turn, chunks=())), **chunks}


@given(turns)
def test_any_turn_reads_back_as_it_was(turn: Turn) -> None:
    assert records.turn_from_fields(fields_of(turn)) == turn
    assert records.turn_from_fields({records.RECORD: records.turn_to_text(turn)}) == turn


@given(turns, ids, st.booleans())
def test_any_message_reads_back_as_it_was(turn: Turn, message_id: int, apart: bool) -> None:
    assume(message_id != turn.trigger)  # no message answers itself
    turn = replace(turn, character=turn.character or "mira")
    text = records.message_to_text(turn, message_id, apart=apart)
    expected = f"{turn.id}:{message_id}" if apart else turn.id
    assert records.message_from_text(message_id, text) == (turn.character, expected)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "{}", '{"character":1}', "7:mira", "mira:7:8", "7::8"]
)
def test_a_damaged_message_is_refused(text: str) -> None:
    with pytest.raises(records.RecordError):
        records.message_from_text(500, text)


def test_a_turn_of_an_older_bot_keeps_its_takes_and_who_edited_them() -> None:
    """Takes were texts, known by their words, and edits pairs of a text and a name."""
    turn = Turn(Room(7, Place.DIRECT), "mira", 5, 9, Reason.NAMED, datetime.now(UTC), text="Two.")
    row = json.loads(records.turn_to_text(turn))
    for new in ("of_takes", "take", "editor", "continued", "goes_on"):
        row.pop(new, None)
    row |= {"takes": ["One.", "Two."], "edits": [["Two.", "Ann"]]}
    read = records.turn_from_fields({records.RECORD: json.dumps(row)})
    assert read.takes == (Take("One."), Take("Two.", "Ann"))
    assert (read.take, read.text, read.editor) == (1, "Two.", "Ann")


@given(sessions)
def test_any_session_reads_back_as_it_was(session: Session) -> None:
    assert records.session_from_fields(records.session_to_fields(session, SEAT), SEAT) == session


def test_a_session_of_an_older_bot_is_read() -> None:
    fields = {"thread_id": "th", "fingerprint": "fp", "cursor": "1300000000000000100"}
    assert records.session_from_fields(fields, SEAT) == Session(
        "th", "fp", 1_300_000_000_000_000_100
    )


@pytest.mark.parametrize("field", ["thread_id", "fingerprint", "cursor", "told"])
def test_a_damaged_session_is_refused(field: str) -> None:
    fields = records.session_to_fields(Session("th", "fp"), SEAT)
    damaged = {**fields, "told": '[["a"]]'} if field == "told" else dict(fields)
    if field != "told":
        del damaged[field]
    with pytest.raises(records.RecordError):
        records.session_from_fields(damaged, SEAT)


@given(st.lists(st.integers(min_value=0, max_value=2**63 - 1)))
def test_orders_compare_as_texts_as_they_do_as_numbers(orders: list[int]) -> None:
    assert sorted(orders) == [int(one) for one in sorted(map(records.order_to_text, orders))]


@given(rooms)
def test_any_room_reads_back_as_it_was(room: Room) -> None:
    assert records.room_from_text(records.room_to_text(room)) == room


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"id":1}', "{", '"room"', "7"])
def test_a_damaged_room_is_refused(text: str) -> None:
    with pytest.raises(records.RecordError):
        records.room_from_text(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"state":"accepted"', '"state":"dreaming"'),
        ('"reason":"named"', '"reason":null'),
        ('"trigger":3', '"trigger":"three"'),
        ('"accepted_at":"2026', '"accepted_at":"noon 2026'),
        ('"note":"why"', '"note":4'),
        ('"chunks":[9]', '"chunks":["nine"]'),
        ('"asker":4,', ""),
    ],
)
def test_a_damaged_turn_is_refused(old: str, new: str) -> None:
    room = Room(1, Place.CHANNEL)
    turn = Turn(
        room, "mira", 3, 4, Reason.NAMED, datetime(2026, 1, 1, tzinfo=UTC), note="why", chunks=(9,)
    )
    text = records.turn_to_text(turn)
    assert old in text
    with pytest.raises(records.RecordError):
        records.turn_from_fields({records.RECORD: text.replace(old, new)})


def test_a_turn_with_chunks_only_is_refused() -> None:
    with pytest.raises(records.RecordError):
        records.turn_from_fields({"chunk:0": "1"})
