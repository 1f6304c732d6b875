"""Which faults of character files the bot's owner was told of: each once, over restarts too.

Owns one file under DATA_DIR. A fault that is gone is forgotten, so that it is told if it is back.
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
    """The faults that were told; read once, when it is made."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._told = _read(self._path)

    def new(self, faults: Iterable[CharacterError]) -> tuple[CharacterError, ...]:
        """Those of these faults that nobody was told of."""
        return tuple(fault for fault in faults if _digest(fault) not in self._told)

    async def keep(self, faults: Iterable[CharacterError]) -> None:
        """Exactly these are known to the owner now."""
        told = {_digest(fault) for fault in faults}
        if told == self._told:
            return
        self._told = told
        try:
            await asyncio.to_thread(_write, self._path, json.dumps(sorted(told)))
        except OSError as error:
            log.warning("which faults were told cannot be kept (%s)", error.strerror)


def _digest(fault: CharacterError) -> str:
    return hashlib.sha256(str(fault).encode()).hexdigest()[:16]


def _read(path: Path) -> set[str]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(FILE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return set()
    return {each for each in found if isinstance(each, str)} if isinstance(found, list) else set()


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)
