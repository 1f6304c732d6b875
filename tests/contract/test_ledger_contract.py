"""What every `Ledger` does: the one in Redis and its twin in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.room import Place, Room, Seat
from bot.domain.takes import Take
from bot.domain.turn import Reason, SeenRange, Session, Turn, TurnState
from bot.rooms.ports.ledger import Ledger
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


async def test_a_store_has_a_name_for_as_long_as_it_runs(ledger: Ledger) -> None:
    assert await ledger.run_id() == await ledger.run_id() != ""


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


async def test_a_chunk_puts_a_turn_that_the_store_lost_on_record_again(ledger: Ledger) -> None:
    turn = a_turn()
    await ledger.chunk(turn, 0, 500)
    assert await ledger.unfinished() == [replace(turn, chunks=(500,))]
    assert not await ledger.accept(turn)


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


async def test_a_done_turn_owns_its_messages_though_their_own_writes_were_lost(
    ledger: Ledger,
) -> None:
    await ledger.accept(a_turn())
    done = replace(a_turn(), state=TurnState.DONE, text="said", chunks=(11, 12), order=12)
    await ledger.end(done)
    assert await ledger.speaker_of(12) == "mira"
    assert await ledger.turn_of(11) == done


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


async def test_what_was_sent_apart_from_an_answer_is_known_by_its_turn(
    ledger: RedisLedger | MemoryLedger,
) -> None:
    turn = a_turn()
    await ledger.accept(turn)
    await ledger.chunk(turn, 0, 500)
    await ledger.claim(turn, 501)
    found = await ledger.claimed_in(501)
    assert found is not None
    assert found.id == turn.id
    assert await ledger.turn_of(501) is None
    assert await ledger.speaker_of(501) == "mira"
    assert await ledger.claimed_in(500) is None
    assert await ledger.claimed_in(502) is None


async def test_authors_of_many_messages_come_at_once(ledger: RedisLedger) -> None:
    first, second = a_turn(1), replace(a_turn(2), character="quill")
    await ledger.chunk(first, 0, 500)
    await ledger.chunk(second, 0, 501)
    assert await ledger.authors([499, 500, 501]) == {
        500: ("mira", first.id),
        501: ("quill", second.id),
    }
    assert await ledger.authors([]) == {}


async def test_where_turns_stand_in_the_talk_is_told_of_those_that_were_said(
    ledger: RedisLedger,
) -> None:
    said, waits, failed = (
        replace(a_turn(1), state=TurnState.DONE, order=77),
        a_turn(2),
        replace(a_turn(3), state=TurnState.CLOSED),
    )
    for turn in (said, waits, failed):
        await ledger.accept(turn)
    await ledger.end(said)
    await ledger.end(failed)
    ids = {said.id, waits.id, failed.id, "no turn"}
    assert await ledger.orders(ids) == {said.id: 77, waits.id: 0}
    assert await ledger.orders(set()) == {}


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


async def done(ledger: Ledger, *chunks: int) -> Turn:
    turn = replace(a_turn(), state=TurnState.DONE, text="said", chunks=chunks, order=501)
    await ledger.accept(a_turn())
    for index, message in enumerate(chunks):
        await ledger.chunk(turn, index, message)
    await ledger.end(turn)
    return turn


async def test_a_turn_is_found_by_its_id_and_by_each_of_its_messages(ledger: Ledger) -> None:
    turn = await done(ledger, 500, 501)
    assert await ledger.turn(turn.id) == turn
    assert await ledger.turn_of(501) == turn
    assert await ledger.turn_of(502) is None
    assert await ledger.turns_of([500, 501, 502]) == {500: turn, 501: turn}
    assert await ledger.turns_of([]) == {}
    assert await ledger.turn("7:mira:1") is None


async def test_a_done_turn_is_reopened_once_with_its_messages(ledger: Ledger) -> None:
    again = (await done(ledger, 500)).again(NOON + timedelta(days=1))
    assert await ledger.reopen(again)
    assert await ledger.unfinished() == [again]
    assert again.is_regeneration
    assert again.takes == (Take("said"),)
    assert not await ledger.reopen(again)
    await ledger.record(replace(again, state=TurnState.RECORDED, text="anew"))
    assert not await ledger.accept(a_turn())


async def test_what_is_not_done_is_not_reopened(ledger: Ledger) -> None:
    assert not await ledger.reopen(a_turn())
    await ledger.accept(a_turn())
    assert not await ledger.reopen(a_turn())
    await ledger.end(replace(a_turn(), state=TurnState.CLOSED, note="taken back"))
    assert not await ledger.reopen(a_turn())
    assert await ledger.unfinished() == []


async def test_a_reopened_turn_that_became_shorter_keeps_only_its_messages(ledger: Ledger) -> None:
    turn = await done(ledger, 500, 501, 502)
    shorter = replace(turn, text="short", state=TurnState.DONE, chunks=(500,))
    assert await ledger.reopen(replace(shorter, state=TurnState.RECORDED))
    await ledger.end(shorter)
    assert await ledger.turn(turn.id) == shorter


async def test_a_text_its_session_and_the_joined_are_written_as_one(ledger: Ledger) -> None:
    first, second = a_turn(1), a_turn(2, late=1)
    await ledger.accept(first)
    await ledger.accept(second)
    told = SeenRange("cx-1", first.id, 0, 2)
    session = Session("th-1", "fp", cursor=2, told=(told,))
    recorded = replace(first, state=TurnState.RECORDED, text="to both")
    ended = replace(second, state=TurnState.DONE, note="answered together")
    await ledger.record(recorded, session=session, joined=(ended,))
    assert await ledger.unfinished() == [recorded]
    assert await ledger.session(first.seat) == session


async def test_all_of_a_session_is_kept(ledger: Ledger) -> None:
    seat = Seat(ROOM.id, "mira")
    base = 1_300_000_000_000_000_000
    heard = SeenRange("cx-1", "7:mira:1", 0, base, (base + 1,), (base - 1, base), 1_795_292_081.25)
    told = (heard, SeenRange("", "7:mira:2", 9, 9))
    session = Session(
        "th-1", "fp-1", cursor=12, told=told, rebuilding=True, trimmed=True, blind=True, held=700
    )
    await ledger.keep_session(seat, session)
    assert await ledger.session(seat) == session


async def cut_of(ledger: Ledger, character: str) -> int:
    session = await ledger.session(Seat(ROOM.id, character))
    assert session is not None
    return session.cut


async def test_a_change_cuts_the_threads_that_heard_it(ledger: Ledger) -> None:
    base = 1_300_000_000_000_000_000  # orders that differ by one are told apart, large as they are
    for character, cursor in (("mira", base + 2), ("kai", base), ("rue", base), ("sol", base + 9)):
        await ledger.keep_session(Seat(ROOM.id, character), Session("th", "fp", cursor))
    await ledger.cut(ROOM.id, base + 1, asked={"rue"}, spared="sol")
    cuts = [await cut_of(ledger, one) for one in ("mira", "kai", "rue", "sol")]
    assert cuts == [base + 1, 0, base + 1, 0]
    await ledger.cut(ROOM.id + 1, base)
    assert await cut_of(ledger, "mira") == base + 1


async def test_a_change_of_what_was_asked_ahead_cuts_the_thread_as_well(ledger: Ledger) -> None:
    ahead = SeenRange("c1", "t1", 3, 5, ahead=(9,))
    await ledger.keep_session(Seat(ROOM.id, "mira"), Session("th", "fp", cursor=5, told=(ahead,)))
    await ledger.cut(ROOM.id, 10)
    assert await cut_of(ledger, "mira") == 0
    await ledger.cut(ROOM.id, 8)
    session = await ledger.session(Seat(ROOM.id, "mira"))
    assert session is not None
    assert (session.cut, session.told) == (8, (ahead,))


async def test_the_earliest_cut_holds_until_it_is_mended(ledger: Ledger) -> None:
    seat = Seat(ROOM.id, "mira")
    await ledger.keep_session(seat, Session("th", "fp", cursor=20))
    for order in (12, 9, 15):
        await ledger.cut(ROOM.id, order)
    await ledger.keep_session(seat, Session("th", "fp", cursor=21))
    assert await cut_of(ledger, "mira") == 9
    await ledger.mend(seat, Session("th", "fp", cursor=3, cut=12))
    assert await cut_of(ledger, "mira") == 9
    for _ in range(2):
        await ledger.mend(seat, Session("th", "fp", cursor=3, cut=9, rebuilding=True))
        assert await ledger.session(seat) == Session("th", "fp", cursor=3, rebuilding=True)


async def test_a_dropped_session_is_cut_no_more(ledger: Ledger) -> None:
    seat = Seat(ROOM.id, "mira")
    await ledger.keep_session(seat, Session("th", "fp", cursor=20))
    await ledger.drop_session(seat)
    await ledger.cut(ROOM.id, 9)
    assert await ledger.session(seat) is None
