"""What holds in a room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.policy import Mode, Policy
from bot.domain.room import Place, Room
from bot.domain.utterance import snowflake_at
from bot.rooms.state.policies import Policies
from tests.fakes.policies import MemoryPolicies

INN = Room(7, Place.CHANNEL, 99)
CELLAR = Room(8, Place.THREAD, 99, parent_id=7)


async def test_a_thread_has_its_parents_policy_until_it_has_its_own() -> None:
    policies = Policies(MemoryPolicies())
    assert policies.of(CELLAR) == Policy()
    loud = await policies.change(INN, lambda one: replace(one, mode=Mode.EVERY, since=5))
    assert policies.of(CELLAR) == loud
    assert policies.since(CELLAR) == 5
    await policies.change(CELLAR, lambda one: replace(one, paused=True))
    assert policies.of(CELLAR) == replace(loud, paused=True)
    assert policies.of(INN) == loud


async def test_a_thread_that_agrees_with_its_parent_follows_it_again() -> None:
    policies = Policies(MemoryPolicies())
    await policies.change(CELLAR, lambda one: replace(one, paused=True))
    await policies.change(CELLAR, lambda one: replace(one, paused=False))
    assert not policies.has_own(CELLAR)
    await policies.change(INN, lambda one: replace(one, chain=1))
    assert policies.of(CELLAR).chain == 1


async def test_a_thread_that_was_made_to_forget_follows_its_parent_in_the_rest() -> None:
    store = MemoryPolicies()
    policies = Policies(store)
    await policies.change(CELLAR, lambda one: replace(one, since=7))
    await policies.change(INN, lambda one: replace(one, chain=1, since=5))
    assert not policies.has_own(CELLAR)
    assert policies.of(CELLAR) == replace(policies.of(INN), since=7)
    await policies.change(INN, lambda one: replace(one, since=9))
    assert policies.since(CELLAR) == 9
    await policies.change(CELLAR, lambda one: replace(one, paused=True))
    assert policies.has_own(CELLAR)
    await policies.change(CELLAR, lambda one: replace(one, paused=False))
    assert not policies.has_own(CELLAR)
    again = Policies(store)
    await again.load()
    assert again.of(CELLAR) == policies.of(CELLAR)


async def test_policies_outlive_the_process_and_go_with_their_places() -> None:
    store = MemoryPolicies()
    first = Policies(store)
    await first.change(INN, lambda one: replace(one, chain=1))
    await first.change(CELLAR, lambda one: replace(one, chain=2))
    await first.forget([CELLAR.id, 1234])
    second = Policies(store)
    await second.load()
    assert second.of(INN).chain == second.of(CELLAR).chain == 1


async def test_a_reset_can_be_undone_and_a_thread_still_follows_its_parent() -> None:
    store = MemoryPolicies()
    policies = Policies(store)
    await policies.change(INN, lambda policy: policy.reset(5))
    await policies.change(CELLAR, lambda policy: policy.reset(7))
    assert policies.since(CELLAR) == 7
    await policies.load()
    await policies.change(INN, lambda policy: replace(policy, chain=1))
    assert policies.of(CELLAR).chain == 1
    await policies.change(CELLAR, lambda policy: policy.without_reset())
    assert policies.since(CELLAR) == 5
    assert not policies.has_own(CELLAR)
    await policies.change(INN, lambda policy: policy.without_reset())
    assert policies.since(INN) == 0


def test_a_reset_can_be_undone_for_a_day() -> None:
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    policy = Policy(since=3).reset(snowflake_at(now))
    assert policy.can_undo_reset(now + timedelta(hours=23))
    assert not policy.can_undo_reset(now + timedelta(hours=25))
    assert policy.without_reset() == Policy(since=3)
    assert not Policy().can_undo_reset(now)
