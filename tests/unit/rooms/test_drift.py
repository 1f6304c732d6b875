"""What was edited or deleted while nobody told of it is found before a thread is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.room import Room, Seat
from bot.domain.utterance import Utterance, snowflake_at
from bot.errors import DiscordDownError, NotPermittedError, TurnFailure
from tests.fakes.mind import Play
from tests.unit.rooms.company import KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread, reborn
from tests.unit.rooms.obstacles import slow_words, unreadable
from tests.unit.rooms.test_backfill import backfill
from tests.unit.rooms.test_following import asked

SCRIPT = [Play(f"{number}.") for number in ("One", "Two", "Three", "Four", "Five", "Six")]


def edit(house: Company, said: Utterance, text: str) -> None:
    """Discord does not tell of it."""
    posted = house.stage.posted[said.message_id]
    posted.text, posted.edited_at = text, datetime.now(UTC)


@asynccontextmanager
async def after_a_restart(old: Company) -> AsyncIterator[tuple[Company, list[Room]]]:
    """The next process, and the rooms that it looks at as a whole, each time that it does."""
    house, looks = reborn(old), list[Room]()
    look = house.stage.messages

    async def messages(room: Room, **more: Any) -> dict[int, datetime | None]:
        looks.append(room)
        return await look(room, **more)

    house.stage.messages = messages  # type: ignore[method-assign]
    async with house.tasks:
        for one in (MIRA, KAI):
            await house.casting.summon(ROOM, one)
        yield house, looks


def asked_turns(house: Company) -> list[str]:
    """The turns that Mira's session knows, in which its thread was asked."""
    told = house.memory.sessions[Seat(ROOM.id, "mira")].told
    return [one.codex_turn_id for one in told if one.codex_turn_id]


def threads(house: Company) -> set[str]:
    return set(house.mind.threads)


async def test_what_was_edited_while_the_bot_was_away_is_known_as_it_reads_now() -> None:
    async with company(*SCRIPT) as first:
        await asked(first, "@Mira first")
        said = await asked(first, "@Mira it is plum")
        edit(first, said, "@Mira it is pear")
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira and now?")
            check_thread(house)
            assert threads(house) == threads(first)
            assert "plum" not in repr(house.mind.threads)


async def test_what_was_deleted_while_the_bot_was_away_is_forgotten() -> None:
    async with company(*SCRIPT) as first:
        await asked(first, "@Mira first")
        said = first.says("the password is plum")
        await asked(first, "@Mira second")
        del first.stage.posted[said.message_id]
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira and now?")
            check_thread(house)
            assert "plum" not in repr(house.mind.threads)


async def test_where_nothing_changed_threads_stay_and_the_room_is_looked_at_once() -> None:
    async with company(*SCRIPT) as first:
        await first.casting.summon(ROOM, KAI)
        said = first.says("it is plum")
        edit(first, said, "it is pear")
        first.changes.edited(replace(said, text="it is pear"))
        await asked(first, "@Mira @Kai first")
        async with after_a_restart(first) as (house, looks):
            before = {
                key: house.memory.sessions[Seat(ROOM.id, key)].told for key in ("mira", "kai")
            }
            await asked(house, "@Mira @Kai second")
            await asked(house, "@Mira @Kai third")
            for key, told in before.items():
                assert house.memory.sessions[Seat(ROOM.id, key)].told[: len(told)] == told
            assert len(asked_turns(house)) == 3
            assert looks == [ROOM]


async def test_each_connection_is_looked_back_from_once() -> None:
    async with company(*SCRIPT) as first:
        await asked(first, "@Mira first")
        async with after_a_restart(first) as (house, looks):
            said = await asked(house, "@Mira it is plum")
            assert looks == [ROOM]
            edit(house, said, "@Mira it is pear")
            house.drift.begin()
            await asked(house, "@Mira and now?")
            await asked(house, "@Mira and then?")
            check_thread(house)
            assert looks == [ROOM, ROOM]


async def test_what_was_injected_is_followed_too() -> None:
    async with company(*SCRIPT) as first:
        said = first.says("it is plum")
        await first.quiet()
        await asked(first, "@Mira first")
        async with after_a_restart(first) as (house, _):
            # Its thread is lost: all that was said before is injected into a new one.
            thread = house.memory.sessions[Seat(ROOM.id, "mira")].thread_id
            house.mind.lose(thread)
            await asked(house, "@Mira second")
            edit(house, said, "it is pear")
            house.drift.begin()
            await asked(house, "@Mira third")
            check_thread(house)


async def test_where_the_past_may_not_be_read_nobody_waits_for_it() -> None:
    async with company(*SCRIPT) as first:
        await asked(first, "@Mira first")
        async with after_a_restart(first) as (house, _):
            heard = house.says("hello")
            await house.quiet()
            with unreadable(house, NotPermittedError("Read Message History", "the lobby")):
                await asked(house, "@Mira second")
            assert house.answers()[-1] == "Two."
            assert heard.text in house.mind.asked[-1][1]


async def test_what_was_edited_before_it_was_told_was_told_so() -> None:
    async with company(*SCRIPT) as first:
        said = first.says("it is plum")
        edit(first, said, "it is pear")
        first.changes.edited(replace(said, text="it is pear"))
        await asked(first, "@Mira first")
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira second")
            assert len(asked_turns(house)) == 2


async def test_an_answer_that_was_deleted_is_forgotten_by_who_gave_it() -> None:
    async with company(*SCRIPT) as first:
        await asked(first, "@Mira first")
        await asked(first, "@Mira second")
        answer = next(one for one in first.stage.posted.values() if one.text == "Two.")
        del first.stage.posted[answer.id]
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira third")
            check_thread(house)
            assert threads(house) == threads(first)


async def test_a_part_of_an_answer_that_was_deleted_is_forgotten_too() -> None:
    long = "A word. " + "".join(f"Word {number}. " for number in range(400))
    async with company(Play(long), *SCRIPT) as first:
        await asked(first, "@Mira first")
        await asked(first, "@Mira second")
        parts = [one.id for one in first.stage.posted.values() if "Word" in one.text]
        assert len(parts) > 1
        del first.stage.posted[parts[-1]]
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira third")
            (thread,) = house.mind.threads.values()
            assert len([one for one in thread.lines if one.own]) == 3
            assert long not in [one.text for one in thread.lines]


async def test_an_answer_that_was_not_there_yet_is_not_missed() -> None:
    gate = asyncio.Event()
    async with company(Play("Kai’s."), Play("One.", gate=gate), *SCRIPT) as first:
        await first.casting.summon(ROOM, KAI)
        await asked(first, "@Kai hello")
        first.says("@Mira first")
        await until(lambda: len(first.mind.asked) == 2)
        first.stage.fails_with = DiscordDownError(503, "down")
        gate.set()
        await first.quiet()
        async with after_a_restart(first) as (house, looks):
            await asked(house, "@Kai and now?")
            await house.crash_recovery.resume()
            await house.quiet()
            await asked(house, "@Mira and now?")
            assert looks == [ROOM]
            assert len(asked_turns(house)) == 2


async def test_an_answer_that_is_still_to_be_delivered_was_given_whatever_the_room_shows() -> None:
    async with company(*SCRIPT) as first:
        with slow_words("One.") as end:
            said = first.says("@Mira first")
            await until(lambda: first.answers() == ["One."])
            first.stage.fails_with = DiscordDownError(503, "down")
            end.set()
            await first.quiet()
        (sent,) = (one for one in first.stage.posted if one > said.message_id)
        (turn,) = first.memory.turns.values()
        await first.memory.chunk(turn, 0, sent)
        async with after_a_restart(first) as (house, _):
            del house.stage.posted[sent]
            await asked(house, "@Mira and now?")
            assert len(asked_turns(house)) == 2


async def test_an_answer_that_was_never_said_is_not_missed() -> None:
    async with company(*SCRIPT) as first:
        await asked(first, "@Mira first")
        turn = asyncio.Event()
        first.mind.script.appendleft(Play("Unheard.", gate=turn))
        first.says("@Mira second")
        await until(lambda: len(first.mind.asked) == 2)
        first.scene().skip("nothing to say")
        turn.set()
        await first.quiet()
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira third")
            assert len(asked_turns(house)) == 3


async def test_what_changed_while_it_was_being_answered_is_found_though_more_was_added() -> None:
    gate = asyncio.Event()
    script = [Play("One."), Play("Two.", gate=gate), Play("Both."), Play("Three.")]
    async with company(*script) as house:
        await asked(house, "@Mira first")
        said = house.says("@Mira it is plum")
        await until(lambda: len(house.mind.asked) == 2)
        edit(house, said, "@Mira it is pear")
        house.drift.begin()
        house.says("and what do you say?")
        await until(lambda: house.mind.steered)
        gate.set()
        await house.quiet()
        await asked(house, "@Mira and now?")
        assert "plum" not in repr(house.mind.threads)


async def test_what_was_added_to_a_question_is_followed_too() -> None:
    gate = asyncio.Event()
    async with company(Play("Two.", gate=gate), *SCRIPT) as first:
        first.says("@Mira first")
        await until(lambda: first.mind.asked)
        said = first.says("and what of the plum?")
        await until(lambda: first.mind.steered)
        gate.set()
        await first.quiet()
        edit(first, said, "and what of the pear?")
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira second")
            check_thread(house)


async def connected(house: Company) -> None:
    """What every new connection begins with."""
    await (await backfill(house)).read()


async def gap(house: Company, change: Callable[[], None], *, whole: bool) -> None:
    """Something changes while the connection is lost, or only this server is out of reach."""
    house.offsets.decided(ROOM, snowflake_at(datetime.now(UTC) + timedelta(hours=1)))
    if whole:
        house.backfill.lost_touch()
    change()
    if whole:
        await house.backfill.read()
    else:
        await house.backfill.read_guild(ROOM.guild_id or 0)


@pytest.mark.parametrize("whole", [True, False])
async def test_what_was_told_before_a_gap_is_followed(whole: bool) -> None:
    async with company(*SCRIPT) as house:
        await connected(house)
        said = await asked(house, "@Mira it is a plum")
        await gap(house, lambda: edit(house, said, "@Mira it is a pear"), whole=whole)
        await asked(house, "@Mira what is it?")
        check_thread(house)


@pytest.mark.parametrize("whole", [True, False])
async def test_what_was_only_heard_before_a_gap_is_told_as_it_reads_now(whole: bool) -> None:
    async with company(*SCRIPT) as house:
        await connected(house)
        await asked(house, "@Mira hello")
        said, gone = house.says("it is a plum"), house.says("nobody may know of the cellar")
        await house.quiet()

        def change() -> None:
            edit(house, said, "it is a pear")
            del house.stage.posted[gone.message_id]

        await gap(house, change, whole=whole)
        await asked(house, "@Mira what is it?")
        check_thread(house)


async def test_a_thread_that_knows_no_turn_any_more_is_begun_anew_and_loses_nothing() -> None:
    async with company(*(Play(f"n{number}.") for number in range(1, 42))) as house:
        said = [await asked(house, f"@Mira q{number}.") for number in range(1, 41)]
        purged = [one for one in house.stage.posted if one >= said[9].message_id]
        for one in purged:
            del house.stage.posted[one]
        house.changes.deleted(ROOM.id, purged)
        await asked(house, "@Mira a.")
        edit(house, said[8], "@Mira q9, edited.")
        house.changes.edited(replace(said[8], text="@Mira q9, edited."))
        house.mind.script.clear()
        house.mind.script.extend((Play(fails=TurnFailure.RATE_LIMIT), Play("c."), Play("d.")))
        await asked(house, "@Mira b.")
        async with after_a_restart(house) as (second, _):
            await asked(second, "@Mira c.")
            check_thread(second)
