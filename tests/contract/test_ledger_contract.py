"""What every `Ledger` does: the one in Redis and its twin in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Reason, Session, Turn, TurnState
from bot.rooms.ports import Ledger
from bot.store.ledger import RedisLedger
from tests.fakes.ledger import MemoryLedger

NOON = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)
ROOM = Room(1_300_000_000_000_000_001, Place.THREAD, guild_id=7, parent_id=8, name="Café “Ω”")


def a_turn(trigger: int = 1_300_000_000_000_000_100, *, late: float = 0) -> Turn:
    return Turn(
        room=ROOM,
        character="mira",
        trigger=trigger,
        asker=42,
        reason=Reason.NAMED,
        accepted_at=NOON + timedelta(seconds=late),
    )


@pytest.fixture(params=["redis", "memory"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    return RedisLedger(request.getfixturevalue("store"))


async def test_a_turn_is_accepted_once(ledger: Ledger) -> None:
    assert await ledger.accept(a_turn())
    assert not await ledger.accept(a_turn())
    assert not await ledger.accept(a_turn(late=60))


async def test_another_trigger_or_character_is_another_turn(ledger: Ledger) -> None:
    assert await ledger.accept(a_turn(1))
    assert await ledger.accept(a_turn(2))
    assert await ledger.accept(replace(a_turn(1), character="quill"))


async def test_a_done_turn_is_not_accepted_again(ledger: Ledger) -> None:
    await ledger.accept(a_turn())
    await ledger.end(replace(a_turn(), state=TurnState.DONE))
    assert not await ledger.accept(a_turn())


async def test_unfinished_turns_come_back_whole(ledger: Ledger) -> None:
    turn = a_turn()
    await ledger.accept(turn)
    assert await ledger.unfinished() == [turn]
    running = replace(turn, state=TurnState.RUNNING, thread_id="th-1", codex_turn_id="tu-1")
    await ledger.run(running)
    assert await ledger.unfinished() == [running]
    recorded = replace(running, state=TurnState.RECORDED, text="Two\nlines, “quoted” 🍞")
    await ledger.record(recorded)
    assert await ledger.unfinished() == [recorded]


async def test_chunks_come_back_in_order_whenever_they_were_shown(ledger: Ledger) -> None:
    turn = a_turn()
    await ledger.accept(turn)
    await ledger.chunk(turn, 0, 500)
    await ledger.record(replace(turn, state=TurnState.RECORDED, text="long"))
    for index in range(1, 12):
        await ledger.chunk(turn, index, 500 + index)
    (found,) = await ledger.unfinished()
    assert found.chunks == tuple(range(500, 512))


async def test_chunks_after_a_gap_are_not_counted(ledger: Ledger) -> None:
    turn = a_turn()
    await ledger.accept(turn)
    await ledger.chunk(turn, 0, 500)
    await ledger.chunk(turn, 2, 502)
    (found,) = await ledger.unfinished()
    assert found.chunks == (500,)


async def test_a_chunk_that_is_shown_again_replaces_the_old_one(ledger: Ledger) -> None:
    turn = a_turn()
    await ledger.accept(turn)
    await ledger.chunk(turn, 0, 500)
    await ledger.chunk(turn, 0, 501)
    (found,) = await ledger.unfinished()
    assert found.chunks == (501,)
    assert await ledger.speaker_of(501) == "mira"


@pytest.mark.parametrize("state", [TurnState.DONE, TurnState.CLOSED])
async def test_an_ended_turn_is_not_unfinished(ledger: Ledger, state: TurnState) -> None:
    await ledger.accept(a_turn())
    await ledger.end(replace(a_turn(), state=state, note="why"))
    assert await ledger.unfinished() == []


async def test_a_late_write_does_not_take_a_turn_back(ledger: Ledger) -> None:
    turn = a_turn()
    recorded = replace(turn, state=TurnState.RECORDED, text="said")
    await ledger.accept(turn)
    await ledger.record(recorded)
    await ledger.run(replace(turn, state=TurnState.RUNNING, thread_id="late"))
    assert await ledger.unfinished() == [recorded]
    await ledger.end(replace(recorded, state=TurnState.DONE))
    await ledger.record(recorded)
    assert await ledger.unfinished() == []


async def test_a_turn_may_run_again_on_another_thread(ledger: Ledger) -> None:
    turn = replace(a_turn(), state=TurnState.RUNNING, thread_id="one", codex_turn_id="t1")
    await ledger.accept(a_turn())
    await ledger.run(turn)
    again = replace(turn, thread_id="two", codex_turn_id=None)
    await ledger.run(again)
    assert await ledger.unfinished() == [again]


async def test_every_write_may_be_repeated(ledger: Ledger) -> None:
    turn = a_turn()
    recorded = replace(turn, state=TurnState.RECORDED, text="said")
    await ledger.accept(turn)
    for _ in range(2):
        await ledger.record(recorded)
        await ledger.chunk(recorded, 0, 500)
    assert await ledger.unfinished() == [replace(recorded, chunks=(500,))]
    for _ in range(2):
        await ledger.end(replace(recorded, state=TurnState.DONE))
    assert await ledger.unfinished() == []


async def test_unfinished_turns_come_oldest_first(ledger: Ledger) -> None:
    for trigger, late in ((3, 2.0), (1, 0.5), (2, 1.0)):
        await ledger.accept(a_turn(trigger, late=late))
    assert [turn.trigger for turn in await ledger.unfinished()] == [1, 2, 3]


async def test_a_message_belongs_to_the_character_that_showed_it(ledger: Ledger) -> None:
    turn = a_turn()
    await ledger.accept(turn)
    await ledger.chunk(turn, 0, 500)
    await ledger.end(replace(turn, state=TurnState.DONE))
    assert await ledger.speaker_of(500) == "mira"
    assert await ledger.speaker_of(501) is None


async def test_authors_of_many_messages_come_at_once(ledger: RedisLedger) -> None:
    first, second = a_turn(1), replace(a_turn(2), character="quill")
    await ledger.chunk(first, 0, 500)
    await ledger.chunk(second, 0, 501)
    assert await ledger.authors([499, 500, 501]) == {
        500: ("mira", first.id),
        501: ("quill", second.id),
    }
    assert await ledger.authors([]) == {}


async def test_a_session_is_kept_replaced_and_dropped(ledger: Ledger) -> None:
    seat = Seat(ROOM.id, "mira")
    assert await ledger.session(seat) is None
    await ledger.keep_session(seat, Session("th-1", "fp-1"))
    await ledger.keep_session(seat, Session("th-2", "fp-2", cursor=1_300_000_000_000_000_100))
    assert await ledger.session(seat) == Session("th-2", "fp-2", 1_300_000_000_000_000_100)
    assert await ledger.session(Seat(ROOM.id, "quill")) is None
    await ledger.drop_session(seat)
    await ledger.drop_session(seat)
    assert await ledger.session(seat) is None
