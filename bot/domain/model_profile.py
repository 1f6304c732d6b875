"""What a model can take, as data: its window, pictures, tools, and how talk is written for it.

Owns the values, their defaults and how one overrides another. Probing an endpoint, and reading
overrides from a file, belong to the floors above.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final


class ToolRoute(StrEnum):
    """How our tools reach the model."""

    MCP = "mcp"
    """Through Codex's MCP client, which sends them as `{"type": "namespace"}`."""
    FUNCTIONS = "functions"
    """As `dynamicTools` of the thread, which Codex sends as `{"type": "function"}`."""
    NONE = "none"
    """Not at all: the endpoint refuses a request with tools, or drops them."""


class TranscriptStyle(StrEnum):
    """How talk is written for the model; `bot.domain.transcript` has one strategy for each."""

    HEADERS = "headers"
    """`[Ann · 80351110224678912 · 21 Nov 12:04]` above each speaker's words, for strong models."""
    NAMES = "names"
    """`Ann: hello` lines with few fields, which small models copy less."""


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """What one model at one endpoint can take. The default is OpenAI's own current models."""

    window: int | None = None
    """Tokens of context; None where nobody told, and Codex's own idea of the model holds."""
    pictures: bool = True
    """Whether a question may hold pictures."""
    tools: ToolRoute = ToolRoute.MCP
    style: TranscriptStyle = TranscriptStyle.HEADERS


# Tokens. Less holds no character and no conversation; more no model has.
WINDOW_LEAST = 512
WINDOW_MOST = 100_000_000


@dataclass(frozen=True, slots=True)
class ProfileOverrides:
    """What somebody says of a model, over what was found out; None leaves a field as it is."""

    window: int | None = None
    pictures: bool | None = None
    tools: ToolRoute | None = None
    style: TranscriptStyle | None = None

    def over(self, profile: ModelProfile) -> ModelProfile:
        """`profile` with what is said here in place of what it says."""
        if self == NOTHING_SAID:
            return profile
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(
            profile, **{name: value for name, value in said.items() if value is not None}
        )


NOTHING_SAID = ProfileOverrides()
"""Leaves a profile as it is."""


# Models below this many parameters (10⁹) copy headers: measured with Qwen2.5 0.5B (8 turns of 8)
# and SmolLM2 135M. Up to here it is a guess on the safe side; a profile's file overrides it.
STRONG_FROM: Final = 9.0
# Tokens. Nobody serves a strong model with less; headers with numbers cost it some 25 each.
STRONG_WINDOW: Final = 8_192

# `0.5b`, `-1.5B`, `135M`, `8x7b`; not the `4bit` of a quantisation, nor `v2`.
_SIZE: Final = re.compile(
    r"(?<![a-z0-9.])(?:(?P<experts>\d{1,3})x)?(?P<count>\d{1,5}(?:\.\d{1,3})?)(?P<unit>[bm])(?![a-z])",
    re.IGNORECASE,
)
# Families that are small whatever else their names say.
_SMALL: Final = re.compile(r"tinyllama|smollm|(?<![a-z])(?:tiny|gemma-?3n)(?![a-z])", re.IGNORECASE)


def default_style(model_name: str | None, window: int | None = None) -> TranscriptStyle:
    """How talk is written for a model of which only its name and its window (tokens) are known.

    Headers, unless the name tells a small size or family, or the window is small.
    """
    name = (model_name or "")[:200]
    sizes = [
        int(found["experts"] or 1) * float(found["count"]) / (1_000 if found["unit"] in "mM" else 1)
        for found in _SIZE.finditer(name)
    ]
    # `30b-a3b` names what is active besides the whole.
    if sizes:
        small = max(sizes) < STRONG_FROM
    else:
        small = _SMALL.search(name) is not None or (window is not None and window < STRONG_WINDOW)
    return TranscriptStyle.NAMES if small else TranscriptStyle.HEADERS
