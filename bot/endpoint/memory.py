"""A cache of findings on disk: the file `models.json` under DATA_DIR.

Owns the file. A failed read or write is no error: the models are then probed again.
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
# Changed together with the probe's requests, so that findings of an older probe are not used.
PROBE_VERSION = 1


class FindingsMemory:
    """The findings on disk, by endpoint and model; the file is read once, by the constructor."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._rows = _read(self._path)

    def get(self, address: str, model: str) -> Findings | None:
        """Return the stored findings of the model at that address; None without."""
        return self._rows.get(_key(address, model))

    async def keep(self, address: str, findings: Findings) -> None:
        """Store the findings, dropping the oldest entries over `KEPT`."""
        self._rows[_key(address, findings.model)] = findings
        while len(self._rows) > KEPT:
            del self._rows[min(self._rows, key=lambda key: self._rows[key].asked_at)]
        rows = {key: dumped(row) for key, row in self._rows.items()}
        try:
            await asyncio.to_thread(_write, self._path, json.dumps({"models": rows}))
        except OSError as error:
            log.warning("the findings of model probes cannot be saved (%s)", error.strerror)


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
    """Write the file atomically."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
