"""`python -m sandbox` as a command: its words, its end, and that nothing of it is left behind."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_help_names_every_option() -> None:
    with start("--help") as process:
        words = process.communicate(timeout=20)[0]
    for option in ("--port", "--data-dir", "--real-model", "--local-model"):
        assert option in words
    assert process.returncode == 0


def test_a_taken_port_is_told_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start("--port", str(port), "--data-dir", str(tmp_path)) as process:
            words = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert f"port {port} is taken" in words
    assert "Traceback" not in words


def test_a_second_one_in_the_same_folder_is_refused_and_takes_nothing_away(tmp_path: Path) -> None:
    kept = tmp_path / "bot"
    kept.mkdir()
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with start("--port", "0", "--data-dir", str(tmp_path)) as process:
            words = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert f"another sandbox runs in {tmp_path}" in words
    assert "Traceback" not in words
    assert kept.is_dir()


def test_a_port_that_is_none_is_refused() -> None:
    with start("--port", "seven") as process:
        words = process.communicate(timeout=20)[0]
    assert process.returncode == 2
    assert "a port is a number from 0 to 65535" in words


@pytest.mark.timeout(90)
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_leaves_no_process(tmp_path: Path, ending: signal.Signals) -> None:
    with start("--port", "0", "--data-dir", str(tmp_path)) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("bot |") and "ready" in line:
                break
        family = psutil.Process(process.pid).children(recursive=True)
        assert family, lines
        os.kill(process.pid, ending)
        rest = process.communicate(timeout=30)[0]
    assert process.returncode == 0
    assert "Stopped." in rest
    assert "Traceback" not in "".join(lines) + rest
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
