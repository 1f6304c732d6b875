"""A rate limit: who may write now, and who is next."""

from __future__ import annotations

import asyncio

import pytest

from bot.discord_io.ratelimit import Bucket, Priority
from bot.tasks import Tasks


def headers(left: int, after: float, limit: int = 5) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset-After": str(after),
    }


async def test_before_discord_told_its_limit_nobody_waits():
    bucket = Bucket()
    async with asyncio.timeout(1):
        for _ in range(7):
            await bucket.take(Priority.FINAL)


async def test_an_empty_bucket_is_waited_for():
    bucket, loop = Bucket(), asyncio.get_running_loop()
    await bucket.take(Priority.FINAL)
    bucket.settle(headers(0, 0.05))
    began = loop.time()
    await bucket.take(Priority.FINAL)
    assert loop.time() - began >= 0.05


async def test_finals_go_before_edits_and_edits_before_frames():
    bucket, order = Bucket(), []
    await bucket.take(Priority.FINAL)
    bucket.settle(headers(0, 0.02, limit=1))

    async def go(priority: Priority) -> None:
        await bucket.take(priority)
        order.append(priority)
        bucket.settle(headers(0, 0.01, limit=1))

    async with Tasks("writers") as tasks:
        waiting = [tasks.start(str(one), go(one)) for one in reversed(Priority)]
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)
    assert order == [Priority.FINAL, Priority.EDIT, Priority.FRAME]


async def test_a_hold_keeps_everyone_back():
    bucket, loop = Bucket(), asyncio.get_running_loop()
    bucket.hold(0.05)
    assert not bucket.has_room()
    began = loop.time()
    await bucket.take(Priority.FINAL)
    assert loop.time() - began >= 0.05


async def test_one_who_gives_up_leaves_its_place_to_the_next():
    bucket = Bucket()
    await bucket.take(Priority.FINAL)
    bucket.settle(headers(0, 0.02, limit=1))
    async with Tasks("writers") as tasks:
        first = tasks.start("first", bucket.take(Priority.FINAL))
        second = tasks.start("second", bucket.take(Priority.FINAL))
        await asyncio.sleep(0)
        first.cancel()
        async with asyncio.timeout(1):
            await second
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_room_is_counted_with_what_is_on_its_way():
    bucket = Bucket()
    await bucket.take(Priority.FINAL)
    bucket.settle(headers(2, 5))
    assert bucket.has_room(spare=1)
    await bucket.take(Priority.FINAL)
    assert not bucket.has_room(spare=1)
    assert bucket.has_room()


async def test_a_late_answer_gives_no_places_back():
    bucket = Bucket()
    for _ in range(3):
        await bucket.take(Priority.FINAL)
    bucket.settle(headers(2, 5))
    bucket.settle(headers(3, 5))
    bucket.settle(headers(4, 5))
    await bucket.take(Priority.FINAL)
    assert not bucket.has_room(spare=1)
