"""What a model can take, as data: its window, pictures, tools, and how talk is written for it.

Owns the values, their defaults and how one overrides another. Probing an endpoint, and reading
overrides from a file, belong to the floors above.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
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
    stop_marks: tuple[str, ...] = ()
    """Texts that end an answer where they appear: the marks of a chat template that leak."""


# Tokens. Less holds no character and no conversation; more no model has.
WINDOW_LEAST = 512
WINDOW_MOST = 100_000_000
STOP_MARKS_MOST = 16
STOP_MARK_LENGTH = 60


@dataclass(frozen=True, slots=True)
class ProfileOverrides:
    """What somebody says of a model, over what was found out; None leaves a field as it is."""

    window: int | None = None
    pictures: bool | None = None
    tools: ToolRoute | None = None
    style: TranscriptStyle | None = None
    stop_marks: tuple[str, ...] | None = None

    def over(self, profile: ModelProfile) -> ModelProfile:
        """`profile` with what is said here in place of what it says."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(
            profile, **{name: value for name, value in said.items() if value is not None}
        )


NOTHING_SAID = ProfileOverrides()
"""Leaves a profile as it is."""
