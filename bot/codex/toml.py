"""TOML values for Codex's `-c key=value` flags. Owns the encoding, not the keys.

The flags are TOML, not Python: a value such as `features.x=False` ends Codex at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | bool | int | float | Sequence[Value] | Mapping[str, Value]"

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def encode(value: Value) -> str:
    """Encode `value` on one line of TOML. Raises `TypeError` for types without a TOML form."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case int() | float():
            return repr(value)
        case Mapping():
            pairs = (f"{key(name)} = {encode(item)}" for name, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case Sequence():
            return "[" + ", ".join(encode(item) for item in value) + "]"
        case _:
            raise TypeError(f"no TOML for {type(value).__name__}")


def key(name: str) -> str:
    """Encode `name` as one part of a dotted key, quoted if needed."""
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def flags(values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the arguments `-c a.b=1 -c …`; dotted keys are not quoted."""
    pairs = (f"{name}={encode(value)}" for name, value in values.items())
    return tuple(part for pair in pairs for part in ("-c", pair))


def _text(value: str) -> str:
    # JSON's escapes are valid in TOML, except for surrogates and DEL; so non-ASCII stays unescaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
