"""Classify a refusal by the error text of a model's endpoint. Owns the patterns of such texts.

Codex passes on the body of a 400 unchanged, and every other status as “unexpected status 404 Not
Found: …, url: …” with the body's message or the body (measured with 0.163.0). The patterns match
the sentences of llama.cpp, llama-cpp-python, vLLM, SGLang, Ollama, LM Studio, LiteLLM, OpenRouter,
OpenAI, Azure, Anthropic, Mistral and Gemini.

An endpoint is untrusted and may echo what people said, so only the fields that describe the error
are read from a JSON body, and only the beginning of any text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bot.errors import TurnFailure

# Characters: the longest body that is parsed as JSON, and how much of any text is read.
_BODY = 100_000
_READ = 2_000
_DEPTH = 6

_FIELDS = ("message", "msg", "type", "code", "detail", "raw", "error", "metadata")
_REFERENCE = re.compile(r", url: \S+\Z")

# The first pattern that matches decides.
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

# The size of the context window, where the endpoint states it.
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
# Tokens: a smaller window has no room for a character, and no model has a larger one.
SMALLEST_WINDOW = 256
LARGEST_WINDOW = 20_000_000


def said(message: str) -> str:
    """Extract the endpoint's description of the error, shortened and case-folded."""
    # The body comes after Codex's own words and before the address.
    start = message.find("{")
    text = _REFERENCE.sub("", message[: _BODY + _READ])
    body = _object(text[start:]) if 0 <= start < _READ else None
    if body is None:
        return text[:_READ].casefold()
    head = text[: min(start, _READ)]
    return "\n".join((head, *_descriptions(body, _DEPTH)))[: 2 * _READ].casefold()


def reason(text: str) -> TurnFailure | None:
    """Classify a text from `said`; None when no pattern matches."""
    return next((kind for kind, pattern in _SENTENCES if pattern.search(text)), None)


def window(text: str) -> int | None:
    """Find the model's context window in a text from `said`, in tokens; None when not stated."""
    for pattern in _WINDOWS:
        found = pattern.search(text)
        if found is not None and SMALLEST_WINDOW <= int(found[1]) <= LARGEST_WINDOW:
            return int(found[1])
    return None


def is_body(message: str) -> bool:
    """Return whether Codex passed on an unchanged body, as it does only for a 400."""
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


def _descriptions(body: object, depth: int) -> Iterator[str]:
    """Yield the values of the fields that describe an error, nested ones included."""
    if isinstance(body, list):
        for part in body[:5]:
            yield from _descriptions(part, depth - 1)
    if not isinstance(body, dict) or depth <= 0:
        return
    if isinstance(window_size := body.get("n_ctx"), int):
        yield f"n_ctx: {window_size}"
    for name in _FIELDS:
        value = body.get(name)
        if isinstance(value, str):
            inner = _object(value) if value.startswith("{") else None
            yield value[:_READ] if inner is None else "\n".join(_descriptions(inner, depth - 1))
        elif isinstance(value, dict | list):
            yield from _descriptions(value, depth - 1)
