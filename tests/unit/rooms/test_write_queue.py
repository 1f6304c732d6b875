"""What the store does not take: it waits, in order, and rooms do not wait for one another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.errors import StoreError, StoreRefusal, StoreRefusingError, StoreUnavailableError
from bot.rooms.record import write_queue
from bot.rooms.record.write_queue import Write, WriteQueue
from bot.tasks import Tasks

AWAY = StoreUnavailableError("cannot be reached")
FULL = StoreRefusingError(StoreRefusal.FULL, "takes no writes: OOM")
WRONG = StoreError("refused one command: WRONGTYPE")


class Server:
    """Takes writes, unless it refuses everybody, or a room's key."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refuses: StoreError | None = None
        self.wrong: set[str] = set()
        self.asked = asyncio.Event()

    def write(self, name: str) -> Write:
        async def write() -> None:
            await asyncio.sleep(0)
            self.asked.set()
            if self.refuses is not None:
                raise self.refuses
            if name in self.wrong:
                raise WRONG
            self.taken.append(name)

        return write


@pytest_asyncio.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks("test") as tasks:
        yield tasks


@pytest.mark.parametrize("refusal", [AWAY, FULL])
async def test_a_server_that_refuses_everybody_is_waited_for_by_all_rooms_and_told_as_it_is(
    tasks: Tasks, refusal: StoreError
) -> None:
    server, writes = Server(), WriteQueue(tasks)
    server.refuses = refusal
    for room_id, name in ((1, "a"), (2, "b"), (1, "c")):
        await writes.write(room_id, server.write(name))
    assert len(writes) == 3
    for room_id in (1, 2, 3):
        with pytest.raises(type(refusal), match=str(refusal)) as caught:
            writes.check(room_id)
        assert caught.value is not refusal
    server.refuses = None
    await writes.settle(5)
    assert sorted(server.taken) == ["a", "b", "c"]
    assert server.taken.index("a") < server.taken.index("c")
    writes.check(1)


async def test_a_full_server_is_waited_for_longer_than_a_key_that_is_refused(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "REFUSED_SECONDS", 0.0)
    server, writes = Server(), WriteQueue(tasks)
    server.refuses = FULL
    await writes.write(1, server.write("a"))
    for _ in range(3):
        server.asked.clear()
        async with asyncio.timeout(5):
            await server.asked.wait()
    server.refuses = None
    await writes.settle(5)
    assert server.taken == ["a"]


async def test_what_is_refused_for_one_room_holds_no_other(tasks: Tasks) -> None:
    server, writes = Server(), WriteQueue(tasks)
    server.wrong = {"a"}
    await writes.write(1, server.write("a"), messages=(11,))
    await writes.write(1, server.write("later"), messages=(12,))
    writes.check()
    writes.check(2, messages=(13,))
    await writes.write(2, server.write("b"))
    assert server.taken == ["b"]
    assert writes.holds(1)
    assert not writes.holds(2)
    with pytest.raises(StoreUnavailableError, match=r"room 1 is still to be written: .*WRONGTYPE"):
        writes.check(1)
    with pytest.raises(StoreUnavailableError, match="room 1"):
        writes.check(messages=(12,))
    server.wrong = set()
    await writes.settle(5)
    assert server.taken == ["b", "a", "later"]


async def test_what_stays_refused_is_given_up_with_its_reason_and_the_rest_is_written(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(write_queue, "REFUSED_SECONDS", 0.0)
    server, writes = Server(), WriteQueue(tasks)
    server.wrong = {"a"}
    with caplog.at_level(logging.WARNING):
        await writes.write(1, server.write("a"))
        await writes.write(1, server.write("later"))
        await writes.settle(5)
    assert server.taken == ["later"]
    waits, lost = (record.getMessage() for record in caplog.records)
    assert waits == f"room 1: its record waits, what runs goes on: {WRONG}"
    assert lost == f"room 1: a part of its record is lost: {WRONG}"


async def test_a_room_that_waits_for_one_key_is_held_by_a_server_that_goes_away_meanwhile(
    tasks: Tasks,
) -> None:
    server, writes = Server(), WriteQueue(tasks)
    server.wrong = {"a"}
    await writes.write(1, server.write("a"))
    server.refuses = AWAY
    await writes.write(2, server.write("b"))
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        writes.check(3)
    server.refuses, server.wrong = None, set()
    await writes.settle(5)
    assert sorted(server.taken) == ["a", "b"]
