"""The pool on real Codex."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest

from bot.codex.instance import Instance
from bot.domain.character import Character
from bot.domain.room import Seat
from bot.errors import (
    CodexError,
    CodexRefusedError,
)
from sandbox.model import Rule, gate, say
from tests.codex_kit import MIRA, SEAT, ask, character, hear, house
from tests.pool_kit import BO


async def test_ten_start_at_once_in_a_fresh_home_and_all_of_them_speak(tmp_path: Path) -> None:
    rule = Rule(then=lambda r: (say("to " + r.last_user_text),))
    people = [character(f"guest{number}") for number in range(10)]

    async def meet(who: Character) -> str:
        async with h.mind.lease(who) as mind:
            thread = await mind.begin(Seat(1, who.key), [])
            return (await ask(mind, thread, who.key))[0]

    async with house(tmp_path, rule) as h:
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(meet(who) for who in people))
        stats = h.pool.stats()
        assert answers == [f"to {who.key}" for who in people]
        assert (stats.active, stats.healthy, stats.total_threads) == (10, 10, 10)
        assert all(row.memory > 1_000_000 and row.turns == 1 for row in stats.instances)
        pids = [row.pid for row in stats.instances]
    assert not [pid for pid in pids if pid is not None and psutil.pid_exists(pid)]


async def test_a_speaking_character_is_not_evicted_for_another(tmp_path: Path) -> None:
    opened = asyncio.Event()
    rules = [
        Rule(when=lambda r: r.last_user_text == "long", then=(gate(opened), say("whole"))),
        Rule(then=(say("short"),)),
    ]
    async with house(tmp_path, *rules, max_instances=1) as h, AsyncExitStack() as held:
        mind = await held.enter_async_context(h.mind.lease(MIRA))
        thread = await mind.begin(SEAT, [])
        events = await held.enter_async_context(mind.speak(thread, "long"))

        async def other() -> str:
            async with h.mind.lease(BO) as theirs:
                return (await ask(theirs, await theirs.begin(Seat(1, "bo"), []), "hi"))[0]

        async with asyncio.TaskGroup() as group:
            answer = group.create_task(other())
            await h.model.requests.reach(1)
            await h.pool.look_after()
            opened.set()
            assert "whole" in str(await hear(events))
            await held.aclose()
        assert answer.result() == "short"


async def test_a_refused_setting_is_told_in_codex_s_own_words(tmp_path: Path) -> None:
    extra = ("-c", "tools.update_plan=False")
    async with house(tmp_path, extra=extra) as h:
        with pytest.raises(CodexRefusedError, match=r"tools\.update_plan"):
            async with h.mind.lease(MIRA):
                pass


async def test_nobody_logged_in_is_told_as_that(tmp_path: Path) -> None:
    async with house(tmp_path, extra=("-c", 'model_provider="openai"')) as h:
        with pytest.raises(CodexError, match="make login"):
            async with h.mind.lease(MIRA):
                pass


def test_instances_are_never_compared_by_value() -> None:
    assert Instance.__eq__ is object.__eq__
