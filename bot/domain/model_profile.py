"""What a model can take, as data: its window, pictures, tools, and how talk is written for it.

Owns the value and its defaults. Probing an endpoint, and reading overrides from a file, belong to
the floors above.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
