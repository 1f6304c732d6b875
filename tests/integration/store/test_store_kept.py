"""What is kept in a real server: for how long, and what happens when it is damaged."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Reason, Session, Turn, TurnState
from bot.errors import RefusedError
from bot.store import keys
from bot.store.avatars import RedisAvatars
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.guidelines import GUIDELINES_LIMIT, RedisGuidelines
from bot.store.ledger import MESSAGE_KEPT, SESSION_KEPT, TURN_KEPT, RedisLedger
from bot.store.webhooks import RedisWebhooks, WebhookKey

ROOM = Room(1, Place.CHANNEL, guild_id=2)
TURN = Turn(ROOM, "mira", 3, 4, Reason.NAMED, datetime(2026, 1, 1, tzinfo=UTC))


async def test_a_turn_is_kept_until_it_ends_and_then_for_a_week(
    store: Store, redis_client: Redis
) -> None:
    ledger = RedisLedger(store)
    await ledger.accept(TURN)
    assert await redis_client.ttl(keys.turn(TURN.id)) == -1
    await ledger.end(replace(TURN, state=TurnState.DONE))
    assert 0 < await redis_client.ttl(keys.turn(TURN.id)) <= TURN_KEPT.total_seconds()


async def test_whose_message_it_is_is_kept_for_a_season(store: Store, redis_client: Redis) -> None:
    await RedisLedger(store).chunk(TURN, 0, 500)
    left = await redis_client.ttl(keys.message(500))
    assert TURN_KEPT.total_seconds() < left <= MESSAGE_KEPT.total_seconds()


async def test_a_session_is_kept_for_a_season_after_its_last_turn(
    store: Store, redis_client: Redis
) -> None:
    ledger, seat = RedisLedger(store), Seat(1, "mira")
    for _ in range(2):
        await ledger.keep_session(seat, Session("th", "fp", 7))
        for key in (keys.session(seat), keys.seats(1)):
            left = await redis_client.ttl(key)
            assert TURN_KEPT.total_seconds() < left <= SESSION_KEPT.total_seconds()
            await redis_client.expire(key, 5)


async def test_accepting_is_true_again_when_only_its_answer_was_lost(store: Store) -> None:
    """redis-py sends the same command again then: the same claim."""
    ledger = RedisLedger(store)
    args: list[str | int | float] = ["claim-1", 1, "{}", 0.0, TURN.id]
    for _ in range(2):
        assert await ledger._accept(keys=[keys.turn(TURN.id), keys.UNFINISHED], args=args) == 1
    assert not await ledger.accept(TURN)


async def test_a_step_heals_a_turn_that_the_server_lost(store: Store, redis_client: Redis) -> None:
    ledger = RedisLedger(store)
    await ledger.accept(TURN)
    await redis_client.flushall()
    recorded = replace(TURN, state=TurnState.RECORDED, text="said")
    await ledger.record(recorded)
    assert await ledger.unfinished() == [recorded]


async def test_scripts_are_loaded_again_when_the_server_forgot_them(
    store: Store, redis_client: Redis
) -> None:
    ledger = RedisLedger(store)
    await ledger.accept(TURN)
    await redis_client.script_flush()
    assert not await ledger.accept(TURN)


async def test_a_damaged_turn_is_set_aside_and_the_others_come(
    store: Store, redis_client: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = RedisLedger(store)
    sound = replace(TURN, trigger=9)
    await ledger.accept(TURN)
    await ledger.accept(sound)
    await redis_client.hset(keys.turn(TURN.id), "record", "{half")
    assert await ledger.unfinished() == [sound]
    assert TURN.id in caplog.text
    caplog.clear()
    assert await ledger.unfinished() == [sound]
    assert not caplog.records
    assert await redis_client.ttl(keys.turn(TURN.id)) > 0


async def test_damaged_records_are_as_good_as_none(store: Store, redis_client: Redis) -> None:
    ledger, seat = RedisLedger(store), Seat(1, "mira")
    await ledger.keep_session(seat, Session("th", "fp", 7))
    await redis_client.hset(keys.session(seat), "cursor", "seven")
    assert await ledger.session(seat) is None
    await redis_client.set(keys.message(500), "[]")
    assert await ledger.speaker_of(500) is None
    casts = RedisCasts(store)
    await casts.add(ROOM, "mira")
    await redis_client.hset(keys.ROOMS, "9", "{}")
    await redis_client.hset(keys.MARKS, mapping={"1": "5", "9": "five"})
    assert await casts.rooms() == [ROOM]
    assert await casts.marks() == {1: 5}


async def test_a_picture_is_found_by_its_digest(store: Store) -> None:
    avatars = RedisAvatars(store)
    assert await avatars.get("ab12") is None
    await avatars.set("ab12", "https://cdn.example/1.png")
    await avatars.set("ab12", "https://cdn.example/2.png")
    assert await avatars.get("ab12") == "https://cdn.example/2.png"
    assert await avatars.get("ab13") is None


async def test_a_webhook_is_kept_and_dropped_and_its_token_is_never_shown(
    store: Store, redis_client: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    webhooks = RedisWebhooks(store)
    kept = WebhookKey(10, "tok-tok-tok")
    await webhooks.set(1, kept)
    assert await webhooks.get(1) == kept
    assert "tok-tok-tok" not in repr(kept)
    await redis_client.hset(keys.webhook(1), "id", "tok-tok-tok")
    with caplog.at_level(logging.DEBUG):
        assert await webhooks.get(1) is None
    assert "tok-tok-tok" not in caplog.text
    await webhooks.drop(1)
    await webhooks.drop(1)
    assert not await redis_client.exists(keys.webhook(1))


async def test_guidelines_are_kept_within_their_limit(store: Store) -> None:
    guidelines = RedisGuidelines(store)
    assert await guidelines.get(2) == ""
    await guidelines.set(2, "  Be kind.\n")
    for refused in (" \n", "x" * (GUIDELINES_LIMIT + 1)):
        with pytest.raises(RefusedError):
            await guidelines.set(2, refused)
    assert await guidelines.get(2) == "Be kind."
    await guidelines.clear(2)
    assert await guidelines.get(2) == ""


async def test_every_key_begins_with_the_prefix(store: Store, redis_client: Redis) -> None:
    ledger, casts = RedisLedger(store), RedisCasts(store)
    await ledger.accept(TURN)
    await ledger.chunk(TURN, 0, 500)
    await ledger.keep_session(TURN.seat, Session("th", "fp"))
    await casts.add(ROOM, "mira")
    await casts.mark(1, 5)
    await casts.set_last_addressed(1, "mira")
    await RedisAvatars(store).set("ab", "https://x")
    await RedisWebhooks(store).set(1, WebhookKey(1, "t"))
    await RedisGuidelines(store).set(1, "x")
    written = await redis_client.keys()
    assert len(written) == 12
    assert all(str(key).startswith(keys.PREFIX) for key in written)


async def test_a_turn_ends_on_a_server_that_has_forgotten_its_scripts(
    store: Store, redis_client: Redis
) -> None:
    """As one that was restarted: the write is repeated with the script, whole."""
    ledger = RedisLedger(store)
    await ledger.accept(TURN)
    await redis_client.script_flush()
    await ledger.end(replace(TURN, state=TurnState.DONE, chunks=(500, 501)))
    assert await ledger.unfinished() == []
    assert await ledger.speaker_of(501) == "mira"


async def test_the_end_of_a_turn_is_one_round_trip(store: Store, redis_client: Redis) -> None:
    ledger = RedisLedger(store)
    await ledger.accept(TURN)
    await ledger.end(replace(TURN, state=TurnState.DONE, chunks=(500,)))
    await redis_client.config_resetstat()
    await ledger.end(replace(TURN, state=TurnState.DONE, chunks=(500,)))
    assert "cmdstat_script|exists" not in await redis_client.info("commandstats")
