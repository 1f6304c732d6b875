"""Long texts are read beside the loop, one at a time."""

from __future__ import annotations

import asyncio
import threading

from bot.tasks import AT_ONCE, Aside


async def test_only_a_long_text_is_read_in_a_thread() -> None:
    read: list[threading.Thread] = []

    def note(text: str) -> int:
        read.append(threading.current_thread())
        return len(text)

    aside, here = Aside(), threading.current_thread()
    for length in (AT_ONCE, AT_ONCE + 1):
        text = "x" * length
        assert await aside.read(text, note, text) == length
    assert read[0] is here
    assert read[1] is not here


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
