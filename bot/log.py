"""Logging set-up: one handler, text or JSON lines; room, character and turn ids bound by context.

Owns the format and the redaction of secrets, not the messages.
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
    """Add `ids` to each record that is logged inside the `with` block."""
    token = _BOUND.set(_BOUND.get() | {key: str(value) for key, value in ids.items()})
    try:
        yield
    finally:
        _BOUND.reset(token)


class Redactor:
    """Removes known secret values from any text, whatever its source."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._spellings: tuple[str, ...] = ()

    def learn(self, secret: str | None) -> None:
        """Redact `secret` from now on. Ignores strings under eight characters: too common."""
        if secret and len(secret) >= 8:
            self._secrets.add(secret)
            self._spell()

    def forget(self, secret: str) -> None:
        """Stop redacting `secret`, which is no longer valid."""
        self._secrets.discard(secret)
        self._spell()

    def cut(self, text: str) -> str:
        """Return `text` with each secret, also in JSON or a repr, replaced by ‹secret›."""
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, "‹secret›")
        return text

    def _spell(self) -> None:
        found = {spelling for secret in self._secrets for spelling in _spellings(secret)}
        # The longest first: an address that is secret as a whole contains a secret password.
        self._spellings = tuple(sorted(found, key=len, reverse=True))


def _spellings(secret: str) -> Iterator[str]:
    """Yield the spellings of `secret`: plain, in a repr, in JSON, and in JSON within JSON.

    Arguments of a tool call are JSON in a string of a JSON-RPC message, so nesting is common.
    """
    yield secret
    yield repr(secret)[1:-1]
    for ascii_only in (False, True):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]


class _BoundFilter(logging.Filter):
    """Attaches the bound ids to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.bound = _BOUND.get()
        return True


# Messages that discord.py logs with a traceback at each attempt to reconnect.
_RECONNECTS = ("Attempting a reconnect", "Failed to connect for shard_id")


class _BriefFilter(logging.Filter):
    """Shortens the record of a lost connection to a single line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and str(record.msg).startswith(_RECONNECTS):
            record.msg = f"{record.getMessage()} ({record.exc_info[1]!r})"
            record.args = record.exc_info = None
        return True


class TextFormatter(logging.Formatter):
    """`12:00:00 INFO bot.codex.pool: text [room=1 character=mira]`."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line; a traceback follows on lines of its own."""
        text = super().format(record)
        ids: dict[str, str] = getattr(record, "bound", {})
        if ids:
            first, newline, rest = text.partition("\n")
            text = f"{first} [{' '.join(f'{k}={v}' for k, v in ids.items())}]{newline}{rest}"
        return self._redactor.cut(text)


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message, bound ids, traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line of JSON."""
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
        # Redacts before encoding: JSON may spell a secret differently.
        clean = {key: self._redactor.cut(value) for key, value in row.items()}
        return json.dumps(clean, ensure_ascii=False)


def set_up(level: str, form: str, redactor: Redactor) -> None:
    """Log to stderr at `level` (a level name of `logging`). `form` is `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(redactor) if form == "json" else TextFormatter(redactor))
    handler.addFilter(_BoundFilter())
    handler.addFilter(_BriefFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These libraries log each frame or request at DEBUG, including tokens.
    for noisy in ("discord", "mcp", "uvicorn", "asyncio", "aiohttp"):
        logging.getLogger(noisy).setLevel(max(logging.getLevelName(level), logging.WARNING))
    # Warns at each start that voice is not supported; the bot does not use voice.
    logging.getLogger("discord.client").setLevel(logging.ERROR)
