"""A store that loses what it had acknowledged: a crash of Redis takes its last second with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.room import Seat
from bot.domain.turn import Reason, Turn, TurnState
from bot.errors import StoreError
from bot.rooms.record.write_behind import WriteBehindLedger
from bot.tasks import Tasks
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, BEN, MIRA, ROOM, Company, until
from tests.unit.rooms.crashing import reborn


class ForgetfulLedger(MemoryLedger):
    """A ledger that can go back to what it held before."""

    def __init__(self) -> None:
        super().__init__()
        self.loses_record = False

    def snapshot(self) -> Any:
        return deepcopy((self.turns, self.sessions, self._chunks, self._authors))

    def restore(self, held: Any) -> None:
        self.turns, self.sessions, self._chunks, self._authors = deepcopy(held)

    async def record(self, turn: Turn, **more: Any) -> None:
        before = self.snapshot()
        await super().record(turn, **more)
        if self.loses_record:
            self.restore(before)


@asynccontextmanager
async def answered_together(ledger: ForgetfulLedger) -> AsyncIterator[Company]:
    """Ann has asked three things at once, and Mira answered them together."""
    house = Company(Play("To all three."), Play("Once more?"), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        house.says("@Mira one")
        house.says("@Mira two")
        house.says("@Mira three")
        await house.quiet()
        assert house.answers() == ["To all three."]
        yield house


async def test_the_end_of_a_turn_ends_those_answered_with_it_though_their_record_was_lost() -> None:
    ledger = ForgetfulLedger()
    ledger.loses_record = True
    async with answered_together(ledger) as house:
        assert {turn.state for turn in ledger.turns.values()} == {TurnState.DONE}
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["To all three."]


async def test_the_end_of_a_turn_writes_the_session_though_its_record_was_lost() -> None:
    ledger = ForgetfulLedger()
    ledger.loses_record = True
    async with answered_together(ledger) as house:
        session = ledger.sessions[Seat(ROOM.id, MIRA.key)]
        assert any(told.turn for told in session.told)
        house.says("@Mira four")
        await house.quiet()
        assert "four" in house.mind.asked[-1][1]
        assert "three" not in house.mind.asked[-1][1]


async def test_a_turn_whose_end_the_store_lost_is_written_again_and_not_answered_again() -> None:
    ledger = ForgetfulLedger()
    house = Company(Play("To all."), Play("Once more?"), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        house.says("@Mira one")
        house.says("@Mira two")
        await until(lambda: len(ledger.turns) == 2)
        held = ledger.snapshot()
        await house.quiet()
        assert house.answers() == ["To all."]
        ledger.restore(held)
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["To all."]
        assert {turn.state for turn in ledger.turns.values()} == {TurnState.DONE}
        assert await ledger.speaker_of(max(house.stage.posted)) == MIRA.key


@pytest.mark.parametrize("text", ["Said otherwise.", ""])
async def test_a_reply_that_is_changed_is_no_turn_whose_end_was_lost(text: str) -> None:
    ledger = ForgetfulLedger()
    async with answered_together(ledger) as house:
        said = next(turn for turn in ledger.turns.values() if turn.text)
        changed = said.edited(text, said.accepted_at)
        assert await house.turn_queues.reopen(changed)
        house.turn_queues.play([changed])
        await house.quiet()
        assert house.answers() == ([text] if text else [])
        assert ANN.id == said.asker


async def test_what_was_answered_is_not_answered_again_though_the_store_lost_all_of_it() -> None:
    ledger = ForgetfulLedger()
    house = Company(Play("One."), Play("Once more?"), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        held = ledger.snapshot()
        said = house.says("@Mira one")
        await house.quiet()
        ledger.restore(held)
        house.decisions._decisions.clear()
        house.dispatcher.hear(ROOM, said, read=True)
        await house.quiet()
        assert house.answers() == ["One."]
        assert {turn.state for turn in ledger.turns.values()} == {TurnState.DONE}


async def test_an_answer_that_went_out_before_a_power_cut_is_changed_and_not_said_again() -> None:
    ledger = ForgetfulLedger()
    house = Company(Play("One."), Play("One, otherwise."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        held = ledger.snapshot()
        said = house.says("@Mira one")
        await house.quiet()
        assert house.answers() == ["One."]
    ledger.restore(held)
    house.decisions._decisions.clear()
    second = reborn(house)
    await second.casting.summon(ROOM, MIRA)
    async with second.tasks:
        second.dispatcher.hear(ROOM, said, read=True)
        await second.quiet()
        assert second.answers() == ["One, otherwise."]
        assert {turn.state for turn in ledger.turns.values()} == {TurnState.DONE}


async def test_what_a_store_that_was_started_anew_has_lost_is_written_again() -> None:
    ledger, gate = ForgetfulLedger(), asyncio.Event()
    house = Company(Play("One."), Play("Two.", gate=gate), Play("Three."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        await house.ledger.heal()
        held = ledger.snapshot()
        house.says("@Mira one")
        await house.quiet()
        house.says("@Mira two")
        await until(lambda: len(house.mind.asked) == 2)
        house.says("@Mira three", by=BEN)
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        known = deepcopy(ledger.turns)
        ledger.restore(held)
        await house.ledger.heal()
        assert ledger.turns == {}  # it is the same process: nothing was lost
        ledger.starts += 1
        await house.ledger.heal()
        assert ledger.turns == known
        states = {turn.state for turn in ledger.turns.values()}
        assert states == {TurnState.DONE, TurnState.RUNNING, TurnState.ACCEPTED}
        assert await ledger.speaker_of(known[min(known)].chunks[0]) == MIRA.key
        gate.set()
        await house.quiet()
        assert house.answers() == ["One.", "Two.", "Three."]


async def test_what_is_lost_before_the_first_periodic_look_is_written_again() -> None:
    ledger = ForgetfulLedger()
    house = Company(Play("One."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        await house.ledger.load()
        held = ledger.snapshot()
        house.says("@Mira one")
        await house.quiet()
        known = deepcopy(ledger.turns)
        ledger.restore(held)
        ledger.starts += 1
        await house.ledger.heal()
    assert ledger.turns == known != {}


async def test_a_session_that_the_store_lost_is_known_before_the_next_question() -> None:
    ledger = ForgetfulLedger()
    house = Company(Play("One."), Play("Two."), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        held = ledger.snapshot()
        house.says("@Mira one")
        await house.quiet()
        kept = ledger.sessions[Seat(ROOM.id, MIRA.key)]
        # Nobody has looked yet which process the store is.
        ledger.restore(held)
        house.says("@Mira two")
        await house.quiet()
    (first, _), (second, words) = house.mind.asked
    assert first == second == kept.thread_id
    assert "@Mira two" in words
    assert "@Mira one" not in words


async def test_a_changed_reply_whose_reopening_was_lost_is_unfinished_again() -> None:
    ledger, gate = ForgetfulLedger(), asyncio.Event()
    house = Company(Play("One."), Play("Two.", gate=gate), ledger=ledger)
    await house.casting.summon(ROOM, MIRA)
    async with house.tasks:
        await house.ledger.heal()
        house.says("@Mira one")
        await house.quiet()
        held = ledger.snapshot()
        (said,) = ledger.turns.values()
        again = replace(said, chunks=tuple(house.stage.posted)[1:]).again(said.accepted_at)
        assert await house.turn_queues.reopen(again)
        house.turn_queues.play([again])
        await until(lambda: len(house.mind.asked) == 2)
        ledger.restore(held)
        ledger.starts += 1
        await house.ledger.heal()
        assert [turn.state for turn in await ledger.unfinished()] == [TurnState.RUNNING]
        gate.set()
        await house.quiet()
        assert house.answers() == ["Two."]


async def test_a_store_that_does_not_tell_its_process_is_asked_in_vain() -> None:
    class Mute(ForgetfulLedger):
        async def run_id(self) -> str:
            raise StoreError("NOPERM")

    house = Company(ledger=Mute())
    async with house.tasks:
        await house.ledger.load()
        await house.ledger.heal()


class HeldLedger(ForgetfulLedger):
    """Once told to, it holds the next write of one turn until it is let on."""

    def __init__(self) -> None:
        super().__init__()
        self.holds, self.reached, self.let_on = "", asyncio.Event(), asyncio.Event()
        self.reopened: list[str] = []

    async def run(self, turn: Turn) -> None:
        await self._hold(turn)
        await super().run(turn)

    async def end(self, turn: Turn, **more: Any) -> None:
        await self._hold(turn)
        await super().end(turn, **more)

    async def reopen(self, turn: Turn) -> bool:
        self.reopened.append(turn.id)
        return await super().reopen(turn)

    async def _hold(self, turn: Turn) -> None:
        if turn.id == self.holds:
            self.holds = ""
            self.reached.set()
            await self.let_on.wait()


def turn_in(room: int, number: int) -> Turn:
    where = replace(ROOM, id=room)
    return Turn(where, MIRA.key, number, ANN.id, Reason.NAMED, datetime.now(UTC))


async def test_a_change_that_ends_while_what_was_lost_is_written_is_not_opened_again() -> None:
    ledger, other, said = HeldLedger(), turn_in(1, 1), turn_in(2, 2)
    done = replace(said, state=TurnState.DONE, text="One.", chunks=(3,), order=3)
    async with Tasks("test") as tasks:
        patient = WriteBehindLedger(ledger, tasks)
        await patient.heal()
        await patient.accept(other)
        await patient.accept(said)
        await patient.end(done)
        await patient.reopen(done.more(said.accepted_at))
        ledger.starts, ledger.holds = 2, other.id
        healing = tasks.start("heal", patient.heal())
        await ledger.reached.wait()
        ended = replace(done, text="One. Two.")
        await patient.end(ended)
        ledger.let_on.set()
        await healing
    assert ledger.reopened == [said.id]
    assert ledger.turns[said.id] == ended


async def test_a_reply_that_is_opened_while_what_was_lost_is_written_stays_open() -> None:
    ledger, other, said = HeldLedger(), turn_in(1, 1), turn_in(2, 2)
    done = replace(said, state=TurnState.DONE, text="One.", chunks=(3,), order=3)
    async with Tasks("test") as tasks:
        patient = WriteBehindLedger(ledger, tasks)
        await patient.heal()
        for turn in (replace(other, state=TurnState.DONE), done):
            await patient.accept(turn)
            await patient.end(turn)
        ledger.starts, ledger.holds = 2, other.id
        healing = tasks.start("heal", patient.heal())
        await ledger.reached.wait()
        more = done.more(said.accepted_at)
        assert await patient.reopen(more)
        ledger.let_on.set()
        await healing
    assert ledger.turns[said.id] == more
