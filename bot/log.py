"""Logging set-up: one handler, text or JSON lines, room, character and turn bound once.

Owns the format and the cutting of secrets. What is logged is up to each module.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_BOUND: ContextVar[dict[str, str]] = ContextVar("bound", default={})  # noqa: B039 never mutated


@contextmanager
def bound(**ids: str | int) -> Iterator[None]:
    """Every record logged inside carries these ids."""
    token = _BOUND.set(_BOUND.get() | {key: str(value) for key, value in ids.items()})
    try:
        yield
    finally:
        _BOUND.reset(token)


class Redactor:
    """Cuts known secret values out of any text, wherever they came from."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._spellings: tuple[str, ...] = ()

    def learn(self, secret: str | None) -> None:
        """Never show `secret` again. Strings under eight characters are left: too common."""
        if secret and len(secret) >= 8:
            self._secrets.add(secret)
            self._spell()

    def forget(self, secret: str) -> None:
        """Stop looking for `secret`: it opens nothing any more."""
        self._secrets.discard(secret)
        self._spell()

    def cut(self, text: str) -> str:
        """`text` with each secret replaced by ‹secret›, also where it stands in JSON or a repr."""
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, "‹secret›")
        return text

    def _spell(self) -> None:
        found = {spelling for secret in self._secrets for spelling in _spellings(secret)}
        # The longest first: a password must not be cut out of an address that is secret whole.
        self._spellings = tuple(sorted(found, key=len, reverse=True))


def _spellings(secret: str) -> Iterator[str]:
    """How `secret` may be written: as it is, in a repr, in JSON, in JSON within JSON.

    What a tool is asked for is JSON in a string of a JSON-RPC message, so twice is common.
    """
    yield secret
    yield repr(secret)[1:-1]
    for ascii_only in (False, True):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]


class _BoundFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.bound = _BOUND.get()
        return True


# What discord.py says, with the whole trace of how the line was cut, of each try to connect again.
_AGAIN = ("Attempting a reconnect", "Failed to connect for shard_id")


class _BriefFilter(logging.Filter):
    """A lost line is told in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and str(record.msg).startswith(_AGAIN):
            record.msg = f"{record.getMessage()} ({record.exc_info[1]!r})"
            record.args = record.exc_info = None
        return True


class TextFormatter(logging.Formatter):
    """`12:00:00 INFO bot.codex.pool: text [room=1 character=mira]`."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """One record; tracebacks follow on their own lines."""
        text = super().format(record)
        ids: dict[str, str] = getattr(record, "bound", {})
        if ids:
            first, newline, rest = text.partition("\n")
            text = f"{first} [{' '.join(f'{k}={v}' for k, v in ids.items())}]{newline}{rest}"
        return self._redactor.cut(text)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the bound ids, and the traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """One record as a line."""
        row: dict[str, str] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "bound", {}),
        }
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            row["stack"] = record.stack_info
        # Before they are made JSON: afterwards a secret need not look like itself.
        clean = {key: self._redactor.cut(value) for key, value in row.items()}
        return json.dumps(clean, ensure_ascii=False)


def set_up(level: str, form: str, redactor: Redactor) -> None:
    """Log to stderr at `level` (a name of `logging`), as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(redactor) if form == "json" else TextFormatter(redactor))
    handler.addFilter(_BoundFilter())
    handler.addFilter(_BriefFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These log every frame or request at DEBUG, tokens among them: ours say what matters.
    for noisy in ("discord", "mcp", "uvicorn", "asyncio", "aiohttp"):
        logging.getLogger(noisy).setLevel(max(logging.getLevelName(level), logging.WARNING))
    # Warns at each start that voice will not work; nothing here speaks by voice.
    logging.getLogger("discord.client").setLevel(logging.ERROR)
