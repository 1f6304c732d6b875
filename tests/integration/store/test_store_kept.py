"""What is kept in a real server: for how long, and what happens when it is damaged."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from bot.domain.decision import Decision, Verdict
from bot.domain.room import Place, Room, Seat
from bot.domain.turn import Reason, SeenRange, Session, Turn, TurnState
from bot.errors import RefusedError
from bot.store import keys
from bot.store.avatars import RedisAvatars
from bot.store.casts import RedisCasts
from bot.store.connection import Store
from bot.store.decisions import RedisDecisions
from bot.store.greetings import RedisGreetings
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


async def test_a_server_is_greeted_once_and_one_that_was_known_never(store: Store) -> None:
    greetings = RedisGreetings(store)
    await greetings.know([])
    await greetings.know([7, 8])
    assert [await greetings.claim(guild) for guild in (7, 9, 9)] == [False, True, False]
    await greetings.release(9)
    assert await greetings.claim(9)


async def test_whose_message_it_is_is_kept_for_a_season(store: Store, redis_client: Redis) -> None:
    await RedisLedger(store).chunk(TURN, 0, 500)
    left = await redis_client.ttl(keys.messages(500))
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
    await redis_client.hset(keys.messages(500), "500", "[]")
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


# --- what earlier releases wrote, and how much is kept ----------------------------------------

EARLIER_TURN = (
    '{"room":{"id":1,"place":"channel","guild_id":2,"parent_id":null,"name":""},'
    '"character":"mira","trigger":3,"asker":4,"reason":"named",'
    '"accepted_at":"2026-01-01T00:00:00+00:00","state":"done","thread_id":"th",'
    '"codex_turn_id":"tu","text":"Said.","note":"","detail":"","takes":[],"edits":[],"order":12}'
)


async def test_what_an_earlier_release_wrote_is_read(store: Store, redis_client: Redis) -> None:
    earlier: Any = {
        "claim": "c",
        "rank": "4",
        "record": EARLIER_TURN,
        "chunk:0": "11",
        "chunk:1": "12",
    }
    await redis_client.hset(keys.turn(TURN.id), mapping=earlier)
    for message_id, turn_id in ((12, TURN.id), (13, f"{TURN.id}:13")):
        row = {"character": "mira", "turn": turn_id, "chunk": 1}
        await redis_client.set(keys.message(message_id), json.dumps(row))
    told = [["tu", TURN.id, 1, 3, [], [3], 5.5], ["", "?", 3, 4]]
    await redis_client.hset(
        keys.session(TURN.seat),
        mapping={"thread_id": "th", "fingerprint": "f", "cursor": "4", "told": json.dumps(told)},
    )
    said = replace(
        TURN,
        state=TurnState.DONE,
        thread_id="th",
        codex_turn_id="tu",
        text="Said.",
        chunks=(11, 12),
        order=12,
    )
    ledger = RedisLedger(store)
    assert await ledger.turn(TURN.id) == said
    assert await ledger.turn_of(12) == said
    assert await ledger.claimed_in(13) == said
    assert await ledger.speaker_of(13) == "mira"
    session = await ledger.session(TURN.seat)
    assert session is not None
    assert session.told == (SeenRange("tu", TURN.id, 1, 3, (), (3,), 5.5), SeenRange("", "?", 3, 4))
    assert await ledger.reopen(said.edited("Otherwise.", TURN.accepted_at))
    done = replace(said, text="Otherwise.", chunks=(11,))
    await ledger.end(done)
    assert await ledger.turn(TURN.id) == done
    assert set(await redis_client.hkeys(keys.turn(TURN.id))) == {"rank", "record"}


async def test_decisions_of_an_earlier_release_are_read(store: Store, redis_client: Redis) -> None:
    mira = '{"character":"mira","name":"Mira","reason":"named","silence":null,"detail":""}'
    row = '{"trigger":3,"speaker":"Ann","at":"2026-01-01T00:00:00+00:00","followed":false,'
    await redis_client.lpush(keys.decisions(1), f'{row}"verdicts":[{mira}]}}')
    verdict = Verdict("mira", "Mira", Reason.NAMED)
    expected = Decision(1, 3, "Ann", TURN.accepted_at, (verdict,))
    assert await RedisDecisions(store).decisions(1) == [expected]


async def test_a_days_turns_fit_the_memory_that_the_shipped_server_has(
    store: Store, redis_client: Redis
) -> None:
    """10,000 turns a day: what docs/operations.md says, in a server of 256 MB."""
    ledger, turns = RedisLedger(store), 200
    room = Room(10**18, Place.CHANNEL, guild_id=10**18 + 1, name="the-prancing-pony")
    for number in range(turns):
        trigger = 1_400_000_000_000_000_000 + number * (8_640 << 22)
        answer, codex_turn_id = trigger + (2_000 << 22), str(UUID(int=number + 2**127))
        turn = replace(
            TURN,
            room=room,
            trigger=trigger,
            asker=10**18 + 2,
            state=TurnState.DONE,
            thread_id=codex_turn_id,
            codex_turn_id=codex_turn_id,
            text="x" * 400,
            chunks=(answer,),
            order=answer,
        )
        await ledger.accept(turn)
        await ledger.chunk(turn, 0, answer)
        await ledger.end(turn)
    bytes_of: dict[str, int] = Counter()
    for key in await redis_client.keys():
        used = await redis_client.memory_usage(key, samples=0)
        bytes_of[str(key).split(":")[2]] += used or 0
    a_turn, a_message = bytes_of["turn"] / turns, bytes_of["messages"] / turns
    assert a_turn < 1_200
    assert a_message < 70
    week, season = TURN_KEPT.days, MESSAGE_KEPT.days
    assert 10_000 * (a_turn * week + a_message * season) < 0.6 * 256 * 2**20


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


async def test_each_step_of_a_turn_is_one_round_trip(store: Store, redis_client: Redis) -> None:
    ledger, said = RedisLedger(store), replace(TURN, state=TurnState.RECORDED, text="Said.")
    await ledger.accept(TURN)  # the first call of each script loads it
    await ledger.run(TURN)
    await redis_client.config_resetstat()
    session = Session("th", "fp", 7)
    await ledger.run(replace(TURN, state=TurnState.RUNNING))
    await ledger.record(said, session=session)
    await ledger.end(replace(said, state=TurnState.DONE, chunks=(500,)), session=session)
    stats = await redis_client.info("commandstats")
    assert stats["cmdstat_evalsha"]["calls"] == 3
    assert not {name for name in stats if "script" in name or "multi" in name}
