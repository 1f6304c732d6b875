"""A mind and what can be done to it from outside: on real Codex, and as its twin in memory."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from bot.domain.utterance import Image
from bot.errors import TurnFailure
from bot.rooms.ports.mind import Mind
from sandbox.model import Request, Rule, Step, cut, gate, hang, http, say
from tests.codex_kit import House, house
from tests.fakes.mind import Play, ScriptedMind

# Seconds: on a busy machine Codex needs a while to be refused.
SILENCE = 3.0
STATUSES = {TurnFailure.RATE_LIMIT: 429, TurnFailure.UNAUTHORIZED: 401}


class World(Protocol):
    """A mind, and what can be done to it from outside."""

    mind: Mind

    def play(self, *plays: Play) -> None:
        """What the next turns do."""

    async def kill(self) -> None:
        """End Mira's process; return when that was noticed."""

    async def lose(self, thread_id: str) -> None:
        """End Mira's process and remove the thread's session file."""

    def told(self, thread_id: str) -> list[tuple[bool, str]]:
        """What the model was told in the last turn: whether it was its own, and the text."""

    def seen(self) -> list[Image]:
        """The pictures that the model saw with the last question."""

    async def reached(self, words: str) -> None:
        """Return when the model was asked that."""

    def first(self) -> None:
        """The next turn is a plain one, in front of what is set already."""


class Codex:
    def __init__(self, house: House) -> None:
        self.house = house
        self.mind: Mind = house.mind

    def play(self, *plays: Play) -> None:
        rules: list[Rule] = []
        for play in plays:
            if play.cut:
                rules.append(Rule(then=(cut(len(play.cut.split())), say(play.cut + " …")), times=1))
            rules.append(Rule(then=_steps(play), times=1))
        self.house.model.script[0:0] = rules

    async def kill(self) -> None:
        slot = self.house.pool._slots["mira"]
        assert slot.instance is not None
        os.kill(slot.instance.process.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            await slot.instance.process._gone.wait()

    async def lose(self, thread_id: str) -> None:
        await self.kill()
        for file in self.house.options.home.rglob(f"rollout-*{thread_id}*"):
            file.unlink()

    def told(self, thread_id: str) -> list[tuple[bool, str]]:
        roles = {"user": False, "assistant": True}
        last = self.house.model.requests[-1].messages
        return [(roles[role], text) for role, text in last if role in roles]

    def seen(self) -> list[Image]:
        parts = self.house.model.requests[-1].items[-1]["content"]
        urls = [part["image_url"] for part in parts if part["type"] == "input_image"]
        found = [re.fullmatch("data:(.+);base64,(.+)", url) for url in urls]
        return [Image(url[1], base64.b64decode(url[2])) for url in found if url is not None]

    async def reached(self, words: str) -> None:
        await self.house.model.requests.first(lambda request: request.last_user_text == words)

    def first(self) -> None:
        self.house.model.script.insert(0, Rule(then=_echo, times=1))


class Twin:
    def __init__(self) -> None:
        self.scripted = ScriptedMind(silence=0.2)
        self.mind: Mind = self.scripted

    def play(self, *plays: Play) -> None:
        self.scripted.script.extend(plays)

    async def kill(self) -> None:
        self.scripted.kill("mira")

    async def lose(self, thread_id: str) -> None:
        self.scripted.lose(thread_id)

    def told(self, thread_id: str) -> list[tuple[bool, str]]:
        lines = [(line.own, line.text) for line in self.scripted.threads[thread_id].lines]
        return lines[:-1] if lines[-1][0] else lines

    def seen(self) -> list[Image]:
        return list(self.scripted.seen[-1])

    async def reached(self, words: str) -> None:
        assert self.scripted.asked[-1][1] == words

    def first(self) -> None:
        self.scripted.script.appendleft(Play())


def _steps(play: Play) -> tuple[Step, ...]:
    if play.fails is not None:
        return (http(STATUSES[play.fails]),)
    steps = [gate(play.gate)] if play.gate is not None else []
    steps.append(say(play.text))
    return (*steps, hang()) if play.hangs else tuple(steps)


def _echo(request: Request) -> tuple[Step, ...]:
    return (say(f"to {request.last_user_text}"),)


@asynccontextmanager
async def codex_world(folder: Path) -> AsyncIterator[World]:
    async with house(folder, Rule(then=_echo), turn_timeout=SILENCE) as opened:
        yield Codex(opened)
