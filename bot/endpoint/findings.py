"""What was found out about one model at one endpoint. Owns the values and their form on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from bot.domain.model_profile import ToolRoute

OFFERED_MOST = 40
DETAIL_LENGTH = 200


class FaultKind(StrEnum):
    """What keeps a model from answering; each has one fix."""

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
    """One thing that is wrong. `detail` is the endpoint's own word: data, one bounded line."""

    kind: FaultKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the endpoint says of itself and of the model, without the model being asked."""

    server: str = ""
    """Its program, where that can be told: `llama.cpp b6000-abc`, `Ollama`, `vLLM`."""
    listed: bool | None = None
    """Whether its list of models names this one; None where there is no list."""
    offered: tuple[str, ...] = ()
    """The models that it lists, `OFFERED_MOST` at most."""
    window: int | None = None
    """Tokens of context."""
    pictures: bool | None = None
    tools: ToolRoute | None = None
    """Where the server's program is known to treat tools in one way."""

    def filled(self, other: Metadata) -> Metadata:
        """With what `other` knows wherever this one does not."""
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
    """One probe of one model. None stands for what could not be found out."""

    model: str
    asked_at: float
    """Seconds since the epoch."""
    reached: bool = False
    key_accepted: bool | None = None
    """None also where no key was sent, and none was asked for."""
    metadata: Metadata = Metadata()
    word: str = ""
    """The first words that it answered: data."""
    window: int | None = None
    streaming: bool | None = None
    tools: ToolRoute | None = None
    pictures: bool | None = None
    first_words: float | None = None
    """Seconds to the first delta."""
    speed: float | None = None
    """Tokens a second, from the first delta on."""
    faults: tuple[Fault, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether the model answered a question."""
        return self.streaming is True and not self.faults


_FORM = TypeAdapter(Findings)


def dumped(findings: Findings) -> object:
    """As values that JSON knows."""
    return _FORM.dump_python(findings, mode="json")


def loaded(value: object) -> Findings | None:
    """What `dumped` made; None for anything else, such as what another version wrote."""
    try:
        return _FORM.validate_python(value)
    except ValidationError:
        return None


def line(text: object, limit: int = DETAIL_LENGTH) -> str:
    """An endpoint's words as one bounded line without control characters; empty if they are none.

    What follows the limit is not even looked at.
    """
    if not isinstance(text, str):
        return ""
    head = text[: limit * 2]
    shown = "".join(sign if sign.isprintable() else " " for sign in head)
    return " ".join(shown.split())[:limit]
