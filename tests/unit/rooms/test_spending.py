"""What members spend is bounded, for every way in, and they are told when they can go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.character import Character
from bot.domain.deciding import DecisionInputs
from bot.domain.decision import SkipReason
from bot.domain.policy import Mode, Policy
from bot.domain.room import Place, Room
from bot.domain.spending import Allowance, SpendingLimits, comes_back, day_of, hour_of
from bot.errors import StoreError, TurnFailure
from bot.rooms.decisions.spending import Spending
from bot.rooms.state.access import Access
from bot.rooms.state.casting import Casting
from bot.tasks import Tasks
from tests.fakes.casts import MemoryCasts
from tests.fakes.mind import Play
from tests.fakes.spending import MemorySpending
from tests.refused import refused
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Bookshelf, Company, until
from tests.unit.rooms.crashing import Fuse

LATE = datetime(2026, 11, 30, 23, 59, 30, tzinfo=UTC)


@asynccontextmanager
async def bounded(
    *script: Play,
    turns: int = 0,
    tokens: int = 0,
    cast: tuple[Character, ...] = (MIRA,),
    spent: MemorySpending | None = None,
) -> AsyncIterator[Company]:
    house = Company(*script, spent=spent, limits=SpendingLimits(turns, tokens))
    for character in cast:
        await house.casting.summon(ROOM, character)
    async with house.tasks:
        yield house


def notices(house: Company) -> list[str]:
    return [text for _, text, _ in house.stage.told]


def test_a_window_ends_where_the_next_one_begins() -> None:
    assert hour_of(LATE) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert comes_back(SkipReason.PERSON_SPENT, LATE) == datetime(2026, 12, 1, tzinfo=UTC)
    assert comes_back(SkipReason.DAY_SPENT, LATE) == datetime(2026, 12, 1, tzinfo=UTC)
    assert day_of(LATE + timedelta(minutes=1)) == datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("allowance", "taken", "refusal"),
    [
        (Allowance(), 10_000, None),
        (Allowance(turns=2), 1, None),
        (Allowance(turns=2), 2, SkipReason.PERSON_SPENT),
        (Allowance(turns=0), 0, SkipReason.PERSON_SPENT),
        (Allowance(turns=5, day_is_spent=True), 0, SkipReason.DAY_SPENT),
    ],
)
def test_an_allowance_refuses_once_it_is_used_up(
    allowance: Allowance, taken: int, refusal: SkipReason | None
) -> None:
    assert allowance.refusal(taken) is refusal


async def test_who_has_had_enough_is_told_once_and_others_are_answered() -> None:
    async with bounded(turns=2) as house:
        for number in range(5):
            house.says(f"@Mira {number}")
            await house.quiet()
        assert len(house.answers()) == 2
        assert len(notices(house)) == 1
        assert "Ask again <t:" in notices(house)[0]
        decision = (await house.decisions.decisions(ROOM.id))[0]
        assert [verdict.silence for verdict in decision.verdicts] == [SkipReason.PERSON_SPENT]
        house.says("@Mira and I?", by=BEN)
        await house.quiet()
        assert len(house.answers()) == 3


async def test_several_named_at_once_are_answered_as_far_as_the_limit_goes() -> None:
    async with bounded(turns=1, cast=(MIRA, KAI)) as house:
        house.says("@Kai @Mira hi")
        await house.quiet()
        assert len(house.answers()) == 1


async def test_what_characters_say_to_one_another_counts_for_who_started_it() -> None:
    script = Play("@Kai, your turn."), Play("@Mira, and yours."), Play("@Kai, again."), Play("Eh.")
    async with bounded(*script, turns=2, cast=(MIRA, KAI)) as house:
        house.says("@Mira go")
        await house.quiet()
        assert house.answers() == ["@Kai, your turn.", "@Mira, and yours."]
        assert notices(house) == []


async def test_unprompted_talk_that_a_limit_stops_tells_nobody() -> None:
    async with bounded(turns=1) as house:
        await house.policies.change(ROOM, lambda _: Policy(mode=Mode.EVERY))
        house.says("one")
        await house.quiet()
        house.says("two")
        await house.quiet()
        assert len(house.answers()) == 1
        assert notices(house) == []


async def test_a_spent_day_silences_everybody_and_says_so_once() -> None:
    async with bounded(Play("One.", spends=0), tokens=1) as house:
        house.says("@Mira one")
        await house.quiet()
        house.says("@Mira two", by=BEN)
        house.says("@Mira three")
        await house.quiet()
        assert len(house.answers()) == 1
        assert len(notices(house)) == 1
        assert "in a day" in notices(house)[0]


async def test_each_room_is_told_once_that_the_day_is_spent() -> None:
    cellar = Room(8, Place.CHANNEL, ROOM.guild_id)
    async with bounded(Play("One.", spends=5), tokens=1) as house:
        await house.casting.summon(cellar, MIRA)
        house.says("@Mira one")
        await house.quiet()
        for room in (ROOM, cellar, ROOM, cellar):
            house.dispatcher.hear(room, house.stage.say(room, BEN, "@Mira two"))
            await house.quiet()
        assert [room_id for room_id, _, _ in house.stage.told] == [ROOM.id, cellar.id]


async def test_the_tokens_of_a_turn_that_failed_count() -> None:
    failing = Play("Half an", fails=TurnFailure.REFUSED, spends=700)
    async with bounded(failing, Play("Never said."), tokens=500) as house:
        house.says("@Mira one")
        await house.quiet()
        assert await house.spent.tokens(day_of(datetime.now(UTC))) == 700
        house.says("@Mira two")
        await house.quiet()
        assert house.answers() == []


async def test_the_tokens_of_a_turn_that_a_person_stopped_count() -> None:
    async with bounded(Play("Once upon a time", hangs=True, spends=300), tokens=9_999) as house:
        house.says("@Mira a story")
        await until(lambda: house.answers())
        house.scene().stop()
        await house.quiet()
        assert await house.spent.tokens(day_of(datetime.now(UTC))) == 300


async def test_what_was_spent_outlives_a_restart() -> None:
    spent = MemorySpending()
    async with bounded(turns=1, spent=spent) as house:
        house.says("@Mira one")
        await house.quiet()
    async with bounded(turns=1, spent=spent) as house:
        house.says("@Mira two")
        await house.quiet()
        assert house.answers() == []


async def test_a_command_is_counted_and_refused_as_a_message_is() -> None:
    async with bounded(turns=1) as house:
        await house.dispatcher.admit(ROOM, ANN.id)
        with refused("Ask again <t:"):
            await house.dispatcher.admit(ROOM, ANN.id)
        await house.dispatcher.admit(ROOM, BEN.id)
        house.says("@Mira one")
        await house.quiet()
        assert house.answers() == []


async def test_a_flood_in_many_rooms_cannot_slip_through_together() -> None:
    async with bounded(turns=3) as house:
        rooms = [Room(100 + number, Place.CHANNEL, 99) for number in range(20)]
        for room in rooms:
            await house.casting.summon(room, MIRA)
        for room in rooms:
            house.dispatcher.hear(room, house.stage.say(room, ANN, "@Mira hi"))
        await house.quiet()
        assert sum(len(house.stage.texts(room.id)) for room in rooms) == 3


async def test_nothing_begins_while_what_was_spent_cannot_be_read() -> None:
    spent = MemorySpending()
    spent.away = True
    async with bounded(turns=5) as house:
        spending = Spending(spent, SpendingLimits(5, 5), house.tasks, clock=house.stage)
        with pytest.raises(StoreError):
            await spending.allowance(ANN.id)
        with pytest.raises(StoreError):
            await spending.admit(ANN.id)


async def test_nobody_is_in_a_room_that_the_host_refuses() -> None:
    access = Access(direct_messages=False, servers=frozenset({99}))
    casting = Casting(MemoryCasts(), Bookshelf(MIRA), access)
    here, elsewhere = Room(1, Place.CHANNEL, 99), Room(2, Place.CHANNEL, 98)
    direct = Room(3, Place.DIRECT)
    await casting.summon(here, MIRA)
    for room, reason in ((elsewhere, "isn’t open to this server"), (direct, "direct messages")):
        with refused(reason):
            await casting.summon(room, MIRA)
        assert not casting.has(room)
    assert casting.has(here)


async def test_a_message_that_is_edited_while_it_is_decided_on_counts_once() -> None:
    async with bounded(Play("Noon."), turns=9) as house:
        of_person = house.decision_inputs.of_person
        edits = ["@Mira what time is it?"]

        async def edited_meanwhile(*args: Any) -> DecisionInputs:
            facts = await of_person(*args)
            if edits:
                house.changes.edited(
                    replace(args[1], text=edits.pop(), edited_at=args[1].at + timedelta(seconds=2))
                )
            return facts

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(house.decision_inputs, "of_person", edited_meanwhile)
            said = house.says("@Mira what time")
            await house.quiet()
        assert house.answers() == ["Noon."]
        assert len(await house.spent.turns(said.speaker.id, hour_of(datetime.now(UTC)))) == 1


class TodayRefused(MemorySpending):
    """Takes no tokens of the day after `LATE`."""

    async def add_tokens(self, day: datetime, count: int) -> int:
        if day > LATE:
            raise StoreError("away")
        return await super().add_tokens(day, count)


class Stopped:
    """A `Clock` that a test sets."""

    def __init__(self) -> None:
        self.at = LATE

    def now(self) -> datetime:
        return self.at


async def test_a_late_write_for_yesterday_does_not_forget_today() -> None:
    clock = Stopped()
    async with Tasks("test") as tasks:
        limits = SpendingLimits(tokens_per_day=10)
        spending = Spending(TodayRefused(), limits, tasks, clock=clock)
        spending.count_tokens(1)  # is written when the day is over
        clock.at = LATE + timedelta(minutes=1)
        await spending.allowance(ANN.id)
        spending.count_tokens(10)
        await tasks.join(5)
        assert (await spending.allowance(ANN.id)).day_is_spent


@pytest.mark.parametrize("before", [True, False])
async def test_a_turn_is_counted_once_though_the_bot_dies_before_its_decision_is_on_record(
    before: bool,
) -> None:
    fuse, spent, limits = Fuse(), MemorySpending(), SpendingLimits(turns_per_hour=5)
    first = Company(ledger=fuse, spent=spent, limits=limits)
    async with first.tasks:
        await first.casting.summon(ROOM, MIRA)
        fuse.arm(1, before=before)
        said = first.says("@Mira hello")
        await fuse.blown.wait()
        await until(lambda: any(spent._turns.values()))
    fuse.renew()
    second = Company(Play("Hello."), ledger=fuse, spent=spent, limits=limits)
    async with second.tasks:
        await second.casting.summon(ROOM, MIRA)
        await second.crash_recovery.resume()
        second.dispatcher.hear(ROOM, said, read=True)
        await second.quiet()
        assert second.answers() == ["Hello."]
        assert (await second.spending.allowance(ANN.id)).turns == 4
        assert len(await spent.turns(ANN.id, hour_of(datetime.now(UTC)))) == 1
