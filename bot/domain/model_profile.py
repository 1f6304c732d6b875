"""A model's capabilities: context window, pictures, tools, and the transcript style it needs.

Owns the values, their defaults and their precedence. Probing an endpoint and reading overrides from
a file belong to the layers above.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final


class ToolRoute(StrEnum):
    """How our tools are offered to the model."""

    MCP = "mcp"
    """Through Codex's MCP client, which sends tools as `{"type": "namespace"}`."""
    FUNCTIONS = "functions"
    """As `dynamicTools` of the Codex thread, which Codex sends as `{"type": "function"}`."""
    NONE = "none"
    """No tools: the endpoint refuses a request with tools, or drops them."""


class TranscriptStyle(StrEnum):
    """How talk is written for the model; see `bot.domain.transcript_styles`."""

    HEADERS = "headers"
    """`[Ann · 80351110224678912 · 21 Nov 12:04]` above each speaker's words, for strong models."""
    NAMES = "names"
    """`Ann: hello` lines with few fields, which small models imitate less."""


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """Capabilities of a model at an endpoint. The defaults describe OpenAI's current models."""

    window: int | None = None
    """Context window in tokens; None: unknown, Codex's own figure for the model applies."""
    pictures: bool = True
    """Whether a question may contain pictures."""
    tools: ToolRoute = ToolRoute.MCP
    style: TranscriptStyle = TranscriptStyle.HEADERS


# Tokens. A smaller window has no room for a persona and a conversation; no model has a larger one.
WINDOW_LEAST = 512
WINDOW_MOST = 100_000_000


@dataclass(frozen=True, slots=True)
class ProfileOverrides:
    """Configured capabilities, which override the probed ones; None leaves a field as it is."""

    window: int | None = None
    pictures: bool | None = None
    tools: ToolRoute | None = None
    style: TranscriptStyle | None = None

    def over(self, profile: ModelProfile) -> ModelProfile:
        """Return `profile` with these overrides applied."""
        if self == NOTHING_SAID:
            return profile
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(
            profile, **{name: value for name, value in values.items() if value is not None}
        )


NOTHING_SAID = ProfileOverrides()
"""No overrides."""


# Models with fewer parameters (10⁹) imitate headers: measured with Qwen2.5 0.5B (8 turns of 8) and
# SmolLM2 135M. The bound itself is a guess on the safe side; a profile file overrides it.
STRONG_FROM: Final = 9.0
# Tokens. Nobody serves a strong model with a smaller window. A header with numbers costs some 25.
STRONG_WINDOW: Final = 8_192

# `0.5b`, `-1.5B`, `135M`, `8x7b`; not the `4bit` of a quantisation, nor `v2`.
_SIZE: Final = re.compile(
    r"(?<![a-z0-9.])(?:(?P<experts>\d{1,3})x)?(?P<count>\d{1,5}(?:\.\d{1,3})?)(?P<unit>[bm])(?![a-z])",
    re.IGNORECASE,
)
# Model families that are small whatever else their names say.
_SMALL: Final = re.compile(r"tinyllama|smollm|(?<![a-z])(?:tiny|gemma-?3n)(?![a-z])", re.IGNORECASE)


def default_style(model_name: str | None, window: int | None = None) -> TranscriptStyle:
    """Return the style for a model of which only the name and the window (tokens) are known.

    Headers, unless the name indicates a small size or family, or the window is small.
    """
    name = (model_name or "")[:200]
    sizes = [
        int(found["experts"] or 1) * float(found["count"]) / (1_000 if found["unit"] in "mM" else 1)
        for found in _SIZE.finditer(name)
    ]
    # `30b-a3b` names the active parameters besides the total: the larger number decides.
    if sizes:
        small = max(sizes) < STRONG_FROM
    else:
        small = _SMALL.search(name) is not None or (window is not None and window < STRONG_WINDOW)
    return TranscriptStyle.NAMES if small else TranscriptStyle.HEADERS
