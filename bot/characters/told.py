"""The faults of character files that the bot's owner was notified of: each once, across restarts.

Owns a file under DATA_DIR. A repaired fault is removed from it, and reported again if it returns.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path

from bot.errors import CharacterError

log = logging.getLogger(__name__)

FILE = "told-faults.json"
FILE_LIMIT = 64 * 1024


class ToldFaults:
    """The reported faults; the file is read once, by the constructor."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._reported = _read(self._path)

    def new(self, faults: Iterable[CharacterError]) -> tuple[CharacterError, ...]:
        """Return the faults that were not reported yet."""
        return tuple(fault for fault in faults if _digest(fault) not in self._reported)

    async def keep(self, faults: Iterable[CharacterError]) -> None:
        """Store exactly these faults as reported."""
        digests = {_digest(fault) for fault in faults}
        if digests == self._reported:
            return
        self._reported = digests
        try:
            await asyncio.to_thread(_write, self._path, json.dumps(sorted(digests)))
        except OSError as error:
            log.warning("the reported character faults cannot be saved (%s)", error.strerror)


def _digest(fault: CharacterError) -> str:
    return hashlib.sha256(str(fault).encode()).hexdigest()[:16]


def _read(path: Path) -> set[str]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(FILE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return set()
    digests = found if isinstance(found, list) else []
    return {digest for digest in digests if isinstance(digest, str)}


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
