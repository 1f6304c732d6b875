"""Turns in hand: none is lost, none is played twice, whatever fails between two steps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.domain.character import Character
from bot.domain.room import Seat
from bot.domain.turn import Turn
from bot.errors import DiscordDownError, StoreError, StoreUnavailableError, TurnFailure
from bot.rooms.runs.turn_results import Ending
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.obstacles import unreadable


class Weak(MemoryLedger):
    """A ledger that fails on demand: `refuses` names a method and is raised by it."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses: dict[str, Exception] = {}
        self.skip = 0

    def _maybe(self, name: str) -> None:
        if name in self.refuses:
            if self.skip:
                self.skip -= 1
                return
            raise self.refuses[name]

    async def accept(self, turn: Turn) -> bool:
        self._maybe("accept")
        return await super().accept(turn)

    async def record(self, turn: Turn, **more: Any) -> None:
        self._maybe("record")
        await super().record(turn, **more)

    async def run(self, turn: Turn) -> None:
        self._maybe("run")
        await super().run(turn)

    async def end(self, turn: Turn, **more: Any) -> None:
        self._maybe("end")
        await super().end(turn, **more)


@asynccontextmanager
async def on(ledger: Weak, *script: Play, cast: Any = (MIRA,)) -> AsyncIterator[Company]:
    made = Company(*script, ledger=ledger)
    for one in cast:
        await made.casting.summon(ROOM, one)
    async with made.tasks:
        yield made


async def test_what_was_accepted_before_the_store_failed_is_answered() -> None:
    ledger = Weak()
    ledger.refuses["accept"], ledger.skip = StoreUnavailableError("away"), 1
    async with on(ledger, Play("I am here."), Play("I too."), cast=(MIRA, KAI)) as house:
        house.says("@Mira @Kai hi")
        await until(lambda: house.stage.told)
        assert house.stage.told[0][1].endswith("You’ll be answered when it’s back.")
        ledger.refuses.clear()
        await house.quiet()
        assert house.answers() == ["I am here.", "I too."]
        assert house.turn_queues.in_hand == frozenset()


async def test_a_turn_that_meets_no_store_stays_in_hand_and_is_asked_once_it_is_back() -> None:
    async with company(Play("To both."), Play("Once more.")) as house:
        session, tries = house.memory.session, list[Seat]()

        async def away(seat: Seat) -> None:
            tries.append(seat)
            raise StoreUnavailableError("away")

        house.memory.session = away  # type: ignore[method-assign]
        house.says("@Mira one")
        await until(lambda: tries)
        house.says("@Mira two")
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        house.memory.session = session  # type: ignore[method-assign]
        await house.quiet()
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["To both."]
        assert len(house.mind.asked) == 1
        assert await house.memory.unfinished() == []


async def test_a_turn_whose_room_cannot_be_read_stays_in_hand_and_is_asked_once_it_can() -> None:
    async with company(Play("To both."), Play("Once more.")) as house:
        with unreadable(house, DiscordDownError(502, "down")) as tries:
            house.says("@Mira one")
            await until(lambda: tries)
            house.says("@Mira two")
            await until(lambda: len(house.turn_queues.in_hand) == 2)
        await house.quiet()
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["To both."]
        assert house.stage.told == []


async def test_a_failure_to_remember_whom_costs_no_answer() -> None:
    async with company(Play("Yes.")) as house:

        async def away(*_: object) -> None:
            raise StoreUnavailableError("away")

        house.casting.address = away  # type: ignore[method-assign,assignment]
        house.says("@Mira hi")
        await house.quiet()
        assert house.answers() == ["Yes."]


async def test_while_its_record_waits_no_turn_is_taken_up_again() -> None:
    ledger = Weak()
    async with on(ledger, Play("Once."), Play("Twice.")) as house:
        ledger.refuses["record"] = StoreUnavailableError("away")
        house.says("@Mira hi")
        await until(lambda: house.answers() and not house.turn_queues.in_hand)
        with suppress(StoreUnavailableError):
            await house.crash_recovery.resume()
        ledger.refuses.clear()
        await house.quiet()
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["Once."]


async def test_two_that_wait_for_a_mind_are_asked_as_one() -> None:
    async with company(Play("To both.")) as house:
        awake = asyncio.Event()
        lease = house.mind.lease

        @asynccontextmanager
        async def slow(*args: Any, **more: Any) -> AsyncIterator[Any]:
            await awake.wait()
            async with lease(*args, **more) as held:
                yield held

        house.mind.lease = slow  # type: ignore[method-assign]
        house.says("@Mira one")
        await until(lambda: len(house.turn_queues.in_hand) == 1)
        house.says("@Mira two")
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        awake.set()
        await house.quiet()
        assert house.answers() == ["To both."]
        assert len(house.mind.asked) == 1
        assert await house.memory.unfinished() == []


async def test_a_restart_in_a_merged_turn_gives_one_answer_that_the_thread_knows() -> None:
    first = Company(
        Play("Zero."), Play("A", gate=(held := asyncio.Event())), Play("B", gate=asyncio.Event())
    )
    first.mind.silence = 30
    async with first.tasks:
        await first.casting.summon(ROOM, MIRA)
        first.says("@Mira zero")
        await first.quiet()
        first.says("@Mira first")
        await until(lambda: len(first.mind.asked) == 2)
        first.says("@Mira one", by=BEN)
        first.says("@Mira two", by=BEN)
        await until(lambda: len(first.turn_queues.in_hand) == 3)
        held.set()
        await until(lambda: len(first.mind.asked) == 3)
    second = Company(Play("To both."), ledger=first.memory)
    second.stage.posted, second.stage._ids = first.stage.posted, first.stage._ids
    second.mind.threads, second.mind._numbers = first.mind.threads, first.mind._numbers
    for thread in second.mind.threads.values():
        thread.lock = asyncio.Lock()
    async with second.tasks:
        await second.casting.summon(ROOM, MIRA)
        await second.crash_recovery.resume()
        await second.quiet()
    assert second.answers() == ["Zero.", "A", "To both."]
    (thread,) = second.mind.threads.values()
    assert thread.turns[-1].said == "To both."
    assert "@Mira one" in thread.turns[-1].words
    assert "@Mira two" in thread.turns[-1].words


async def test_a_turn_that_met_a_store_that_refuses_is_answered_when_it_takes_again() -> None:
    ledger = Weak()
    ledger.refuses["end"] = StoreError("READONLY")
    async with on(ledger, Play("M."), Play("K."), cast=(MIRA, KAI)) as house:
        house.says("@Mira @Kai hi")
        await until(house.answers)
        ledger.refuses.clear()
        await house.quiet()
        assert house.answers() == ["M.", "K."]
        assert await ledger.unfinished() == []


async def test_a_dismissed_character_hears_later_what_was_said_meanwhile() -> None:
    async with company(Play("Hello."), Play("Plum.")) as house:
        house.says("@Mira hi")
        await house.quiet()
        await house.casting.dismiss(ROOM, "mira")
        house.says("the secret word is PLUM")
        await house.casting.summon(ROOM, MIRA)
        house.says("@Mira what is the word?")
        await house.quiet()
        assert "PLUM" in house.mind.asked[1][1]


async def test_a_deleted_question_is_not_answered() -> None:
    held = asyncio.Event()
    async with company(Play("First.", gate=held)) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        asked = house.says("@Mira two")
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        house.message_log.unsay(ROOM.id, [asked.message_id])
        del house.stage.posted[asked.message_id]
        held.set()
        await house.quiet()
        assert house.answers() == ["First."]
        assert len(house.mind.asked) == 1
        assert house.stage.told == []
        assert house.outcomes[-1].ending is Ending.SKIPPED


async def test_a_full_context_is_recovered_from_and_not_shown() -> None:
    async with company(
        Play("First."), Play("", fails=TurnFailure.CONTEXT_FULL), Play("Second.")
    ) as house:
        house.says("@Mira one")
        await house.quiet()
        house.says("@Mira two")
        await house.quiet()
        assert house.answers() == ["First.", "Second."]
        assert house.stage.told == []
        assert house.mind.asked[1][0] != house.mind.asked[2][0]


async def test_what_a_dead_process_declined_does_not_silence_the_next() -> None:
    held = asyncio.Event()
    async with company(Play("half", gate=held), Play("A real answer.")) as house:
        house.says("@Mira a")
        await until(lambda: house.mind.asked)
        house.scene().skip("no")
        house.mind.kill("mira")
        await house.quiet()
        assert house.answers() == ["A real answer."]


async def test_a_write_that_can_never_be_made_does_not_stop_the_record() -> None:
    ledger = Weak()
    async with on(ledger, Play("a."), Play("b.")) as house:
        ledger.refuses["run"] = StoreUnavailableError("away")
        house.says("@Mira a")
        await until(house.ledger.waiting)
        ledger.refuses["run"] = TypeError("odd")
        await until(lambda: not house.ledger.waiting())
        ledger.refuses.clear()
        house.says("@Mira b")
        await house.quiet()
        assert house.answers() == ["a.", "b."]
        assert await ledger.unfinished() == []


async def test_two_summons_at_once_bring_both() -> None:
    async with company(cast=()) as house:
        await asyncio.gather(house.casting.summon(ROOM, MIRA), house.casting.summon(ROOM, KAI))
        assert {one.key for one in house.casting.cast(ROOM)} == {"mira", "kai"}


async def test_a_turn_of_a_character_that_was_sent_away_is_closed() -> None:
    held = asyncio.Event()
    async with company(Play("First.", gate=held)) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two", by=BEN)
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        await house.casting.dismiss(ROOM, "Mira")
        held.set()
        await house.quiet()
        assert house.answers() == ["First."]
        assert await house.memory.unfinished() == []


async def test_one_whose_file_is_gone_can_be_sent_away() -> None:
    async with company() as house:
        del house.shelf.by_key["mira"]
        assert house.casting.missing(ROOM) == ["mira"]
        assert await house.casting.dismiss(ROOM, "mira") == "mira"
        assert not house.casting.has(ROOM)


async def test_a_model_that_does_not_end_is_cut_with_a_mark() -> None:
    async with company(Play(" ".join(f"{n}" + "w" * 500 for n in range(100)))) as house:
        house.says("@Mira tell me everything")
        await house.quiet()
        whole = "".join(house.answers())
        assert len(whole) < 21_000
        assert whole.endswith("[…]")


async def test_a_reply_between_two_people_brings_no_complaint_when_the_store_is_away() -> None:
    async with company() as house:
        other = house.stage.say(ROOM, ANN, "nice weather")

        speaker_of, tries = house.memory.speaker_of, list[int]()

        async def away(message_id: int) -> None:
            tries.append(message_id)
            raise StoreUnavailableError("away")

        house.memory.speaker_of = away  # type: ignore[method-assign]
        house.says("indeed", reply_to=other.message_id)
        await until(lambda: len(tries) > 1)
        house.memory.speaker_of = speaker_of  # type: ignore[method-assign]
        await house.quiet()
        assert house.stage.told == []


async def test_who_is_named_second_and_asked_again_meanwhile_answers_both_at_once() -> None:
    gate = asyncio.Event()
    async with company(Play("One moment.", gate=gate), Play("Yes."), cast=(MIRA, KAI)) as house:
        house.says("@Mira @Kai hello")
        await until(lambda: len(house.mind.asked) == 1)
        house.says("@Kai and the engine?")
        await until(lambda: len(house.mind.asked) == 2)
        gate.set()
        await house.quiet()
        assert len(house.mind.asked) == 2
        assert await house.memory.unfinished() == []


async def test_a_question_ends_before_a_message_in_which_another_one_speaks_first() -> None:
    gate, awake = asyncio.Event(), asyncio.Event()
    script = Play("Me first.", gate=gate), Play("Well."), Play("Then me.")
    async with company(*script, cast=(MIRA, KAI)) as house:
        lease = house.mind.lease

        @asynccontextmanager
        async def slow(character: Character, **more: Any) -> AsyncIterator[Any]:
            if character is KAI:
                await awake.wait()
            async with lease(character, **more) as held:
                yield held

        house.mind.lease = slow  # type: ignore[method-assign]
        house.says("@Kai one")
        house.says("@Mira @Kai two")
        await until(lambda: len(house.mind.asked) == 1)
        awake.set()
        await until(lambda: len(house.mind.asked) == 2)
        assert "two" not in house.mind.asked[1][1]
        gate.set()
        await house.quiet()
        assert len(house.mind.asked) == 3
        assert "@Kai one" not in house.mind.asked[2][1]
        assert "Me first." in house.mind.asked[2][1]


async def test_an_answer_may_be_on_its_way_from_the_oldest_question_in_hand_or_undecided() -> None:
    gate = asyncio.Event()
    async with company(Play("One.", gate=gate), Play("Two.")) as house:
        assert house.in_hand.open_from(ROOM, MIRA.key) is None
        said = house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two", by=BEN)
        assert house.in_hand.open_from(ROOM, MIRA.key) == said.message_id
        gate.set()
        await house.quiet()
        assert house.in_hand.open_from(ROOM, MIRA.key) is None
        house.backfill.lost_touch()
        newest = max(house.decided)
        assert house.in_hand.open_from(ROOM, MIRA.key) == newest + 1
