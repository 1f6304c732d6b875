"""A text as messages: long ones are read beside the loop, one at a time."""

from __future__ import annotations

import asyncio
import threading

from bot.discord_io.pages import Pages
from bot.domain.splitting import LIMIT
from bot.tasks import Aside


async def test_only_a_long_text_is_read_in_a_thread() -> None:
    read: list[threading.Thread] = []

    def worded(text: str) -> str:
        read.append(threading.current_thread())
        return text

    pages, here = Pages(worded, Aside()), threading.current_thread()
    await pages.beginning("x" * LIMIT, "")
    await pages.all("x" * LIMIT, "", "", ())
    assert read == [here, here]
    await pages.beginning("x" * (LIMIT + 1), "")
    await pages.all("x" * (LIMIT + 1), "", "", ())
    await pages.worded("x" * (LIMIT + 1))
    assert here not in read[2:]
    assert len(read) == 5


async def test_a_long_text_comes_to_the_same_messages() -> None:
    text = "A sentence of some words. " * 400
    parts = await Pages(str, Aside()).all(text, "above\n", "header\n", ())
    assert parts[0].content.startswith("above\nA sentence")
    assert all(part.content.startswith("header\n") for part in parts[1:])
    assert all(len(part.content) <= LIMIT for part in parts)


async def test_one_long_computation_runs_at_a_time() -> None:
    running, most = 0, 0
    started, go_on = threading.Event(), threading.Event()

    def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        started.set()
        assert go_on.wait(5)
        running -= 1
        return number

    aside = Aside()
    async with asyncio.TaskGroup() as group:
        works = [group.create_task(aside.run(work, number)) for number in range(4)]
        assert await asyncio.to_thread(started.wait, 5)
        go_on.set()
    assert [done.result() for done in works] == [0, 1, 2, 3]
    assert most == 1
