"""What is kept of places that are gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.room import Place, Room, Seat
from bot.errors import (
    DeliveryError,
    DiscordDownError,
    NotPermittedError,
    PlaceGoneError,
    StoreUnavailableError,
)
from bot.rooms.cleanup import ASKED, PERSONA_STATE_KEPT, Cleanup
from bot.rooms.state.persona_states import PersonaStates
from tests.unit.rooms.company import ANN, KAI, ROOM, Company, company

THREAD = Room(8, Place.THREAD, 99, parent_id=ROOM.id)
OTHER = 9


@asynccontextmanager
async def forgetful() -> AsyncIterator[tuple[Company, PersonaStates, Cleanup]]:
    """Something is kept of a room, of a thread in it, and of a thread elsewhere."""
    async with company() as house:
        persona_states = house.state.persona_states
        await house.casting.summon(THREAD, KAI)
        await house.policies.change(ROOM, lambda one: replace(one, chain=1))
        for room_id in (ROOM.id, THREAD.id, OTHER):
            await persona_states.set_mood(Seat(room_id, "mira"), "merry")
        yield house, persona_states, house.rooms.cleanup


async def test_what_is_kept_of_a_place_goes_with_it_and_with_it_its_threads() -> None:
    async with forgetful() as (house, persona_states, forgetting):
        await forgetting.gone([ROOM.id])
        assert house.casting.rooms() == ()
        assert await house.casts.rooms() == []
        assert await house.kept.policies() == {}
        assert persona_states.rooms() == {OTHER}


async def test_a_place_that_went_unseen_is_found() -> None:
    async with forgetful() as (house, persona_states, forgetting):
        house.stage.say(ROOM, ANN, "still here")
        house.stage.gone.update({THREAD.id, OTHER})
        await forgetting.look()
        assert house.casting.rooms() == (ROOM,)
        assert persona_states.rooms() == {ROOM.id}


@pytest.mark.parametrize(
    "error",
    [PlaceGoneError("archived"), NotPermittedError("VIEW_CHANNEL"), DiscordDownError(503, "down")],
)
async def test_a_place_that_is_out_of_reach_is_kept(error: DeliveryError) -> None:
    async with forgetful() as (house, persona_states, forgetting):
        house.stage.fails_with = error
        await forgetting.look()
        assert set(house.casting.rooms()) == {ROOM, THREAD}
        assert persona_states.rooms() == {ROOM.id, THREAD.id, OTHER}


async def test_after_a_season_without_a_word_its_characters_bear_themselves_as_they_are() -> None:
    async with forgetful() as (house, persona_states, forgetting):
        place = Room(OTHER, Place.THREAD, 99, parent_id=ROOM.id)
        said = house.stage.posted[house.stage.say(place, ANN, "bye").message_id]
        house.stage.newest = lambda _: None  # type: ignore[method-assign, assignment]
        await forgetting.look()
        assert OTHER in persona_states.rooms()
        said.at -= PERSONA_STATE_KEPT + timedelta(days=1)
        await forgetting.look()
        assert persona_states.rooms() == {ROOM.id, THREAD.id}


async def test_many_places_are_asked_about_in_turn() -> None:
    async with forgetful() as (house, persona_states, forgetting):
        many = range(100, 100 + 2 * ASKED)
        for room_id in many:
            await persona_states.set_mood(Seat(room_id, "mira"), "merry")
        house.stage.gone.update(many)
        for _ in range(3):
            await forgetting.look()
        assert persona_states.rooms() == {ROOM.id, THREAD.id, OTHER}


async def test_what_could_not_be_forgotten_is_found_later(caplog: pytest.LogCaptureFixture) -> None:
    async with forgetful() as (house, _, forgetting):
        drop = house.kept.drop_policy

        async def away(_: int) -> None:
            raise StoreUnavailableError("Redis at x cannot be reached")

        house.kept.drop_policy = away  # type: ignore[method-assign, assignment]
        house.stage.gone.add(ROOM.id)
        await forgetting.look()
        assert "cannot forget deleted rooms yet" in caplog.text
        house.kept.drop_policy = drop  # type: ignore[method-assign]
        await forgetting.look()
        await forgetting.look()
        assert await house.kept.policies() == {}
