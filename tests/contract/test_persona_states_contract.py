"""What every `PersonaStateStore` does: the one in Redis and its twin in memory."""

from __future__ import annotations

import pytest

from bot.domain.room import Seat
from bot.rooms.state.persona_states import PLAIN, PersonaState, PersonaStateStore
from bot.store import keys
from bot.store.persona_states import RedisPersonaStates
from tests.fakes.persona_states import MemoryPersonaStates

MIRA = Seat(1_300_000_000_000_000_001, "mira")
KAI = Seat(1_300_000_000_000_000_001, "kai")


@pytest.fixture(params=["redis", "memory"])
def kept(request: pytest.FixtureRequest) -> PersonaStateStore:
    if request.param == "memory":
        return MemoryPersonaStates()
    return RedisPersonaStates(request.getfixturevalue("store"))


async def test_each_seat_keeps_its_own(kept: PersonaStateStore) -> None:
    assert await kept.persona_states() == {}
    await kept.keep_persona_state(MIRA, PersonaState("laughing", "stirs: the soup"))
    await kept.keep_persona_state(KAI, PersonaState(status="naps"))
    await kept.keep_persona_state(KAI, PersonaState(status="works"))
    assert await kept.persona_states() == {
        MIRA: PersonaState("laughing", "stirs: the soup"),
        KAI: PersonaState(status="works"),
    }


async def test_a_plain_one_takes_no_place(kept: PersonaStateStore) -> None:
    await kept.keep_persona_state(MIRA, PersonaState("laughing"))
    await kept.keep_persona_state(MIRA, PLAIN)
    await kept.keep_persona_state(KAI, PLAIN)
    assert await kept.persona_states() == {}


async def test_what_cannot_be_read_is_left_out(store, redis_client) -> None:
    await RedisPersonaStates(store).keep_persona_state(MIRA, PersonaState("laughing"))
    rows = {"x": "{}", "7:kai": "[]", "8:kai": "{", "9": '{"mood": "", "status": ""}'}
    await redis_client.hset(keys.PERSONA_STATES, mapping=rows)
    assert await RedisPersonaStates(store).persona_states() == {MIRA: PersonaState("laughing")}
