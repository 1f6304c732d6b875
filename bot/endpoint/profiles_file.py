"""The file `models.toml`: profiles of models that a probe cannot judge.

    ["qwen*"]                # pattern of a model's name; * and ? are wildcards
    window = 8192            # tokens
    pictures = false
    tools = "functions"      # mcp, functions or none
    style = "names"          # headers or names

The first table whose pattern matches the model's name applies. Owns the format; every error is a
`SettingsError` that names the file and the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.model_profile import (
    NOTHING_SAID,
    WINDOW_LEAST,
    WINDOW_MOST,
    ProfileOverrides,
    ToolRoute,
    TranscriptStyle,
)
from bot.errors import SettingsError

SETTING = "MODEL_PROFILES"
FILE = "models.toml"
FILE_LIMIT = 64 * 1024
PATTERN_LENGTH = 100

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ProfilesFile:
    """The parsed file."""

    tables: tuple[tuple[str, ProfileOverrides], ...] = ()
    """Pattern and overrides of each table, in the file's order."""

    def of(self, model: str) -> ProfileOverrides:
        """Return the overrides of the first matching table; `NOTHING_SAID` without a match."""
        name = model.casefold()
        for pattern, overrides in self.tables:
            if fnmatchcase(name, pattern.casefold()):
                return overrides
        return NOTHING_SAID


def read(path: Path) -> ProfilesFile:
    """Read and parse the file. Raises `SettingsError`."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
        if len(data) > FILE_LIMIT:
            raise _fault(path, None, f"it is larger than {FILE_LIMIT // 1024} KiB")
        text = data.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except OSError as error:
        raise _fault(path, None, f"it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise _fault(path, None, "it is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        reason = _AT_LINE.sub("", str(error)).strip()
        raise _fault(path, int(found[1]) if found else None, f"not TOML: {reason}") from None
    parser = _Parser(path, text)
    return ProfilesFile(tuple((name, parser.table(name, tables[name])) for name in tables))


class _Parser:
    """Parses the tables of a file. Raises `SettingsError` with the line of the fault."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._keys: Mapping[str, Callable[[Any], Any]] = {
            "window": _window,
            "pictures": _pictures,
            "tools": lambda value: _word(value, ToolRoute),
            "style": lambda value: _word(value, TranscriptStyle),
        }

    def table(self, pattern: str, table: object) -> ProfileOverrides:
        """Parse the table of a pattern."""
        if not isinstance(table, dict):
            text = f'“{pattern[:40]}” is outside a table: write a line like ["qwen*"] above it'
            raise self._fault(text, pattern)
        if len(pattern) > PATTERN_LENGTH:
            raise self._fault("the name of a model is too long", pattern)
        overrides: dict[str, Any] = {}
        for key, value in table.items():
            read_value = self._keys.get(key)
            if read_value is None:
                known = ", ".join(self._keys)
                raise self._fault(
                    f"“{key[:40]}” is not a key here (there are: {known})", pattern, key
                )
            try:
                overrides[key] = read_value(value)
            except ValueError as error:
                raise self._fault(f"“{key}” must be {error}", pattern, key) from None
        return ProfileOverrides(**overrides)

    def _fault(self, text: str, pattern: str, key: str | None = None) -> SettingsError:
        return _fault(self._path, self._line(pattern, key), text)

    def _line(self, pattern: str, key: str | None) -> int | None:
        """Find the line of the table's header, or of `key` below it; `tomllib` reports no lines."""
        heads = (number for number, row in enumerate(self._lines, 1) if pattern in row)
        head = next(heads, None)
        if head is None or key is None:
            return head
        below = enumerate(self._lines[head:], head + 1)
        return next((number for number, row in below if row.lstrip(" \t\"'").startswith(key)), head)


def _window(value: object) -> int:
    right = isinstance(value, int) and not isinstance(value, bool)
    if not right or not WINDOW_LEAST <= int(str(value)) <= WINDOW_MOST:
        raise ValueError(f"a number of tokens, {WINDOW_LEAST} or more")
    return int(str(value))


def _pictures(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004 a person's input
    return value


def _word(value: object, words: type[_Word]) -> _Word:
    try:
        return words(str(value))
    except ValueError:
        choice = ", ".join(f'"{word.value}"' for word in words)
        raise ValueError(f"one of {choice}") from None


def _fault(path: Path, line: int | None, text: str) -> SettingsError:
    where = path if line is None else f"{path}:{line}"
    return SettingsError(SETTING, f"{SETTING}: {where}: {text}.")
