"""What was edited or deleted while nobody told of it is found before a thread is asked again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.room import Room, Seat
from bot.domain.utterance import Utterance
from bot.errors import NotPermittedError
from tests.fakes.mind import Play
from tests.unit.rooms.company import KAI, MIRA, ROOM, Company, company
from tests.unit.rooms.crashing import check_thread, reborn
from tests.unit.rooms.obstacles import unreadable
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
    read = house.stage.history

    async def history(room: Room, **bounds: Any) -> list[Utterance]:
        if not {"after", "before"} & set(bounds):
            looks.append(room)
        return await read(room, **bounds)

    house.stage.history = history  # type: ignore[method-assign]
    async with house.tasks:
        for one in (MIRA, KAI):
            await house.casting.summon(ROOM, one)
        yield house, looks


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
        first.changes.edited(ROOM.id, said.message_id, "it is pear")
        await asked(first, "@Mira @Kai first")
        async with after_a_restart(first) as (house, looks):
            before = {
                key: house.memory.sessions[Seat(ROOM.id, key)].told for key in ("mira", "kai")
            }
            await asked(house, "@Mira @Kai second")
            await asked(house, "@Mira @Kai third")
            for key, told in before.items():
                assert house.memory.sessions[Seat(ROOM.id, key)].told[: len(told)] == told
            assert looks == [ROOM]


async def test_each_connection_is_looked_back_from_once() -> None:
    async with company(*SCRIPT) as first:
        await asked(first, "@Mira first")
        async with after_a_restart(first) as (house, looks):
            said = await asked(house, "@Mira it is plum")
            assert looks == [ROOM]
            edit(house, said, "@Mira it is pear")
            house.unseen.begin()
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
            house.unseen.begin()
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


async def test_other_clocks_and_our_own_words_change_nothing() -> None:
    async with company(*SCRIPT) as first:
        await first.casting.summon(ROOM, KAI)
        await asked(first, "@Mira @Kai first")
        for one in first.stage.posted.values():
            # What was edited before it was told, was told so; characters' words are on record.
            long_ago = datetime.now(UTC) - timedelta(minutes=1)
            one.edited_at = None if one.turn else long_ago
        async with after_a_restart(first) as (house, _):
            await asked(house, "@Mira second")
            assert threads(house) == threads(first)
            told = house.memory.sessions[Seat(ROOM.id, "mira")].told
            assert len([one for one in told if one.codex_turn_id]) == 2
