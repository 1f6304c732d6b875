"""Questions to the model itself, in the form in which Codex asks, and what came back.

Owns the bodies of the questions and the reading of the event stream; what follows from an answer is
`probe`'s.
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

# Enough for ten words and a short call, also from a model that thinks first.
MOST_TOKENS = 200
NAMESPACE = "troupe_probe"
TOOL = "ring_bell"
# Vision encoders refuse pictures of fewer pixels than one patch of theirs.
PICTURE_PIXELS = 64
# A number from this many tokens on says something about the speed.
TOKENS_TIMED = 5
# Seconds. A proxy that holds the answer back hands all of it out at once.
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
    """A question that any model answers with some words."""
    return _question(model, _COUNT)


def ringing(model: str, *, in_namespace: bool) -> Json:
    """A question that is to be answered by calling a tool: in a namespace, or a plain function."""
    group = {
        "type": "namespace",
        "name": NAMESPACE,
        "description": "A bell.",
        "tools": [_FUNCTION],
    }
    return _question(model, _RING, tools=[group if in_namespace else _FUNCTION])


def looking(model: str) -> Json:
    """A question with a picture."""
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
    """What a question came to. `error` is the endpoint's own word: data."""

    status: int = 200
    streamed: bool = False
    text: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Namespace (empty where there is none) and name of each call."""
    ended: bool = False
    error: str = ""
    code: str = ""
    first_words: float | None = None
    speed: float | None = None

    @property
    def ok(self) -> bool:
        """Whether it was answered to its end."""
        return 200 <= self.status < 300 and self.ended and not self.error


async def put(client: EndpointClient, body: Json, seconds: float) -> Reply:
    """Put a question and hear its answer. Raises `EndpointError` when there is none."""
    reply = Reply()
    hearing = Hearing(reply)
    async with client.ask(body, seconds) as response:
        reply.status = response.status
        if response.status >= 300 or response.content_type != "text/event-stream":
            _whole(reply, json_object(await bounded(response, ANSWER_LIMIT)))
            return reply
        reply.streamed = True
        rest, size = b"", 0
        async for piece in response.content.iter_any():
            size += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            for each in lines:
                hearing.take(each)
            if reply.ended or size > ANSWER_LIMIT:
                break
        return reply


class Hearing:
    """An event stream while it is heard; made when the question is put."""

    def __init__(self, reply: Reply, clock: Callable[[], float] = time.monotonic) -> None:
        self._reply = reply
        self._clock = clock
        self._began = clock()
        self._first: float | None = None
        self._last = self._began

    def take(self, row: bytes) -> None:
        """One line of the stream."""
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
                pass  # what else is told on the way changes nothing

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


def _whole(reply: Reply, body: Json) -> None:
    """An answer that is no stream: an error, or a response in one piece."""
    if reply.status >= 300 or body.get("error"):
        _error(reply, body.get("error") or body.get("detail") or body.get("message"))
        return
    reply.ended = body.get("object") == "response"
    reply.text = "".join(_texts(body))
    for item in _items(body):
        _call(reply, item)


def _error(reply: Reply, error: object) -> None:
    """`{"message", "code", "type"}` as most say it, or a plain text."""
    told = mapping(error)
    words = told.get("message") if told else error
    reply.error = line(words) or "no reason was given"
    reply.code = line(told.get("code"), 60) or line(told.get("type"), 60)


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
