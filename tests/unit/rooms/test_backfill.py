"""What was said while the bot was away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.policy import Mode
from bot.domain.room import Place, Room
from bot.domain.utterance import Utterance, snowflake_at
from bot.errors import (
    DiscordDownError,
    NotPermittedError,
    PlaceGoneError,
    StoreUnavailableError,
)
from bot.rooms.recovery.backfill import THREADS_KEPT, Backfill
from bot.rooms.state.offsets import TOO_OLD
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.obstacles import unreadable

THREAD = Room(8, Place.THREAD, 99, parent_id=ROOM.id)


async def backfill(house: Company, patience: float = 60) -> Backfill:
    """The bot was just started: any message may have been missed."""
    house.offsets.lost_touch()
    house.offsets.patience = patience
    await house.offsets.load()
    return house.backfill


async def test_what_was_missed_is_answered_and_what_was_seen_is_not() -> None:
    async with company(Play("To the second.")) as house:
        casts = house.casts
        seen = house.stage.say(ROOM, ANN, "@Mira the first")
        await casts.mark(ROOM.id, seen.message_id)
        house.stage.say(ROOM, ANN, "@Mira the second")
        await (await backfill(house)).read()
        await house.quiet()
        assert house.answers() == ["To the second."]
        assert "the first" not in house.mind.asked[0][1]


async def test_reading_twice_answers_once() -> None:
    async with company(Play("Once.")) as house:
        casts = house.casts
        await casts.mark(ROOM.id, 1)
        house.stage.say(ROOM, ANN, "@Mira hello")
        catching = await backfill(house)
        await catching.read()
        await house.quiet()
        await catching.read()
        await house.quiet()
        assert house.answers() == ["Once."]


async def test_old_talk_is_left_alone() -> None:
    async with company() as house:
        casts = house.casts
        await casts.mark(ROOM.id, 1)
        said = house.stage.posted.pop(house.stage.say(ROOM, ANN, "@Mira hello").message_id)
        said.id = snowflake_at(datetime.now(UTC) - 2 * TOO_OLD)
        house.stage.posted[said.id] = said
        await (await backfill(house)).read()
        await house.quiet()
        assert house.mind.asked == []


async def test_who_is_asked_late_is_told_so() -> None:
    async with company(Play("Sorry."), Play("Yes.")) as house:
        said = house.stage.posted.pop(house.stage.say(ROOM, ANN, "@Mira hello").message_id)
        said.id = snowflake_at(datetime.now(UTC) - timedelta(minutes=5, seconds=1))
        house.stage.posted[said.id] = said
        await (await backfill(house)).read()
        await house.quiet()
        house.says("@Mira and now?")
        await house.quiet()
        late, on_time = (words for _, words in house.mind.asked)
        assert late.endswith("\n[That was said 5 minutes ago; you could not answer sooner.]")
        assert "sooner" not in on_time


async def test_a_mark_moves_forward_only_and_only_where_somebody_is() -> None:
    async with company() as house:
        casts = house.casts
        catching = await backfill(house)
        await catching.read()
        house.offsets.decided(ROOM, 20)
        house.offsets.decided(ROOM, 10)
        house.offsets.decided(Room(555, Place.CHANNEL, 99), 30)
        await house.offsets.write()
        assert await casts.marks() == {ROOM.id: 20}


async def test_what_is_said_after_a_gap_does_not_hide_it() -> None:
    async with company(Play("Not lost.")) as house:
        casts = house.casts
        await casts.mark(ROOM.id, 1)
        catching = await backfill(house)
        house.stage.say(ROOM, ANN, "@Mira in the gap")
        house.says("just talk")
        await house.quiet()
        assert house.decided == []
        await catching.read()
        await house.quiet()
        assert house.answers() == ["Not lost."]
        assert house.decided == sorted(house.decided)
        assert len(house.decided) == 2


async def test_a_lost_connection_holds_the_marks_until_it_is_resumed() -> None:
    async with company() as house:
        casts = house.casts
        await casts.mark(ROOM.id, 10)
        catching = await backfill(house)
        await catching.read()
        catching.lost_touch()
        house.offsets.decided(ROOM, 20)
        await house.offsets.write()
        assert await casts.marks() == {ROOM.id: 10}
        catching.resumed()
        await house.offsets.write()
        assert await casts.marks() == {ROOM.id: 20}


async def test_a_thread_that_was_opened_meanwhile_is_read_by_its_parents_cast() -> None:
    async with company(Play("In here.")) as house:
        house.stage.active = [THREAD, Room(9, Place.THREAD, 99, parent_id=555)]
        house.stage.say(THREAD, ANN, "@Mira hello")
        await (await backfill(house)).read()
        await house.quiet()
        assert house.stage.texts(THREAD.id) == ["In here."]


async def test_a_thread_that_inherits_is_read_from_where_it_was_left() -> None:
    async with company(Play("To the second.")) as house:
        house.stage.active = [THREAD]
        seen = house.stage.say(THREAD, ANN, "@Mira the first")
        catching = await backfill(house)
        catching.resumed()
        house.offsets.decided(THREAD, seen.message_id)
        await house.offsets.write()
        house.stage.say(THREAD, ANN, "@Mira the second")
        await (await backfill(house)).read()
        await house.quiet()
        assert house.stage.texts(THREAD.id) == ["To the second."]
        assert len(house.mind.asked) == 1


async def test_an_archived_thread_is_not_asked_for() -> None:
    async with company() as house:
        await house.casting.dismiss(THREAD, "mira")
        await house.casting.summon(THREAD, KAI)
        house.stage.gone.add(THREAD.id)
        await (await backfill(house)).read()
        assert house.mind.asked == []


async def test_a_room_that_was_deleted_meanwhile_is_forgotten() -> None:
    async with company() as house:
        house.stage.gone.add(ROOM.id)
        await (await backfill(house)).read()
        assert house.casting.rooms() == ()
        assert await house.casts.rooms() == []


async def test_a_room_that_is_out_of_reach_is_not_forgotten() -> None:
    for error in (PlaceGoneError("archived"), NotPermittedError("VIEW_CHANNEL")):
        async with company() as house:
            house.stage.fails_with = error
            await (await backfill(house)).read()
            assert house.casting.rooms() == (ROOM,)


async def test_talk_in_a_thread_waits_until_the_gaps_are_read() -> None:
    async with company(Play("Yes.")) as house:
        catching = await backfill(house)
        said = house.stage.say(THREAD, ANN, "@Mira hello")
        house.dispatcher.hear(THREAD, said)
        await house.quiet()
        assert house.mind.asked == []
        await catching.read()
        await house.quiet()
        assert house.stage.texts(THREAD.id) == ["Yes."]


async def test_talk_waits_for_a_gap_that_can_be_read_only_later() -> None:
    async with company(Play("To both.")) as house:
        catching = await backfill(house)
        house.stage.say(ROOM, ANN, "@Mira missed")
        house.stage.fails_with = DiscordDownError(None, "down")
        await catching.read()
        house.says("@Mira new", by=BEN)
        await catching.again()
        await house.quiet()
        assert house.decided == []
        house.stage.fails_with = None
        await catching.again()
        await house.quiet()
        assert house.answers() == ["To both."]
        (asked,) = (words for _, words in house.mind.asked)
        assert asked.index("@Mira missed") < asked.index("@Mira new")
        assert await house.memory.unfinished() == []


async def test_a_gap_that_could_not_be_read_for_long_is_read_later_and_hides_nothing() -> None:
    async with company(Play("To the new one."), Play("To the missed one.")) as house:
        casts = house.casts
        await casts.mark(ROOM.id, 1)
        catching = await backfill(house, patience=0)
        house.stage.say(ROOM, ANN, "@Mira missed")
        house.stage.fails_with = DiscordDownError(None, "down")
        await catching.read()
        house.stage.fails_with = None
        new = house.says("@Mira new")
        await house.quiet()
        assert house.answers() == ["To the new one."]
        house.offsets.decided(ROOM, new.message_id)
        await house.offsets.write()
        assert await casts.marks() == {ROOM.id: 1}
        await catching.again()
        await house.quiet()
        assert house.answers() == ["To the new one.", "To the missed one."]
        await house.offsets.write()
        # The answer to the new one was read as well.
        assert (await casts.marks())[ROOM.id] >= new.message_id


async def test_a_store_that_is_away_while_gaps_are_read_leaves_no_room_deaf() -> None:
    async with company(Play("Yes.")) as house:
        catching = await backfill(house)
        house.stage.say(ROOM, ANN, "just talk")
        with unreadable(house, StoreUnavailableError("Redis at x cannot be reached")):
            await catching.read()
        house.says("@Mira hello")
        await catching.again()
        await house.quiet()
        assert house.answers() == ["Yes."]


async def test_a_server_that_is_back_is_read_and_no_other() -> None:
    async with company(Play("Back.")) as house:
        other = Room(70, Place.CHANNEL, 100)
        await house.casting.summon(other, MIRA)
        catching = await backfill(house)
        catching.resumed()
        house.stage.say(ROOM, ANN, "@Mira here")
        house.stage.say(other, ANN, "@Mira there")
        await catching.read_guild(99)
        await house.quiet()
        assert house.answers() == ["Back."]
        assert house.stage.texts(other.id) == []


async def test_threads_that_were_silent_for_long_are_forgotten() -> None:
    async with company() as house:
        casts = house.casts
        old = snowflake_at(datetime.now(UTC) - 2 * THREADS_KEPT)
        for room in (ROOM, THREAD):
            await casts.mark(room.id, old)
            await house.casting.address(room, "mira")
        catching = await backfill(house)
        await catching.prune()
        assert await casts.marks() == {ROOM.id: old}
        assert house.casting.last_addressed(ROOM) == "mira"
        assert house.casting.last_addressed(THREAD) is None


async def test_what_was_said_before_a_summons_is_no_gap() -> None:
    async with company(Play("Yes."), cast=()) as house:
        catching = await backfill(house)
        before = house.stage.say(ROOM, ANN, "@Mira anybody?")
        await house.casting.summon(ROOM, MIRA, at=before.message_id + 1)
        house.stage.say(ROOM, ANN, "@Mira hello")
        await catching.read()
        await house.quiet()
        assert house.answers() == ["Yes."]
        assert house.decided[0] > before.message_id


async def test_while_the_store_is_away_no_gap_is_read_and_each_is_later() -> None:
    async with company(Play("Late."), Play("Late too.")) as house:
        other = Room(70, Place.CHANNEL, 100)
        await house.casting.summon(other, MIRA)
        catching = await backfill(house)
        for room in (ROOM, other):
            house.stage.say(room, ANN, "@Mira hello")
        marks = house.casts.marks

        async def away() -> dict[int, int]:
            raise StoreUnavailableError("Redis at x cannot be reached")

        house.casts.marks = away  # type: ignore[method-assign]
        await catching.read()
        await house.quiet()
        assert house.mind.asked == []
        house.casts.marks = marks  # type: ignore[method-assign]
        await catching.again()
        await house.quiet()
        said = house.stage.texts(ROOM.id) + house.stage.texts(other.id)
        assert set(said) == {"Late.", "Late too."}


class Held:
    """A room's history that is being read until `go_on` is set."""

    def __init__(self, house: Company) -> None:
        self.go_on, self.asked = asyncio.Event(), 0
        self._read = house.stage.history
        house.stage.history = self._history  # type: ignore[method-assign, assignment]

    async def _history(self, room: Room, **what: int) -> list[Utterance]:
        self.asked += 1
        await self.go_on.wait()
        return await self._read(room, **what)


async def test_a_connection_that_is_lost_while_gaps_are_read_leaves_another_gap() -> None:
    async with company(Play("Not lost.")) as house:
        catching = await backfill(house)
        house.stage.say(ROOM, ANN, "just talk")
        held = Held(house)
        reading = house.tasks.start("read", catching.read())
        await until(lambda: held.asked)
        catching.lost_touch()
        held.go_on.set()
        await reading
        await house.quiet()
        house.stage.say(ROOM, ANN, "@Mira in the second gap")
        house.says("said before the new connection is ready")
        await house.quiet()
        assert house.decided == []
        await catching.read()
        await house.quiet()
        assert house.answers() == ["Not lost."]


async def test_a_resumed_connection_does_not_hide_a_gap_that_is_still_read() -> None:
    async with company(Play("Not lost.")) as house:
        catching = await backfill(house)
        house.stage.say(ROOM, ANN, "@Mira in the gap")
        held = Held(house)
        reading = house.tasks.start("read", catching.read())
        await until(lambda: held.asked)
        catching.lost_touch()
        catching.resumed()
        assert house.offsets.has_gap(ROOM)
        held.go_on.set()
        await reading
        await house.quiet()
        assert not house.offsets.has_gap(ROOM)
        assert house.answers() == ["Not lost."]


async def test_what_was_decided_while_a_gap_could_not_be_read_stays_so_when_it_is() -> None:
    async with company(cast=(MIRA, KAI)) as house:
        await house.policies.change(ROOM, lambda one: replace(one, mode=Mode.EVERY, chance=0))
        catching = await backfill(house, patience=0)
        house.stage.say(ROOM, ANN, "in the gap")
        house.stage.fails_with = DiscordDownError(None, "down")
        await catching.read()
        house.stage.fails_with = None
        for number in range(40):
            house.says(f"@Mira {number}" if number == 0 else f"{number}.")
            await house.quiet()
        answered = len(house.memory.turns)
        # From now on another one would be chosen.
        await house.casting.dismiss(ROOM, "mira")
        await catching.again()
        await house.quiet()
        assert len(house.memory.turns) == answered + 1
        assert len(await house.decisions.decisions(ROOM.id)) == 41


async def test_a_message_that_was_read_and_then_comes_late_is_decided_once() -> None:
    async with company(Play("Mira here."), Play("Kai here."), cast=(MIRA, KAI)) as house:
        catching = await backfill(house)
        said = house.stage.say(ROOM, ANN, "@Mira hello")
        await catching.read()
        await house.quiet()
        # Decided anew, it would be for another one.
        house.dispatcher.hear(ROOM, replace(said, text="@Kai hello"))
        await house.quiet()
        assert house.answers() == ["Mira here."]
