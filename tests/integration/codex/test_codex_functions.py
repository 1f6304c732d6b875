"""Tools as plain functions on real Codex: each call is answered once, whatever becomes of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.domain.room import Seat
from bot.domain.tool_calls import ToolAnswer, ToolCall, ToolSpec
from bot.errors import TransportClosedError
from sandbox.model import Request, Rule, Step, always, call, say
from tests.codex_kit import MIRA, PATIENCE, SEAT, House, ask, hear_failing, house

HAND = {"type": "object", "properties": {"hand": {"type": "string"}}, "required": ["hand"]}
WAVE = ToolSpec("wave", "Wave a hand.", HAND)
HANG = ToolSpec("hang", "Take for ever.", {"type": "object", "properties": {}})


class Hands:
    """What serves the calls: answers a wave, and hangs where it is asked to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ToolCall]] = []
        self.hanging = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def call(self, bearer: str, call: ToolCall) -> ToolAnswer:
        self.calls.append((bearer, call))
        if call.name == "hang":
            self.hanging.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.set()
        return ToolAnswer(f"waved for {call.thread_id}")


def uses(word: str, *steps: Step) -> Rule:
    """Asked with that word, the model makes these calls one after the other, then tells."""

    def play(request: Request) -> list[Step]:
        done = request.tool_outputs
        return [steps[len(done)]] if len(done) < len(steps) else [say(f"{word}: {done[-1].text}")]

    return Rule(lambda request: word in request.last_user_text, play)


@asynccontextmanager
async def room(folder: Path, hands: Hands) -> AsyncIterator[House]:
    wave = call("wave", {"hand": "left"})
    rules = [uses("wave", wave), uses("hang", call("hang", {}))]
    async with house(
        folder,
        *rules,
        always(say("Hi.")),
        functions=(WAVE, HANG),
        call_tool=hands.call,
        model="a-model-of-ones-own",
    ) as opened:
        yield opened


def offered(house: House) -> list[tuple[str, str | None, str]]:
    return [(tool.kind, tool.namespace, tool.name) for tool in house.model.requests[-1].tools]


async def test_a_call_reaches_us_with_its_thread_turn_and_process(tmp_path: Path) -> None:
    hands = Hands()
    async with room(tmp_path, hands) as inn, inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        words, events = await ask(mind, thread, "please wave")
        assert words == f"wave: waved for {thread}"
        (bearer, made), *more = hands.calls
        assert inn.pool.seat_for(bearer, made.thread_id) == SEAT
        assert (made.name, made.arguments) == ("wave", {"hand": "left"})
        assert made.turn_id == events[0].codex_turn_id
        assert not more


async def test_functions_come_plain_and_bring_no_other_tools(tmp_path: Path) -> None:
    async with room(tmp_path, Hands()) as inn, inn.mind.lease(MIRA) as mind:
        await ask(mind, await mind.begin(SEAT, []), "hello")
        assert offered(inn) == [("function", None, "wave"), ("function", None, "hang")]
        assert inn.model.requests[-1].tools[0].raw["parameters"] == HAND


async def test_a_thread_keeps_its_functions_in_another_process(tmp_path: Path) -> None:
    hands = Hands()
    async with room(tmp_path, hands) as inn:
        async with inn.mind.lease(MIRA) as mind:
            thread = await mind.begin(SEAT, [])
            await ask(mind, thread, "hello")
        assert await inn.pool.evict("mira")
        async with inn.mind.lease(MIRA) as mind:
            await mind.resume(SEAT, thread)
            assert (await ask(mind, thread, "wave"))[0] == f"wave: waved for {thread}"
            assert [name for _, _, name in offered(inn)] == ["wave", "hang"]


async def test_a_turn_that_is_left_cancels_its_call_and_the_thread_goes_on(tmp_path: Path) -> None:
    hands = Hands()
    async with room(tmp_path, hands) as inn, inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with asyncio.timeout(PATIENCE):
            async with mind.speak(thread, "hang"):
                await hands.hanging.wait()
            await hands.cancelled.wait()
        assert (await ask(mind, thread, "wave"))[0] == f"wave: waved for {thread}"


async def test_a_call_that_hangs_holds_up_no_other_thread(tmp_path: Path) -> None:
    hands = Hands()
    async with room(tmp_path, hands) as inn, inn.mind.lease(MIRA) as mind:
        stuck, other = await mind.begin(SEAT, []), await mind.begin(Seat(78, "mira"), [])
        async with mind.speak(stuck, "hang"):
            await hands.hanging.wait()
            assert (await ask(mind, other, "wave"))[0] == f"wave: waved for {other}"


async def test_a_call_ends_with_its_app_server(tmp_path: Path) -> None:
    hands = Hands()
    async with room(tmp_path, hands) as inn, inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with mind.speak(thread, "hang") as events:
            await hands.hanging.wait()
            os.kill(mind._instance.process.pid, signal.SIGKILL)
            _, error = await hear_failing(events)
        assert isinstance(error, TransportClosedError)
        async with asyncio.timeout(PATIENCE):
            await hands.cancelled.wait()


async def test_a_call_past_its_deadline_is_told_to_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.codex.tool_calls.TOOL_SECONDS", 0.2)
    async with room(tmp_path, Hands()) as inn, inn.mind.lease(MIRA) as mind:
        words, _ = await ask(mind, await mind.begin(SEAT, []), "hang")
    assert words.startswith("hang: This took too long.")
