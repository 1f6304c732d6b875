"""What every store of policies, bindings, decisions and budgets does: in Redis and in memory."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from redis.asyncio import Redis

from bot.domain.budget import Budget
from bot.domain.decision import Decision, SkipReason, Verdict
from bot.domain.policy import Mode, Policy, Quiet
from bot.domain.turn import Reason
from bot.rooms.decisions.why import KEPT
from bot.store import keys
from bot.store.connection import Store
from bot.store.decisions import RedisDecisions
from bot.store.policies import RedisPolicies
from tests.fakes.policies import MemoryDecisions, MemoryPolicies

ROOM, OTHER = 1_300_000_000_000_000_001, 5
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OWN = Policy(
    mode=Mode.TALKATIVE,
    chance=30,
    chain=5,
    cooldown=90,
    quiet=Quiet(time(22, 30), time(7), "Europe/Berlin"),
    denied=frozenset({"pin", "poll"}),
    paused=True,
    since=1_300_000_000_000_000_000,
    since_before=1_200_000_000_000_000_000,
)


@pytest.fixture(params=["redis", "memory"])
def policies(request: pytest.FixtureRequest) -> RedisPolicies | MemoryPolicies:
    if request.param == "memory":
        return MemoryPolicies()
    return RedisPolicies(request.getfixturevalue("store"))


@pytest.fixture(params=["redis", "memory"])
def decisions(request: pytest.FixtureRequest) -> RedisDecisions | MemoryDecisions:
    if request.param == "memory":
        return MemoryDecisions()
    return RedisDecisions(request.getfixturevalue("store"))


def decision(trigger: int, room_id: int = ROOM) -> Decision:
    verdicts = (
        Verdict("mira", "Mira", Reason.NAMED),
        Verdict("kai", "Kai ✦", Reason.CHANCE, SkipReason.ROLLED, "12 %, rolled 43"),
        Verdict("rue", "Rue", None, SkipReason.NOT_ASKED),
    )
    return Decision(room_id, trigger, "Ann", NOW, verdicts, followed=trigger % 2 == 0)


async def test_a_policy_comes_back_whole(policies: RedisPolicies) -> None:
    assert await policies.policies() == {}
    await policies.keep_policy(ROOM, OWN)
    await policies.keep_policy(OTHER, Policy(follows=True))
    assert await policies.policies() == {ROOM: OWN, OTHER: Policy(follows=True)}


async def test_a_dropped_policy_is_gone(policies: RedisPolicies) -> None:
    await policies.keep_policy(ROOM, OWN)
    for _ in range(2):
        await policies.drop_policy(ROOM)
    assert await policies.policies() == {}


async def test_a_room_belongs_to_whom_it_was_bound_to_last(policies: RedisPolicies) -> None:
    assert await policies.binding(ROOM) is None
    await policies.bind(ROOM, "mira")
    await policies.bind(ROOM, "kai")
    assert await policies.binding(ROOM) == "kai"
    assert await policies.binding(OTHER) is None


async def test_the_newest_decisions_of_a_room_come_back_whole(
    decisions: RedisDecisions,
) -> None:
    assert await decisions.decisions(ROOM) == []
    for trigger in range(1, KEPT + 3):
        await decisions.keep_decision(decision(trigger))
    await decisions.keep_decision(decision(99, OTHER))
    assert await decisions.decisions(ROOM) == [decision(one) for one in range(KEPT + 2, 2, -1)]


async def test_a_budget_comes_back_whole(decisions: RedisDecisions) -> None:
    assert await decisions.budget(ROOM) is None
    await decisions.keep_budget(ROOM, Budget(NOW, turns=2, tokens=34_567))
    assert await decisions.budget(ROOM) == Budget(NOW, turns=2, tokens=34_567)
    assert await decisions.budget(OTHER) is None


async def test_what_cannot_be_read_in_redis_is_left_out(store: Store, redis_client: Redis) -> None:
    rows = {"7": '{"mode":"loud"}', "8": "[]", "x": "{}"}
    await redis_client.hset(keys.POLICIES, mapping=rows)  # type: ignore[arg-type]
    await RedisPolicies(store).keep_policy(ROOM, OWN)
    assert await RedisPolicies(store).policies() == {ROOM: OWN}
    made = RedisDecisions(store)
    await made.keep_decision(decision(1))
    await redis_client.lpush(keys.decisions(ROOM), "{}")
    assert await made.decisions(ROOM) == [decision(1)]
    await redis_client.set(keys.budget(ROOM), "many")
    assert await made.budget(ROOM) is None


async def test_decisions_bindings_and_budgets_go_by_themselves(
    store: Store, redis_client: Redis
) -> None:
    await RedisDecisions(store).keep_decision(decision(1))
    await RedisDecisions(store).keep_budget(ROOM, Budget(NOW))
    await RedisPolicies(store).bind(ROOM, "mira")
    for key in (keys.decisions(ROOM), keys.budget(ROOM), keys.bound(ROOM)):
        assert await redis_client.ttl(key) > 0
