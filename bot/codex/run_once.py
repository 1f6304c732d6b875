"""Short runs of the Codex program, with a deadline, for their output."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.errors import CodexMissingError, CodexRefusedError


@dataclass(frozen=True, slots=True)
class Said:
    """The exit status and the output of a run."""

    code: int
    """The exit status."""
    out: str
    err: str


async def run(argv: Sequence[str], env: Mapping[str, str], *, timeout: float = 15.0) -> Said:
    """Run `argv` to its end and return its output.

    Raises `CodexMissingError` when it cannot be run, `CodexRefusedError` after `timeout` seconds.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=dict(env), start_new_session=True
        )
    except OSError as error:
        raise CodexMissingError((f"{argv[0]} ({error.strerror})",)) from error
    try:
        out, err = await asyncio.wait_for(process.communicate(), timeout)
    except TimeoutError:
        raise CodexRefusedError(f"`{' '.join(argv)}` did not end within {timeout:g} s") from None
    finally:
        if process.returncode is None:
            # Kill the whole group: a grandchild with the pipes open would block `wait`.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))
