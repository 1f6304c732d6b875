"""A disk of the run's own that can be full: a small tmpfs for the bot's data, where one may mount.

Without the right to (no root, a container) the data lies in a plain folder, and a full disk is left
to Redis, which refuses writes in the same way.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

# Codex's databases and threads of a long run take about a tenth of it.
_SIZE = "512m"
_BLOCK = 1 << 20


class Disk:
    """`folder` is there from `async with` on. `small`: it can be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.small = False

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        options = ("-t", "tmpfs", "-o", f"size={_SIZE},mode=700", "tmpfs", str(self.folder))
        self.small = _ran("mount", *options)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.small:
            _ran("umount", "--lazy", str(self.folder))

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is left while this is held."""
        ballast = self.folder / "ballast"
        try:
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                for size in (_BLOCK, 1):
                    with contextlib.suppress(OSError):
                        while file.write(b"x" * size):
                            pass
            yield
        finally:
            ballast.unlink(missing_ok=True)


def _ran(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
