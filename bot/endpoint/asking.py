"""Test requests to a model, in the form in which Codex sends them, and the parsed replies.

Owns the bodies of the requests and the parsing of the event stream; `probe` draws the conclusions.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from PIL import Image

from bot.endpoint.client import (
    ANSWER_LIMIT,
    EndpointClient,
    Json,
    bounded,
    json_object,
    mapping,
)
from bot.endpoint.findings import line

# Enough for ten words and a short tool call, even from a model that reasons first.
MOST_TOKENS = 200
NAMESPACE = "troupe_probe"
TOOL = "ring_bell"
# The side of the test picture: vision encoders reject pictures smaller than one of their patches.
PICTURE_PIXELS = 64
# The fewest tokens from which a speed is computed.
TOKENS_TIMED = 5
# Seconds. In a shorter span a proxy has buffered the answer and sent it at once.
TIMED_LEAST = 0.05

_COUNT = "Write the numbers from one to ten as words, and nothing else."
_RING = f"Call the tool {TOOL} once. Say nothing."
_LOOK = "What colour is this picture? Answer with one word."
_FUNCTION: Json = {
    "type": "function",
    "name": TOOL,
    "description": "Ring the bell.",
    "strict": False,
    "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
}


def counting(model: str) -> Json:
    """Build a request that any model answers with a few words."""
    return _question(model, _COUNT)


def ringing(model: str, *, in_namespace: bool) -> Json:
    """Build a request for a tool call, with the tool in a namespace or as a plain function."""
    group = {
        "type": "namespace",
        "name": NAMESPACE,
        "description": "A bell.",
        "tools": [_FUNCTION],
    }
    return _question(model, _RING, tools=[group if in_namespace else _FUNCTION])


def looking(model: str) -> Json:
    """Build a request with a picture."""
    return _question(model, _LOOK, picture=True)


def _question(model: str, words: str, *, tools: Sequence[Json] = (), picture: bool = False) -> Json:
    content: list[Json] = [{"type": "input_text", "text": words}]
    if picture:
        content.append({"type": "input_image", "image_url": _picture(), "detail": "auto"})
    return {
        "model": model,
        "instructions": "You answer as briefly as you can.",
        "input": [{"type": "message", "role": "user", "content": content}],
        "tools": list(tools),
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "store": False,
        "stream": True,
        "max_output_tokens": MOST_TOKENS,
    }


def _picture() -> str:
    file = io.BytesIO()
    size = (PICTURE_PIXELS, PICTURE_PIXELS)
    Image.new("RGB", size, (200, 30, 30)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


@dataclass(slots=True)
class Reply:
    """The parsed reply to a test request."""

    status: int = 200
    """The HTTP status."""
    streamed: bool = False
    """Whether the reply was an event stream."""
    text: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Namespace (empty without) and name of each tool call."""
    ended: bool = False
    """Whether the final event, or the whole response, arrived."""
    error: str = ""
    """The endpoint's own error text, untrusted; empty without an error."""
    code: str = ""
    """The endpoint's code of the error."""
    first_words: float | None = None
    """Seconds to the first delta."""
    speed: float | None = None
    """Tokens a second from the first delta on."""

    @property
    def ok(self) -> bool:
        """Whether the reply is complete and without an error."""
        return 200 <= self.status < 300 and self.ended and not self.error


async def put(client: EndpointClient, body: Json, seconds: float) -> Reply:
    """Send a request and parse its reply. Raises `EndpointError` when no reply comes."""
    reply = Reply()
    parser = ReplyParser(reply)
    async with client.ask(body, seconds) as response:
        reply.status = response.status
        if response.status >= 300 or response.content_type != "text/event-stream":
            _read_whole(reply, json_object(await bounded(response, ANSWER_LIMIT)))
            return reply
        reply.streamed = True
        rest, size = b"", 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for stream_line in lines:
                parser.take(stream_line)
            if reply.ended or size > ANSWER_LIMIT:
                break
        return reply


class ReplyParser:
    """Parses an event stream into a `Reply`; created when the request is sent, to time it."""

    def __init__(self, reply: Reply, clock: Callable[[], float] = time.monotonic) -> None:
        self._reply = reply
        self._clock = clock
        self._began = clock()
        self._first: float | None = None
        self._last = self._began

    def take(self, row: bytes) -> None:
        """Parse a line of the stream."""
        if not row.startswith(b"data:"):
            return
        event = json_object(row[5:].strip())
        match event.get("type"):
            case str(kind) if kind.endswith(".delta"):
                self._delta(kind, event.get("delta"))
            case "response.output_item.done":
                _call(self._reply, mapping(event.get("item")))
            case "response.completed" | "response.incomplete":
                response = mapping(event.get("response"))
                self._reply.ended = True
                if not self._reply.text:
                    self._reply.text = "".join(_texts(response))[:ANSWER_LIMIT]
                self._time(mapping(response.get("usage")).get("output_tokens"))
            case "response.failed":
                self._reply.ended = True
                _error(self._reply, mapping(event.get("response")).get("error"))
            case "error":
                self._reply.ended = True
                _error(self._reply, event.get("error") or event)
            case _:
                pass  # other events carry nothing for the reply

    def _delta(self, kind: str, delta: object) -> None:
        self._last = self._clock()
        if self._first is None:
            self._first = self._last
            self._reply.first_words = self._first - self._began
        if kind == "response.output_text.delta" and isinstance(delta, str):
            self._reply.text += delta

    def _time(self, tokens: object) -> None:
        if self._first is None or not isinstance(tokens, int) or tokens < TOKENS_TIMED:
            return
        if (spent := self._last - self._first) >= TIMED_LEAST:
            self._reply.speed = (tokens - 1) / spent


def _read_whole(reply: Reply, body: Json) -> None:
    """Read a reply that is no stream: an error, or a whole response."""
    if reply.status >= 300 or body.get("error"):
        _error(reply, body.get("error") or body.get("detail") or body.get("message"))
        return
    reply.ended = body.get("object") == "response"
    reply.text = "".join(_texts(body))
    for item in _items(body):
        _call(reply, item)


def _error(reply: Reply, error: object) -> None:
    """Read an error: `{"message", "code", "type"}` at most endpoints, else a plain text."""
    fields = mapping(error)
    words = fields.get("message") if fields else error
    reply.error = line(words) or "no reason was given"
    reply.code = line(fields.get("code"), 60) or line(fields.get("type"), 60)


def _call(reply: Reply, item: object) -> None:
    call = mapping(item)
    if call.get("type") == "function_call" and len(reply.calls) < 8:
        reply.calls.append((line(call.get("namespace"), 60), line(call.get("name"), 60)))


def _items(response: object) -> list[object]:
    output = mapping(response).get("output")
    return output if isinstance(output, list) else []


def _texts(response: object) -> Iterator[str]:
    for item in _items(response):
        parts = mapping(item).get("content")
        for part in parts if isinstance(parts, list) else ():
            text = mapping(part).get("text")
            if mapping(part).get("type") == "output_text" and isinstance(text, str):
                yield text
