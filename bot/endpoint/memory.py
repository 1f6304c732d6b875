"""Findings kept between two runs, in one file under DATA_DIR: `models.json`.

Owns the file. A file that cannot be read or written is no error: models are then probed again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from pathlib import Path

from bot.endpoint.client import json_object, mapping
from bot.endpoint.findings import Findings, dumped, loaded

log = logging.getLogger(__name__)

FILE = "models.json"
FILE_LIMIT = 1024 * 1024
KEPT = 64
# Changes when the probe asks in another way: what was found before is then asked anew.
PROBE_VERSION = 1


class FindingsMemory:
    """The findings on disk, by endpoint and model; read once, when it is made."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._rows = _read(self._path)

    def get(self, address: str, model: str) -> Findings | None:
        """What was found at that address before."""
        return self._rows.get(_key(address, model))

    async def keep(self, address: str, findings: Findings) -> None:
        """Write it down; the oldest goes when there are too many."""
        self._rows[_key(address, findings.model)] = findings
        while len(self._rows) > KEPT:
            del self._rows[min(self._rows, key=lambda key: self._rows[key].asked_at)]
        rows = {key: dumped(row) for key, row in self._rows.items()}
        try:
            await asyncio.to_thread(_write, self._path, json.dumps({"models": rows}))
        except OSError as error:
            log.warning("what models can take cannot be kept (%s)", error.strerror)


def _key(address: str, model: str) -> str:
    parts = json.dumps([PROBE_VERSION, address, model])
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _read(path: Path) -> dict[str, Findings]:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT)
    except OSError:
        return {}
    rows = mapping(json_object(data).get("models"))
    return {str(key): row for key, value in rows.items() if (row := loaded(value)) is not None}


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)
