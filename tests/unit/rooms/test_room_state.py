"""The state that the rooms share: offsets, the inbox, turns in hand, questions that run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Reason, Turn
from bot.domain.utterance import snowflake_at
from bot.errors import StoreUnavailableError
from bot.rooms.runs.open_questions import ModelTurn, OpenQuestions
from bot.rooms.runs.running_turns import RunningTurn
from bot.rooms.runs.turn_run import TurnRequest, TurnRun
from bot.rooms.state.access import Access
from bot.rooms.state.mailbox import Heard, Mailbox
from bot.rooms.state.offsets import TOO_OLD
from bot.rooms.state.room_state import RoomState, StatePorts, state_of
from bot.tasks import Tasks
from tests.fakes.casts import MemoryCasts
from tests.fakes.persona_states import MemoryPersonaStates
from tests.fakes.policies import MemoryPolicies
from tests.fakes.stage import MemoryStage
from tests.unit.rooms.company import ANN, KAI, MIRA, ROOM, Bookshelf, until

ELSEWHERE = Room(8, Place.CHANNEL, 99)


class Shared:
    """The state of the rooms alone, with Mira in one room, and nothing that acts on it."""

    def __init__(self, turns: Tasks) -> None:
        self.casts, self.stage = MemoryCasts(), MemoryStage()
        self.considered: list[int] = []
        self.state: RoomState = state_of(
            StatePorts(
                casts=self.casts,
                policies=MemoryPolicies(),
                persona_states=MemoryPersonaStates(),
                characters=Bookshelf(MIRA, KAI),
                clock=self.stage,
                access=Access(),
                turns=turns,
            )
        )
        self.offsets, self.inbox = self.state.offsets, self.state.inbox

    async def consider(self, room: Room, heard: Heard, mailbox: Mailbox) -> None:
        assert mailbox.deciding is heard.utterance
        assert self.inbox.undecided(room) == heard.utterance.order
        self.considered.append(heard.utterance.message_id)

    def says(self, text: str, room: Room = ROOM) -> int:
        said = self.stage.say(room, ANN, text)
        self.inbox.post(room, Heard(said))
        return said.message_id


@pytest.fixture
async def shared() -> AsyncIterator[Shared]:
    async with Tasks("test") as turns:
        made = Shared(turns)
        await made.state.casting.summon(ROOM, MIRA)
        yield made


def turn(trigger: int, character: str = MIRA.key) -> Turn:
    return Turn(ROOM, character, trigger, ANN.id, Reason.NAMED, datetime.now(UTC))


async def test_a_process_that_just_began_may_have_missed_something_everywhere(
    shared: Shared,
) -> None:
    assert shared.offsets.has_gap(ROOM)
    assert shared.offsets.whole_upto(ROOM) == shared.offsets.position(ROOM.id)
    shared.offsets.connected().over = True
    assert not shared.offsets.has_gap(ROOM)
    assert shared.offsets.whole_upto(ROOM) is None
    assert shared.offsets.waiting() == [ROOM]
    shared.offsets.release(ROOM)
    assert shared.offsets.waiting() == []


async def test_an_offset_moves_forward_only_and_only_where_a_character_is(shared: Shared) -> None:
    shared.offsets.resumed()
    now = snowflake_at(datetime.now(UTC))
    for room, message_id in ((ROOM, now + 20), (ROOM, now + 10), (ELSEWHERE, now + 30)):
        shared.offsets.decided(room, message_id)
    assert shared.offsets.position(ROOM.id) == now + 20
    await shared.offsets.write()
    assert await shared.casts.marks() == {ROOM.id: now + 20}
    assert shared.offsets.silent(now + 21, kept=()) == [ROOM.id]
    assert shared.offsets.silent(now + 21, kept={ROOM.id}) == []
    shared.offsets.forget([ROOM.id])
    assert shared.offsets.silent(now + 21, kept=()) == []


async def test_what_is_decided_in_a_gap_is_passed_but_not_written(shared: Shared) -> None:
    later = snowflake_at(datetime.now(UTC) + timedelta(hours=1))
    shared.offsets.decided(ROOM, later)
    assert shared.offsets.passed(ROOM.id, later)
    assert not shared.offsets.passed(ROOM.id, later + 1)
    await shared.offsets.write()
    assert await shared.casts.marks() == {ROOM.id: 0}
    shared.offsets.connected().over = True
    await shared.offsets.write()
    assert await shared.casts.marks() == {ROOM.id: later}


async def test_what_is_too_old_to_be_answered_is_passed(shared: Shared) -> None:
    old = snowflake_at(shared.stage.now() - TOO_OLD)
    assert shared.offsets.passed(ROOM.id, old - 1)


async def test_a_write_that_failed_is_made_later(shared: Shared) -> None:
    shared.offsets.resumed()
    mark, later = shared.casts.mark, snowflake_at(datetime.now(UTC) + timedelta(hours=1))

    async def away(room_id: int, message_id: int) -> None:
        raise StoreUnavailableError("away")

    shared.casts.mark = away  # type: ignore[method-assign]
    shared.offsets.decided(ROOM, later)
    with pytest.raises(StoreUnavailableError):
        await shared.offsets.write()
    shared.casts.mark = mark  # type: ignore[method-assign]
    await shared.offsets.write()
    assert await shared.casts.marks() == {ROOM.id: later}


async def test_a_range_that_is_put_off_holds_the_talk_for_a_while_and_the_offset_for_longer(
    shared: Shared,
) -> None:
    missed = shared.offsets.connected()
    shared.offsets.put_off(ROOM, missed)
    missed.over = True
    assert shared.offsets.has_gap(ROOM)
    assert not shared.offsets.has_gap(ELSEWHERE)
    assert shared.offsets.read_later() == [ROOM]
    shared.offsets.caught_up(ROOM, missed)
    shared.offsets.patience = 0
    shared.offsets.put_off(ROOM, missed)
    assert not shared.offsets.has_gap(ROOM)
    assert shared.offsets.is_put_off(ROOM.id)
    assert shared.offsets.whole_upto(ROOM) is not None
    shared.offsets.caught_up(ROOM, missed)
    assert shared.offsets.whole_upto(ROOM) is None


async def test_a_resumed_connection_leaves_the_range_that_was_missed_before(shared: Shared) -> None:
    first = shared.offsets.missed
    shared.offsets.lost_touch()
    assert not shared.offsets.is_connected
    assert shared.offsets.missed is not first
    shared.offsets.resumed()
    assert shared.offsets.is_connected
    assert shared.offsets.missed is first


async def test_messages_are_handed_on_in_order_once_nothing_is_missing(shared: Shared) -> None:
    shared.inbox.serve(shared.consider)
    first, second = shared.says("one"), shared.says("two")
    before, undecided = shared.offsets.position(ROOM.id), shared.inbox.undecided(ROOM)
    # The position follows the clock, which may tick in between.
    assert undecided is not None
    assert before + 1 <= undecided <= shared.offsets.position(ROOM.id) + 1
    assert shared.considered == []
    shared.offsets.resumed()
    assert shared.inbox.undecided(ROOM) == first
    shared.inbox.release(ROOM)
    await until(lambda: shared.inbox.undecided(ROOM) is None)
    assert shared.considered == [first, second]
    assert shared.offsets.position(ROOM.id) == second


async def test_a_message_that_cannot_be_considered_holds_up_nothing(
    shared: Shared, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(room: Room, heard: Heard, mailbox: Mailbox) -> None:
        raise ValueError("a fault")

    shared.inbox.serve(fail)
    shared.offsets.resumed()
    said = shared.says("one")
    await until(lambda: shared.inbox.undecided(ROOM) is None)
    assert shared.offsets.position(ROOM.id) == said
    assert "cannot decide on a message" in caplog.text


async def test_the_words_of_a_character_wait_until_they_are_decided_on(shared: Shared) -> None:
    await shared.state.casting.summon(ROOM, KAI)
    shared.offsets.resumed()
    go_on = asyncio.Event()

    async def consider(room: Room, heard: Heard, mailbox: Mailbox) -> None:
        await go_on.wait()

    shared.inbox.serve(consider)
    said = shared.stage.say(ROOM, ANN, "my words")
    spoken = replace(turn(said.message_id), thread_id="thread")
    overhearing = asyncio.ensure_future(shared.inbox.on_character_message(spoken, said, False))
    await until(lambda: shared.inbox.undecided(ROOM) is not None)
    assert not overhearing.done()
    go_on.set()
    assert await overhearing
    # They move no offset: they are no message of Discord's that could be missed.
    assert not shared.offsets.passed(ROOM.id, said.message_id)


async def test_a_closed_inbox_leaves_words_to_the_next_process(shared: Shared) -> None:
    await shared.state.casting.summon(ROOM, KAI)
    said = shared.stage.say(ROOM, ANN, "my words")
    spoken = replace(turn(said.message_id), thread_id="thread")
    shared.inbox.close()
    assert shared.inbox.is_closed
    assert not await shared.inbox.on_character_message(spoken, said, False)
    # A greeting was not thought: it asks nobody, and is done.
    assert await shared.inbox.on_character_message(turn(said.message_id), said, False)


async def test_an_answer_may_come_from_the_oldest_turn_in_hand_on(shared: Shared) -> None:
    shared.offsets.resumed()
    in_hand = shared.state.in_hand
    assert in_hand.open_from(ROOM, MIRA.key) is None
    for asked in (turn(20), turn(10), turn(5, KAI.key)):
        in_hand.add(asked.id)
    assert in_hand.open_from(ROOM, MIRA.key) == 10
    assert turn(10).id in in_hand
    in_hand.drop([turn(10).id, "never taken"])
    assert in_hand.ids == {turn(20).id, turn(5, KAI.key).id}
    assert in_hand.open_from(ROOM, MIRA.key) == 20
    assert in_hand.open_from(ELSEWHERE, MIRA.key) is None


async def test_a_running_question_is_known_by_its_seat_for_as_long_as_it_runs() -> None:
    questions, asked = OpenQuestions(), turn(10)

    def no_others(told: object = None, /) -> list[Turn]:
        return []

    run = TurnRun(TurnRequest(asked, MIRA, no_others, lambda: None, lambda: datetime.now(UTC)))
    model_turn = ModelTurn(run, RunningTurn(asked, MIRA), lambda _: None)
    seat = Seat(ROOM.id, MIRA.key)
    with questions.hold(model_turn):
        assert questions.of(seat) is model_turn
        assert questions.asked(ROOM.id, 10) == {MIRA.key}
        assert questions.asked(ROOM.id, 11) == frozenset()
        assert questions.asked(ELSEWHERE.id, 10) == frozenset()
        assert questions.unbegun(ROOM) == [asked]
        run.words_shown()
        assert questions.unbegun(ROOM) == []
    assert questions.of(seat) is None
    assert questions.asked(ROOM.id, 10) == frozenset()
