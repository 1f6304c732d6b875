"""Who is where: casts of rooms, and of threads that inherit them."""

from __future__ import annotations

import pytest

from bot.domain.character import Character
from bot.domain.room import Place, Room
from bot.rooms.state.casting import Casting
from tests.fakes.casts import MemoryCasts
from tests.refused import refused
from tests.unit.rooms.company import KAI, MIRA, ROOM, Bookshelf

THREAD = Room(8, Place.THREAD, 99, parent_id=ROOM.id)
OTHER = Room(9, Place.THREAD, 99, parent_id=ROOM.id)


@pytest.fixture
def casts() -> MemoryCasts:
    return MemoryCasts()


@pytest.fixture
async def casting(casts: MemoryCasts) -> Casting:
    made = Casting(casts, Bookshelf(MIRA, KAI))
    await made.summon(ROOM, MIRA)
    return made


async def reloaded(casts: MemoryCasts) -> Casting:
    made = Casting(casts, Bookshelf(MIRA, KAI))
    await made.load()
    return made


async def test_a_thread_has_its_parents_cast(casting: Casting) -> None:
    assert casting.cast(THREAD) == [MIRA]
    assert casting.inherits(THREAD)
    assert not casting.inherits(ROOM)
    await casting.summon(ROOM, KAI)
    assert casting.cast(THREAD) == [MIRA, KAI]
    assert casting.present(THREAD, "kai") is KAI


async def test_a_summons_in_a_thread_gives_it_a_cast_of_its_own(
    casting: Casting, casts: MemoryCasts
) -> None:
    await casting.summon(THREAD, KAI, at=40)
    for one in (casting, await reloaded(casts)):
        assert one.cast(THREAD) == [MIRA, KAI]
        assert one.cast(ROOM) == [MIRA]
        assert one.cast(OTHER) == [MIRA]
        assert not one.inherits(THREAD)
    assert (await casts.marks())[THREAD.id] == 40


async def test_who_is_sent_out_of_a_thread_stays_in_its_channel(
    casting: Casting, casts: MemoryCasts
) -> None:
    assert await casting.dismiss(THREAD, "Mira") == "Mira"
    for one in (casting, await reloaded(casts)):
        assert not one.has(THREAD)
        assert one.cast(ROOM) == [MIRA]


async def test_a_thread_that_has_what_its_parent_has_inherits_again(
    casting: Casting, casts: MemoryCasts
) -> None:
    await casting.summon(THREAD, KAI)
    await casting.dismiss(THREAD, "kai")
    assert casting.inherits(THREAD)
    await casting.summon(ROOM, KAI)
    for one in (casting, await reloaded(casts)):
        assert one.cast(THREAD) == [MIRA, KAI]


async def test_a_threads_own_cast_outlives_its_parents(casting: Casting) -> None:
    await casting.summon(THREAD, KAI)
    await casting.dismiss(ROOM, "mira")
    assert casting.cast(THREAD) == [MIRA, KAI]
    assert not casting.has(OTHER)


async def test_who_is_inherited_is_there_already(casting: Casting) -> None:
    with refused("already here"):
        await casting.summon(THREAD, MIRA)


async def test_a_place_that_is_gone_leaves_nothing(casting: Casting, casts: MemoryCasts) -> None:
    await casting.summon(THREAD, KAI, at=40)
    await casting.address(THREAD, "kai")
    await casting.forget([THREAD.id, 555])
    assert await casts.rooms() == [ROOM]
    assert THREAD.id not in await casts.marks()
    assert await casts.addressed() == {}
    assert casting.cast(THREAD) == [MIRA]


async def test_who_was_addressed_last_is_known_after_a_restart_in_threads_too(
    casting: Casting, casts: MemoryCasts
) -> None:
    await casting.address(THREAD, "mira")
    assert (await reloaded(casts)).last_addressed(THREAD) == "mira"


async def test_who_summoned_a_character_is_known_until_it_is_sent_away(casts: MemoryCasts) -> None:
    casting = await reloaded(casts)
    await casting.summon(ROOM, MIRA, by=5)
    for known in (casting, await reloaded(casts)):
        assert known.summoner(ROOM, "Mira") == 5
        assert known.summoner(THREAD, "mira") == 5
    await casting.summon(THREAD, KAI, by=6)
    assert casting.summoner(THREAD, "kai") == 6
    assert casting.summoner(THREAD, "mira") == 5
    await casting.dismiss(ROOM, "mira")
    await casting.summon(ROOM, MIRA)
    assert casting.summoner(ROOM, "mira") is None


async def test_a_key_means_its_character_before_the_alias_of_another_one() -> None:
    anna = Character("anna", "Anna", "You sing.", aliases=("Kai",))
    casting = Casting(MemoryCasts(), Bookshelf(anna, KAI))
    await casting.summon(ROOM, anna, at=1, by=5)
    await casting.summon(ROOM, KAI, at=2, by=6)
    assert casting.summonable("kai") == KAI
    assert casting.summonable("KAI") == KAI
    # Whoever may send away whom they summoned sends that one away.
    assert casting.summoner(ROOM, "kai") == 6
    assert await casting.dismiss(ROOM, "kai") == "Kai"
    assert casting.summonable("Anna") == anna
