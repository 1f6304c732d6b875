"""What in a request is neither the character, nor the talk, nor our tools.

The benchmark and the tests count these. Judged is what a model reads: instructions, input items
and tools. Fields that only steer the transport or the sampling are known by name; an unknown one
counts as foreign until somebody has looked at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from sandbox.model.request import Item, Request, text_of

# Codex adds these whenever an MCP server is configured; no switch is known (0.163.0).
RESOURCE_TOOLS = frozenset(
    {"list_mcp_resources", "list_mcp_resource_templates", "read_mcp_resource"}
)
# Never read by the model: how to answer, how hard to think, what to send back, what to cache.
# `include` asks for encrypted reasoning in the *answer*; `client_metadata` is for the backend.
_TRANSPORT = frozenset(
    {"model", "stream", "stream_options", "store", "include", "prompt_cache_key", "tool_choice"}
    | {"parallel_tool_calls", "reasoning", "text", "service_tier", "client_metadata"}
    | {"max_output_tokens", "truncation", "previous_response_id"}
)
_READ = frozenset({"instructions", "input", "tools"})
_CALLS = frozenset({"function_call", "function_call_output"})


def foreign_items(
    request: Request,
    *,
    persona: str,
    conversation: Iterable[str],
    own_tools: Collection[str],
    allowed_tools: Collection[str] = RESOURCE_TOOLS,
    as_functions: bool = False,
) -> list[str]:
    """Each model-visible thing that does not belong, in words; empty when the request is pure.

    `conversation` holds the texts that people and the character said, each as often as it may
    stand there. `own_tools` are names as our servers give them: in the namespace of an MCP
    server, or plain with `as_functions`.
    """
    found = [f"field {name}" for name in request.body if name not in _TRANSPORT | _READ]
    if request.instructions != persona:
        found.append(f"instructions: {request.instructions[:200]!r}")
    found += _foreign_text_format(request)
    found += _foreign_talk(request.items, Counter(conversation), own_tools)
    for tool in request.tools:
        ours = tool.name in own_tools and _may_be_ours(tool.namespace, as_functions=as_functions)
        if not ours and tool.name not in allowed_tools:
            found.append(f"tool {tool.namespace or ''}/{tool.name}")
    return found


def _may_be_ours(namespace: str | None, *, as_functions: bool) -> bool:
    if as_functions:
        # Newer models get plain functions in a namespace of this name (0.163.0).
        return namespace in (None, "functions")
    return (namespace or "").startswith("mcp__")


def _foreign_talk(
    items: Iterable[Item], expected: Counter[str], own_tools: Collection[str]
) -> Iterator[str]:
    own_calls: set[str] = set()
    for item in items:
        kind = str(item.get("type", "message"))
        text = text_of(item.get("content"))
        if kind == "message" and item.get("role") in {"user", "assistant"} and expected[text] > 0:
            expected[text] -= 1
        elif kind == "function_call" and item.get("name") in own_tools:
            own_calls.add(str(item.get("call_id")))
        elif kind == "function_call_output" and str(item.get("call_id")) in own_calls:
            pass
        elif kind == "reasoning":
            pass  # the model's own thoughts, handed back to it
        else:
            label = item.get("name") if kind in _CALLS else f"{item.get('role')}: {text[:200]!r}"
            yield f"{kind} {label}"


def _foreign_text_format(request: Request) -> Iterator[str]:
    """A schema under `text.format` would be read; verbosity is a knob."""
    style = request.body.get("text")
    if isinstance(style, dict) and "format" in style:
        yield "text.format"
