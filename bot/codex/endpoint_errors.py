"""What a model's endpoint said when it refused, in its own words → why. Owns those words.

Codex hands a 400 on as the body that came, and every other status as “unexpected status 404 Not
Found: …, url: …” with the body's message or the body (measured with 0.163.0). The sentences are
those of llama.cpp, llama-cpp-python, vLLM, SGLang, Ollama, LM Studio, LiteLLM, OpenRouter, OpenAI,
Azure, Anthropic, Mistral and Gemini.

An endpoint is a stranger and may echo what people said, so of a JSON body only the fields that
describe the error are read, and of any text only its beginning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bot.errors import TurnFailure

# Characters: a longer body is no JSON to us, and of any text this much is read.
_BODY = 100_000
_READ = 2_000
_DEPTH = 6

_FIELDS = ("message", "msg", "type", "code", "detail", "raw", "error", "metadata")
_REFERENCE = re.compile(r", url: \S+\Z")

# The first that matches counts.
_SENTENCES: tuple[tuple[TurnFailure, re.Pattern[str]], ...] = (
    (
        TurnFailure.CONTEXT_FULL,
        re.compile(
            r"exceed_context_size|context_?length_?exceeded|context_?window_?exceeded"
            r"|context (?:window|size|length|limit)|max(?:imum)? (?:model|prompt|sequence) length"
            r"|(?:prompt|input|message)s? (?:is|are) too (?:long|large)|too many (?:input )?tokens"
            r"|maximum number of (?:input )?tokens|max_(?:seq|model|prompt)_len"
            r"|request_too_large|request too large|reduce the length|input length exceeds"
            r"|prompt_tokens_exceeded|string_above_max_length"
        ),
    ),
    (
        TurnFailure.REFUSED,
        re.compile(
            r"content_policy|content[_ ]filter|content management policy|reason: content_filter"
            r"|\bflagged\b|usage policies|safety (?:system|policy)"
        ),
    ),
    (TurnFailure.CUT_SHORT, re.compile(r"incomplete response returned")),
    (
        TurnFailure.NO_CREDIT,
        re.compile(
            r"insufficient[_ ](?:quota|credit|balance|funds)|exceeded your current quota"
            r"|budget[_ ](?:has been )?exceeded|quota exceeded\. check your plan"
            r"|credit balance is too low|billing_(?:hard_limit|not_active)"
        ),
    ),
    (
        TurnFailure.BAD_REQUEST,
        re.compile(
            r"no endpoints found that support|\bmmproj\b|(?:not a|no) (?:multimodal|vision) model"
            r"|(?:image|vision|multimodal)s?\b.{0,60}?not supported"
            r"|(?:not|doesn't) support (?:image|vision|multimodal|tool)"
        ),
    ),
    (
        TurnFailure.MODEL_UNKNOWN,
        re.compile(
            r"model_?not_?found|\bmodel\b.{0,160}?(?:not found|does not exist|not available"
            r"|not supported when using)|(?:invalid|unknown|no such) model|not a valid model"
            r"|no endpoints found for|no models? (?:is |are )?loaded|model is not loaded"
        ),
    ),
)

# How large the window is, where the endpoint says so.
_WINDOWS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bn_ctx\W{1,6}(\d{3,9})\b",
        r"context (?:size|length|window|limit) ?\((\d{3,9})\b",
        r"(?:context (?:length|window|size|limit)|model length) (?:is|of)(?: only)? (\d{3,9})\b",
        r"> ?(\d{3,9}) maximum\b",
        r"\b(\d{3,9}) maximum context length\b",
        r"maximum number of (?:input )?tokens allowed \((\d{3,9})\)",
    )
)
# Tokens: smaller ones hold no character, and larger ones exist nowhere.
SMALLEST_WINDOW = 256
LARGEST_WINDOW = 20_000_000


def said(message: str) -> str:
    """What the endpoint said of the error, in lower case and in few words."""
    # Behind Codex's own words, before its address.
    start = message.find("{")
    text = _REFERENCE.sub("", message[: _BODY + _READ])
    body = _object(text[start:]) if 0 <= start < _READ else None
    if body is None:
        return text[:_READ].casefold()
    head = text[: min(start, _READ)]
    return "\n".join((head, *_told(body, _DEPTH)))[: 2 * _READ].casefold()


def reason(text: str) -> TurnFailure | None:
    """What those words mean; None where they say nothing that is known."""
    return next((kind for kind, pattern in _SENTENCES if pattern.search(text)), None)


def window(text: str) -> int | None:
    """The model's window in tokens, where the words tell it."""
    for pattern in _WINDOWS:
        found = pattern.search(text)
        if found is not None and SMALLEST_WINDOW <= int(found[1]) <= LARGEST_WINDOW:
            return int(found[1])
    return None


def is_body(message: str) -> bool:
    """Whether Codex handed on a body as it came, which it does for a 400 alone."""
    start = message.lstrip()[:1]
    return start in ("{", "<") or "bad request" in message[:_READ].casefold()


def _object(text: str) -> dict[str, object] | None:
    if len(text) > _BODY or text.count("{") + text.count("[") > _READ:
        return None
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _told(body: object, depth: int) -> Iterator[str]:
    """The values of the fields that describe an error, those within another one's too."""
    if isinstance(body, list):
        for part in body[:5]:
            yield from _told(part, depth - 1)
    if not isinstance(body, dict) or depth <= 0:
        return
    if isinstance(window_size := body.get("n_ctx"), int):
        yield f"n_ctx: {window_size}"
    for name in _FIELDS:
        value = body.get(name)
        if isinstance(value, str):
            inner = _object(value) if value.startswith("{") else None
            yield value[:_READ] if inner is None else "\n".join(_told(inner, depth - 1))
        elif isinstance(value, dict | list):
            yield from _told(value, depth - 1)
