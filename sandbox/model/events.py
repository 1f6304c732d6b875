"""Server-sent events of the Responses API, as Codex reads them. Owns the bytes only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from sandbox.model.steps import Call, Chunk, Fail, Incomplete, Say, Usage

_WORDS = re.compile(r"\s*\S+|\s+$")
_NUMBERS = count(1)


def fresh_id(prefix: str) -> str:
    """`msg_17`: unique in this process."""
    return f"{prefix}_{next(_NUMBERS)}"


def event(kind: str, **data: object) -> bytes:
    """One event."""
    body = json.dumps({"type": kind, **data}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {body}\n\n".encode()


def created(response_id: str) -> bytes:
    """The stream's first event."""
    return event("response.created", response={"id": response_id, "status": "in_progress"})


def message_added(item_id: str, step: Say) -> bytes:
    """A message begins."""
    return event("response.output_item.added", output_index=0, item=_message(item_id, step, ""))


def delta(item_id: str, text: str) -> bytes:
    """More of the message."""
    return event(
        "response.output_text.delta", item_id=item_id, output_index=0, content_index=0, delta=text
    )


def message_done(item_id: str, step: Say) -> bytes:
    """The message, whole."""
    return event(
        "response.output_item.done", output_index=0, item=_message(item_id, step, step.text)
    )


def called(step: Call, namespace: str | None) -> bytes:
    """A tool call, whole."""
    item = {
        "type": "function_call",
        "id": fresh_id("fc"),
        "call_id": fresh_id("call"),
        "name": step.name,
        "arguments": json.dumps(dict(step.arguments), ensure_ascii=False),
        "status": "completed",
    }
    if namespace is not None:
        item["namespace"] = namespace
    return event("response.output_item.done", output_index=0, item=item)


def failed(response_id: str, step: Fail) -> bytes:
    """The model gave up."""
    error = {"code": step.code, "message": step.message}
    return event(
        "response.failed", response={"id": response_id, "status": "failed", "error": error}
    )


def incomplete(response_id: str, step: Incomplete, used: Usage) -> bytes:
    """The end at a limit of the endpoint's."""
    response = {
        "id": response_id,
        "status": "incomplete",
        "incomplete_details": {"reason": step.reason},
        "usage": _usage(used),
    }
    return event("response.incomplete", response=response)


def completed(response_id: str, used: Usage) -> bytes:
    """The end. Codex takes a stream without `usage` for a broken one."""
    response = {"id": response_id, "status": "completed", "usage": _usage(used)}
    return event("response.completed", response=response)


def _usage(used: Usage) -> dict[str, Any]:
    return {
        "input_tokens": used.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": used.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": used.input_tokens + used.output_tokens,
    }


def chunks(text: str, chunk: Chunk) -> Iterator[str]:
    """`text` in pieces that join to it again."""
    if chunk == "words":
        yield from _WORDS.findall(text)
    elif chunk == "whole":
        yield text
    else:
        yield from (text[start : start + chunk] for start in range(0, len(text), chunk))


def _message(item_id: str, step: Say, text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {
        "type": "message",
        "id": item_id,
        "role": "assistant",
        "phase": step.phase,
        "content": content,
    }
