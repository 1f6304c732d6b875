"""What a scripted model does: steps, and the rules that choose them. Owns no sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sandbox.model.request import Request

Chunk: TypeAlias = Literal["words", "whole"] | int
Phase: TypeAlias = Literal["final_answer", "commentary"]


@dataclass(frozen=True, slots=True)
class Say:
    """A message, streamed by words, as a whole, or by that many characters.

    `delay` is in seconds, before each chunk but the first.
    """

    text: str
    chunk: Chunk = "words"
    delay: float = 0.0
    phase: Phase = "final_answer"


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call. Without a `namespace`, the one under which the tool is offered is taken."""

    name: str
    arguments: Mapping[str, Any]
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """`response.failed` with this error code, and the end of the stream."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Incomplete:
    """`response.incomplete` for this reason, and the end of the stream."""

    reason: str


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes in the stream, whatever they are."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The stream ends in order here, without `response.completed`."""


@dataclass(frozen=True, slots=True)
class Http:
    """No stream but this status. Only as the first step."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is closed: after `after` chunks of text, or here when it is None."""

    after: int | None


@dataclass(frozen=True, slots=True)
class Gate:
    """Wait for the event, or for the client to leave; None never comes."""

    event: asyncio.Event | None


@dataclass(frozen=True, slots=True)
class Usage:
    """The token counts to report, in place of the estimate from the sizes."""

    input_tokens: int
    output_tokens: int


Step: TypeAlias = Say | Call | Fail | Incomplete | Raw | End | Http | Cut | Gate | Usage
Steps: TypeAlias = Sequence[Step]


def anything(_: Request) -> bool:
    """Match every request."""
    return True


@dataclass(slots=True)
class Rule:
    """When a request matches `when`, do `then` (or what it makes of the request).

    `times` bounds how often the rule applies; None: always.
    """

    when: Callable[[Request], bool] = anything
    then: Steps | Callable[[Request], Steps] = field(default_factory=tuple)
    times: int | None = None

    def take(self, request: Request) -> Steps | None:
        """The steps for this request, counted against `times`; None when it is not for this."""
        if self.times == 0 or not self.when(request):
            return None
        if self.times is not None:
            self.times -= 1
        return self.then(request) if callable(self.then) else self.then


def always(*steps: Step) -> Rule:
    """Do the same for every request."""
    return Rule(then=steps)


def say(text: str, *, chunk: Chunk = "words", delay: float = 0.0) -> Step:
    """Speak."""
    return Say(text, chunk, delay)


def commentary(text: str, *, chunk: Chunk = "words", delay: float = 0.0) -> Step:
    """Think aloud: a message that is not speech."""
    return Say(text, chunk, delay, phase="commentary")


def call(name: str, arguments: Mapping[str, Any], *, namespace: str | None = None) -> Step:
    """Call a tool."""
    return Call(name, arguments, namespace)


def fail(code: str, message: str = "scripted failure") -> Step:
    """End with `response.failed`."""
    return Fail(code, message)


def incomplete(reason: str = "max_output_tokens") -> Step:
    """End with `response.incomplete`, as at the endpoint's limit of tokens."""
    return Incomplete(reason)


def raw(data: bytes) -> Step:
    """Send these bytes."""
    return Raw(data)


def event(kind: str, **fields: object) -> Step:
    """Send an event of any kind and shape."""
    body = json.dumps({"type": kind, **fields})
    return Raw(f"event: {kind}\ndata: {body}\n\n".encode())


def end() -> Step:
    """End the stream here, without the event that says so."""
    return End()


def http(status: int, headers: Mapping[str, str] | None = None, body: str | None = None) -> Step:
    """Answer with this status and no stream; `body` is JSON text."""
    default = '{"error": {"message": "scripted failure", "type": "scripted", "code": "scripted"}}'
    return Http(status, headers or {}, default if body is None else body)


def cut(after: int | None = None) -> Step:
    """Close the connection, after that many chunks of text or right here."""
    return Cut(after)


def hang() -> Step:
    """Say nothing more until the client leaves."""
    return Gate(None)


def gate(event: asyncio.Event) -> Step:
    """Go on when the event is set."""
    return Gate(event)


def usage(input_tokens: int, output_tokens: int) -> Step:
    """Report these token counts."""
    return Usage(input_tokens, output_tokens)
