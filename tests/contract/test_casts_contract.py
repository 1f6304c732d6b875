"""What every `Casts` does: the one in Redis and its twin in memory."""

from __future__ import annotations

import pytest

from bot.domain.room import Place, Room, Seat
from bot.store.casts import RedisCasts
from tests.fakes.casts import MemoryCasts

INN = Room(1_300_000_000_000_000_001, Place.CHANNEL, guild_id=7, name="the-inn")
CELLAR = Room(1_300_000_000_000_000_002, Place.THREAD, guild_id=7, parent_id=INN.id, name="Cellar")
WHISPER = Room(5, Place.DIRECT)


@pytest.fixture(params=["redis", "memory"])
def casts(request: pytest.FixtureRequest) -> RedisCasts | MemoryCasts:
    if request.param == "memory":
        return MemoryCasts()
    return RedisCasts(request.getfixturevalue("store"))


async def test_characters_stay_in_the_order_they_came(casts: RedisCasts) -> None:
    assert await casts.cast(INN.id) == ()
    for character in ("zoe", "mira", "abel"):
        assert await casts.add(INN, character)
    assert await casts.cast(INN.id) == ("zoe", "mira", "abel")


async def test_who_is_there_is_not_brought_in_twice(casts: RedisCasts) -> None:
    await casts.add(INN, "zoe")
    await casts.add(INN, "mira")
    assert not await casts.add(INN, "zoe")
    assert await casts.cast(INN.id) == ("zoe", "mira")


async def test_who_is_not_there_cannot_be_sent_away(casts: RedisCasts) -> None:
    await casts.add(INN, "mira")
    assert not await casts.remove(INN.id, "zoe")
    assert await casts.remove(INN.id, "mira")
    assert not await casts.remove(INN.id, "mira")


async def test_who_comes_back_comes_last(casts: RedisCasts) -> None:
    await casts.add(INN, "mira")
    await casts.add(INN, "zoe")
    await casts.remove(INN.id, "mira")
    await casts.add(INN, "mira")
    assert await casts.cast(INN.id) == ("zoe", "mira")


async def test_rooms_with_a_cast_come_back_whole(casts: RedisCasts) -> None:
    for room in (CELLAR, WHISPER, INN):
        await casts.add(room, "mira")
    assert await casts.rooms() == [WHISPER, INN, CELLAR]


async def test_a_room_that_was_renamed_is_known_by_its_new_name(casts: RedisCasts) -> None:
    await casts.add(INN, "mira")
    renamed = Room(INN.id, Place.CHANNEL, guild_id=7, name="the-old-inn")
    await casts.add(renamed, "mira")
    assert await casts.rooms() == [renamed]


async def test_an_empty_room_is_forgotten_with_its_mark(casts: RedisCasts) -> None:
    await casts.add(INN, "mira")
    await casts.add(INN, "zoe")
    await casts.mark(INN.id, 100)
    await casts.remove(INN.id, "mira")
    assert await casts.rooms() == [INN]
    assert await casts.marks() == {INN.id: 100}
    await casts.remove(INN.id, "zoe")
    assert await casts.rooms() == []
    assert await casts.marks() == {}


async def test_the_character_addressed_last_is_remembered_until_it_leaves(
    casts: RedisCasts,
) -> None:
    assert await casts.addressed() == {}
    await casts.add(INN, "mira")
    await casts.add(INN, "zoe")
    await casts.set_last_addressed(INN.id, "mira")
    await casts.set_last_addressed(INN.id, "zoe")
    await casts.remove(INN.id, "mira")
    await casts.set_last_addressed(CELLAR.id, "mira")
    assert await casts.addressed() == {INN.id: "zoe", CELLAR.id: "mira"}
    await casts.remove(INN.id, "zoe")
    assert await casts.addressed() == {CELLAR.id: "mira"}


async def test_a_mark_only_moves_forward(casts: RedisCasts) -> None:
    # These two differ by less than a double can tell, and the third has one digit less.
    for message_id in (1_300_000_000_000_000_101, 1_300_000_000_000_000_100, 999_999_999_999):
        await casts.mark(INN.id, message_id)
        assert await casts.marks() == {INN.id: 1_300_000_000_000_000_101}
    await casts.mark(INN.id, 1_300_000_000_000_000_102)
    await casts.mark(CELLAR.id, 9)
    await casts.mark(CELLAR.id, 10)
    assert await casts.marks() == {INN.id: 1_300_000_000_000_000_102, CELLAR.id: 10}


async def test_a_threads_own_cast_is_kept_whole_and_in_order(casts: RedisCasts) -> None:
    await casts.own(CELLAR, ("zoe", "mira", "abel"))
    assert await casts.cast(CELLAR.id) == ("zoe", "mira", "abel")
    await casts.own(CELLAR, ("abel", "zoe"))
    assert await casts.cast(CELLAR.id) == ("abel", "zoe")
    assert await casts.rooms() == [CELLAR]


async def test_nobody_is_a_cast_of_its_own_until_the_thread_inherits_again(
    casts: RedisCasts,
) -> None:
    await casts.own(CELLAR, ("mira",))
    await casts.mark(CELLAR.id, 100)
    await casts.own(CELLAR, ())
    assert await casts.cast(CELLAR.id) == ()
    assert await casts.rooms() == [CELLAR]
    await casts.inherit(CELLAR.id)
    assert await casts.rooms() == []
    assert await casts.marks() == {CELLAR.id: 100}


async def test_what_is_let_go_leaves_no_mark_and_nobody_who_was_addressed(
    casts: RedisCasts,
) -> None:
    for room in (INN, CELLAR, WHISPER):
        await casts.mark(room.id, 100)
        await casts.set_last_addressed(room.id, "mira")
    await casts.let_go([INN.id, CELLAR.id])
    assert await casts.marks() == {WHISPER.id: 100}
    assert await casts.addressed() == {WHISPER.id: "mira"}
    await casts.let_go([])


async def test_who_summoned_whom_is_kept_until_it_is_dropped(casts: RedisCasts) -> None:
    mira, kai = Seat(7, "mira"), Seat(7, "kai:the:second")
    await casts.set_summoner(mira, 5)
    await casts.set_summoner(kai, 6)
    await casts.set_summoner(mira, 8)
    assert await casts.summoners() == {mira: 8, kai: 6}
    await casts.drop_summoners([mira])
    await casts.drop_summoners([mira])
    assert await casts.summoners() == {kai: 6}
