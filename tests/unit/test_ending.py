"""An end that hangs: it ends all the same, and says what hung."""

from __future__ import annotations

import subprocess
import sys

from bot.ending import HUNG

PROGRAM = """import asyncio, logging, time
from bot.ending import Deadline
from bot.tasks import Tasks

logging.basicConfig()

async def obstinate():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def main():
    deadline = Deadline(asyncio.get_running_loop(), seconds=0.1)
    deadline.start()
    deadline.start()
    {end}

asyncio.run(main())
"""


def ended(how: str) -> subprocess.CompletedProcess[str]:
    script = PROGRAM.replace("{end}", how)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False
    )


def test_a_task_that_does_not_end_is_named_and_left():
    process = ended(
        "tasks = Tasks('pool'); tasks.start('stuck', obstinate()); "
        "await asyncio.sleep(0); await tasks.close()"
    )
    assert process.returncode == HUNG
    assert "pool/stuck at <string>:10 → locks.py:" in process.stderr


def test_a_loop_that_is_blocked_does_not_keep_the_process():
    assert ended("time.sleep(15)").returncode == HUNG


def test_an_end_in_time_is_left_alone():
    process = ended("deadline.cancel(); await asyncio.sleep(0.2)")
    assert (process.returncode, process.stderr) == (0, "")
