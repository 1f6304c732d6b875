"""The result of probing a model at an endpoint. Owns the values and their form on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from bot.domain.model_profile import ToolRoute

OFFERED_MOST = 40
DETAIL_LENGTH = 200


class FaultKind(StrEnum):
    """What keeps a model from answering; each kind has one fix."""

    UNREACHABLE = "unreachable"
    LOADING = "loading"
    KEY_MISSING = "key_missing"
    KEY_REFUSED = "key_refused"
    MODEL_UNKNOWN = "model_unknown"
    NO_RESPONSES_API = "no_responses_api"
    MOVED = "moved"
    LIMITED = "limited"
    REFUSED = "refused"
    NOT_STREAMING = "not_streaming"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a model or its endpoint."""

    kind: FaultKind
    detail: str = ""
    """The endpoint's own words, untrusted: a single bounded line."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What an endpoint states about itself and the model, without running the model."""

    server: str = ""
    """The server program, if recognised: `llama.cpp b6000-abc`, `Ollama`, `vLLM`."""
    listed: bool | None = None
    """Whether its list of models contains the model; None without a list."""
    offered: tuple[str, ...] = ()
    """The models that it lists, at most `OFFERED_MOST`."""
    window: int | None = None
    """The context window in tokens."""
    pictures: bool | None = None
    tools: ToolRoute | None = None
    """The tool route, where the server program is known to support just one."""

    def filled(self, other: Metadata) -> Metadata:
        """Return a copy with the unknown fields taken from `other`."""
        return Metadata(
            server=self.server or other.server,
            listed=self.listed if self.listed is not None else other.listed,
            offered=self.offered or other.offered,
            window=self.window if self.window is not None else other.window,
            pictures=self.pictures if self.pictures is not None else other.pictures,
            tools=self.tools if self.tools is not None else other.tools,
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of a probe of one model. None means that a fact is unknown."""

    model: str
    asked_at: float
    """Seconds since the epoch."""
    reached: bool = False
    """Whether the endpoint gave any HTTP response."""
    key_accepted: bool | None = None
    """None also when no key was sent and the endpoint required none."""
    metadata: Metadata = Metadata()
    word: str = ""
    """The beginning of the model's answer, untrusted."""
    window: int | None = None
    """The context window in tokens."""
    streaming: bool | None = None
    """Whether the model answered, as an event stream."""
    tools: ToolRoute | None = None
    pictures: bool | None = None
    first_words: float | None = None
    """Seconds to the first delta."""
    speed: float | None = None
    """Tokens a second from the first delta on."""
    faults: tuple[Fault, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether the model answered, as a stream and without a fault."""
        return self.streaming is True and not self.faults


_FORM = TypeAdapter(Findings)


def dumped(findings: Findings) -> object:
    """Convert to values that JSON can encode."""
    return _FORM.dump_python(findings, mode="json")


def loaded(value: object) -> Findings | None:
    """Parse the output of `dumped`; None for anything else, such as another version's format."""
    try:
        return _FORM.validate_python(value)
    except ValidationError:
        return None


def line(text: object, limit: int = DETAIL_LENGTH) -> str:
    """Clean an endpoint's text: a single line of at most `limit` characters, all printable.

    Empty for anything but a string. Characters after twice the limit are not examined.
    """
    if not isinstance(text, str):
        return ""
    head = text[: limit * 2]
    printable = "".join(char if char.isprintable() else " " for char in head)
    return " ".join(printable.split())[:limit]
