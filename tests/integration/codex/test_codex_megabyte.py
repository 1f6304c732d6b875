"""A megabyte in one piece from the endpoint: cut where it is read, so that the loop goes on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bot.domain.speech import SPEECH_LIMIT
from bot.domain.turn import Settled, Words
from bot.tasks import Tasks
from sandbox.model import always, say
from tests.codex_kit import MIRA, SEAT, hear, house

# Seconds of this thread's own work between two rounds of the loop, sandbox and JSON included.
BLOCKED = 0.5


async def _longest_round(ended: asyncio.Event) -> float:
    longest, before = 0.0, time.thread_time()
    while not ended.is_set():
        await asyncio.sleep(0.001)
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    return longest


@pytest.mark.parametrize("text", ["[" * 1_000_000, "a " * 500_000, "漢" * 400_000])
async def test_a_megabyte_at_once_does_not_stop_the_bot(tmp_path: Path, text: str) -> None:
    async with house(tmp_path, always(say(text, chunk="whole"))) as h, Tasks("test") as tasks:
        ended = asyncio.Event()
        async with h.mind.lease(MIRA) as mind:
            thread = await mind.begin(SEAT, [])
            watching = tasks.start("watch", _longest_round(ended))
            async with mind.speak(thread, "hello") as events:
                heard = await hear(events)
            ended.set()
            assert await watching < BLOCKED
    texts = [event.text for event in heard if isinstance(event, Words | Settled)]
    assert {len(text) for text in texts} == {SPEECH_LIMIT + 1}
