"""Foreign items are found, each kind of them, and nothing else is."""

from __future__ import annotations

import json

import pytest

from sandbox.model.inspect import foreign_items
from sandbox.model.request import Request

PERSONA = "You are Mira."
REACT = {"type": "namespace", "name": "mcp__action", "tools": [{"name": "react"}]}


def message(role, text):
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


PURE = {
    "model": "m",
    "instructions": PERSONA,
    "input": [
        message("user", "hello"),
        {"type": "reasoning", "encrypted_content": "…"},
        {"type": "function_call", "name": "react", "call_id": "1", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": "done"},
        message("assistant", "welcome"),
    ],
    "tools": [REACT, {"type": "function", "name": "list_mcp_resources"}],
    "include": ["reasoning.encrypted_content"],
    "text": {"verbosity": "low"},
}


def found(*, as_functions=False, **changes):
    request = Request.parse(json.dumps(PURE | changes).encode(), [])
    return foreign_items(
        request,
        persona=PERSONA,
        conversation=["hello", "welcome"],
        own_tools=["react"],
        as_functions=as_functions,
    )


def test_a_pure_request_has_none():
    assert found() == []


def test_a_persona_in_a_developer_message_is_the_persona():
    assert found(instructions="", input=[message("developer", PERSONA), *PURE["input"]]) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"instructions": PERSONA + " Also, you are an agent."}, "instructions"),
        ({"input": [message("developer", "You are /root.")]}, "message developer"),
        ({"input": [message("user", "<environment_context>")]}, "message user"),
        ({"input": [message("user", "hello"), message("user", "hello")]}, "message user: 'hello'"),
        ({"input": [{"type": "function_call", "name": "exec", "call_id": "9"}]}, "exec"),
        ({"input": [{"type": "function_call_output", "call_id": "9"}]}, "function_call_output"),
        ({"tools": [{"type": "function", "name": "shell"}]}, "tool /shell"),
        ({"tools": [{"type": "function", "name": "react"}]}, "tool /react"),
        ({"tools": [{"type": "web_search"}]}, "tool /web_search"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format"),
        ({"hints": "be a coder"}, "field hints"),
    ],
)
def test_each_kind_of_foreign_item_is_named(changes, named):
    (one,) = found(**changes)
    assert named in one


@pytest.mark.parametrize("namespace", [None, "functions"])
def test_a_plain_function_is_ours_where_tools_go_as_functions(namespace):
    plain = [{"type": "function", "name": "react"}]
    grouped = [{"type": "namespace", "name": namespace, "tools": plain}] if namespace else plain
    assert found(tools=grouped) == [f"tool {namespace or ''}/react"]
    assert found(as_functions=True, tools=grouped) == []


def test_an_mcp_tool_is_foreign_where_tools_go_as_functions():
    tools = [{"type": "namespace", "name": "mcp__action", "tools": [{"name": "react"}]}]
    assert found(as_functions=True, tools=tools) == ["tool mcp__action/react"]
