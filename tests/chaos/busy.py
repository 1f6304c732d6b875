"""Processes that do nothing but use a core each: what holds beside them holds on a busy machine."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import Self

# It looks now and then whether whoever started it is still there: a run that is killed leaves none.
_LOOP = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""


class BusyLoops:
    """`count` of them, from `with` to its end. `pids` are their process ids."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._loops: list[subprocess.Popen[bytes]] = []

    @property
    def pids(self) -> list[int]:
        """Of those that were started and not ended yet."""
        return [loop.pid for loop in self._loops]

    def __enter__(self) -> Self:
        argv = (sys.executable, "-I", "-S", "-c", _LOOP)
        for _ in range(self._count):
            self._loops.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for loop in self._loops:
            loop.kill()
            loop.wait()
        self._loops.clear()
