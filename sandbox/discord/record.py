"""What tests read: requests, message writes, gateway sessions; and waiting for any of it.

Only observes. Every change in the world or in here wakes those who wait: nobody polls.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from sandbox.discord.world import World
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Json, Message

T = TypeVar("T")

_KEPT = 20_000
"""Entries of each kind that are kept; a demo may run for days."""

_KINDS: dict[str, Literal["create", "edit", "delete"]] = {
    "MESSAGE_CREATE": "create",
    "MESSAGE_UPDATE": "edit",
    "MESSAGE_DELETE": "delete",
}


@dataclass(slots=True)
class RequestSeen:
    """A REST request. `at` and `answered_at` are monotonic seconds; `status` is None until it is
    answered and 0 when the line was cut instead. `path` begins after `/api/v10`."""

    method: str
    path: str
    query: dict[str, str]
    at: float
    template: str = ""
    body: Any = None
    files: list[str] = field(default_factory=list)
    user_id: int | None = None
    status: int | None = None
    code: int | None = None
    limited: Literal["", "bucket", "global"] = ""
    """Which rate limit refused it."""
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class MessageWrite:
    """A message as it was right after a write; `at` is monotonic seconds."""

    kind: Literal["create", "edit", "delete"]
    message: Message
    at: float


@dataclass(slots=True)
class SessionSeen:
    """A gateway session and what became of it."""

    session_id: str
    user_id: int
    bot: bool
    intents: int
    shard: tuple[int, int]
    at: float
    connected: bool = True
    resumes: int = 0
    heartbeats: int = 0
    presence: Json | None = None
    closes: list[int | None] = field(default_factory=list)


class Record:
    """Everything that happened, in order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[asyncio.Future[None]] = []
        self.turned_away = 0
        """Gateway connections that were refused at the door, as they were to be."""
        self.requests: list[RequestSeen] = []
        self.writes: list[MessageWrite] = []
        self.sessions: list[SessionSeen] = []
        self.violations: list[str] = []
        self.failures: list[str] = []
        world.listeners.append(self._on_event)

    def _on_event(self, event: Event) -> None:
        kind = _KINDS.get(event.name)
        if kind is not None and event.message is not None:
            keep(self.writes, MessageWrite(kind, _copy(event.message), time.monotonic()))
        self.changed()

    def changed(self) -> None:
        """Wake everyone who waits; they look again."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def wait_for(self, found: Callable[[World], T | None], timeout: float = 20.0) -> T:
        """The first truthy answer of `found(world)`, asked now and after every change.

        Raises TimeoutError after `timeout` seconds, with what was written last.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (answer := found(self._world)):
                    one = asyncio.get_running_loop().create_future()
                    self._waiting.append(one)
                    await one
        except TimeoutError:
            raise TimeoutError(f"not within {timeout:g} s; {self.summary()}") from None
        return answer

    def summary(self, last: int = 6) -> str:
        """The latest requests and writes, for the text of a failed wait."""
        requests = [f"{one.method} {one.path} → {one.status}" for one in self.requests][-last:]
        writes = [f"{one.kind} {one.message.content[:60]!r}" for one in self.writes][-last:]
        return f"last requests: {requests}; last writes: {writes}; failures: {self.failures}"

    def sent(self, method: str, template: str) -> list[RequestSeen]:
        """The requests of one route, by its template."""
        return [one for one in self.requests if (one.method, one.template) == (method, template)]


def keep(entries: list[T], one: T) -> None:
    """Append, and forget the oldest half when twice as many are there as are kept."""
    entries.append(one)
    if len(entries) > 2 * _KEPT:
        del entries[:_KEPT]


def _copy(message: Message) -> Message:
    return replace(message, mentions=list(message.mentions), attachments=list(message.attachments))
