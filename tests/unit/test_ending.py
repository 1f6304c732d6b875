"""An end that hangs: it ends all the same, and says what hung."""

from __future__ import annotations

import subprocess
import sys

from bot.shutdown_watchdog import HUNG

PROGRAM = """import asyncio, logging, os, signal, sys, time
from bot.__main__ import until_signalled
from bot.shutdown_watchdog import Deadline
from bot.tasks import Tasks

logging.basicConfig()

async def obstinate():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

deadline = Deadline(seconds=0.1)

async def main(stop):
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    await stop.wait()
    {end}

until_signalled(main, deadline)
"""

# More than a pipe holds.
UNREAD = "logging.error('x' * 1_000_000)"


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
    assert "pool/stuck at <string>:11 → locks.py:" in process.stderr


def test_a_loop_that_is_blocked_does_not_keep_the_process():
    assert ended("time.sleep(15)").returncode == HUNG


def test_a_thread_that_does_not_end_is_named_and_left():
    process = ended("asyncio.get_running_loop().run_in_executor(None, time.sleep, 15)")
    assert process.returncode == HUNG
    assert "thread asyncio_0 at threading.py:" in process.stderr


def test_a_log_that_nobody_reads_does_not_keep_the_process():
    script = PROGRAM.replace("{end}", UNREAD)
    with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) as process:
        assert process.wait(timeout=10) == HUNG


def test_an_end_in_time_is_left_alone():
    process = ended("deadline.cancel(); await asyncio.sleep(0.2)")
    assert (process.returncode, process.stderr) == (0, "")
