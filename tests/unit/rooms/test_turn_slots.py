"""Turns in hand are bounded by person and by server, and nobody waits behind a flood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from bot.rooms.turns.turn_slots import SlotLimits, TurnSlots
from bot.tasks import Tasks

ANN, BEN, CARA, INN, PORT = 1, 2, 3, 10, 11


class Crowd:
    """People who want slots; `running` lists who holds one, in the order in which they got it."""

    def __init__(self, tasks: Tasks, limits: SlotLimits) -> None:
        self.slots = TurnSlots(limits)
        self.running: list[tuple[int, int | None]] = []
        self._tasks = tasks
        self._ends: dict[tuple[int, int | None], list[asyncio.Event]] = {}

    def wants(self, person: int, server: int | None = INN) -> asyncio.Task[None]:
        return self._tasks.start("turn", self._run(person, server))

    def ends(self, person: int, server: int | None = INN) -> None:
        self._ends[person, server].pop(0).set()

    async def _run(self, person: int, server: int | None) -> None:
        async with self.slots.hold(person, server):
            end = asyncio.Event()
            self._ends.setdefault((person, server), []).append(end)
            self.running.append((person, server))
            await end.wait()
            self.running.remove((person, server))


@asynccontextmanager
async def crowd(*, per_person: int = 2, per_server: int = 3) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(Tasks("test"))
        yield Crowd(tasks, SlotLimits(per_person, per_server))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_person_holds_no_more_slots_than_allowed() -> None:
    async with crowd() as people:
        for _ in range(5):
            people.wants(ANN)
        await settle()
        assert people.running == [(ANN, INN)] * 2
        people.ends(ANN)
        await settle()
        assert people.running == [(ANN, INN)] * 2


async def test_another_person_does_not_wait_behind_a_flood() -> None:
    async with crowd() as people:
        for _ in range(100):
            people.wants(ANN)
        people.wants(BEN)
        await settle()
        assert (BEN, INN) in people.running


async def test_those_who_wait_for_a_full_server_are_served_in_rotation() -> None:
    async with crowd(per_person=9, per_server=1) as people:
        for person in (ANN, ANN, ANN, BEN, CARA):
            people.wants(person)
        await settle()
        order = []
        while people.running:
            (person, server) = people.running[0]
            order.append(person)
            people.ends(person, server)
            await settle()
        assert order == [ANN, ANN, BEN, CARA, ANN]


async def test_a_full_server_keeps_nobody_from_another_one_or_from_direct_messages() -> None:
    async with crowd(per_person=9, per_server=1) as people:
        people.wants(ANN)
        people.wants(BEN)
        people.wants(BEN, PORT)
        people.wants(CARA, None)
        await settle()
        assert set(people.running) == {(ANN, INN), (BEN, PORT), (CARA, None)}


async def test_who_stops_waiting_leaves_no_slot_behind() -> None:
    async with crowd(per_person=1) as people:
        people.wants(ANN)
        leaves = people.wants(ANN)
        stays = people.wants(ANN)
        await settle()
        leaves.cancel()
        with suppress(asyncio.CancelledError):
            await leaves
        people.ends(ANN)
        await settle()
        assert people.running == [(ANN, INN)]
        people.ends(ANN)
        await stays
        people.wants(ANN)
        await settle()
        assert people.running == [(ANN, INN)]


async def test_who_is_cancelled_in_the_moment_of_the_grant_gives_the_slot_back() -> None:
    async with crowd(per_person=1) as people:
        people.wants(ANN)
        leaves = people.wants(ANN)
        await settle()
        people.ends(ANN)
        await asyncio.sleep(0)  # the first one has let go, the second one has not woken yet
        leaves.cancel()
        with suppress(asyncio.CancelledError):
            await leaves
        people.wants(ANN)
        await settle()
        assert people.running == [(ANN, INN)]


async def test_who_has_more_turns_waiting_starts_no_more_than_the_pace_allows() -> None:
    loop, started = asyncio.get_running_loop(), list[float]()
    slots = TurnSlots(SlotLimits(per_person=2, per_server=9, pace=0.05))

    async def turn(person: int) -> None:
        async with slots.hold(person, INN):
            started.append(loop.time())
            await settle()

    async with Tasks("test") as tasks:
        began = loop.time()
        await asyncio.gather(*(tasks.start("turn", turn(ANN)) for _ in range(6)))
        assert started[2] - began >= 0.05
        assert started[4] - began >= 0.1


async def test_the_pace_of_one_person_keeps_nobody_else_waiting() -> None:
    slots = TurnSlots(SlotLimits(per_person=1, per_server=9, pace=60.0))
    order: list[int] = []

    async def turn(person: int) -> None:
        async with slots.hold(person, INN):
            order.append(person)
            await settle()

    async with Tasks("test") as tasks:
        for person in (ANN, ANN, ANN):
            tasks.start("turn", turn(person))
        await asyncio.wait_for(tasks.start("turn", turn(BEN)), 5)
        assert order == [ANN, BEN]
