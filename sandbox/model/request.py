"""One request of the Responses API, as a rule wants to see it. Owns reading, nothing else.

Newer models get their tools not in `tools` but in `input[0]`, an item of type
`additional_tools` (seen with Codex 0.163.0): both are read here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from sandbox.picture_size import dimensions

Item: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool offered to the model. `namespace` is `mcp__<server>` for MCP tools; `raw` as sent."""

    name: str
    namespace: str | None
    kind: str
    raw: Item


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a tool answered. `name` is the tool's, found by the call's id; empty if unknown."""

    call_id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the model gets it: its type, and width and height where they can be read."""

    content_type: str
    size: tuple[int, int] | None


@dataclass(frozen=True)
class Request:
    """A request: `body` as sent, `headers` with lower-case names, `size` in bytes."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    size: int

    @classmethod
    def parse(cls, raw: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Request:
        """From what came over HTTP. Raises `ValueError` when it is no JSON object."""
        body = json.loads(raw)
        if not isinstance(body, dict):
            raise ValueError("the body is not a JSON object")  # noqa: TRY004 bad input, not a bug
        names = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        return cls(body=body, headers=names, size=len(raw))

    @property
    def model(self) -> str:
        """The model's name."""
        return str(self.body.get("model", ""))

    @property
    def thread_id(self) -> str:
        """Codex's thread."""
        return self.headers.get("thread-id", "")

    @cached_property
    def instructions(self) -> str:
        """The persona: `instructions`, or the first developer message, which newer models get."""
        return self._persona[0]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The conversation: every input item but those that carry tools and persona."""
        return self._persona[1]

    @cached_property
    def tools(self) -> tuple[Tool, ...]:
        """Every tool offered, members of namespaces one by one."""
        lists = [self.body.get("tools") or []]
        lists += [i.get("tools") or [] for i in self._input if i.get("type") == "additional_tools"]
        return tuple(tool for offered in lists for raw in offered for tool in _tools(raw, None))

    @cached_property
    def messages(self) -> tuple[tuple[str, str], ...]:
        """Role and text of each message in the conversation, oldest first."""
        return tuple(
            (str(item.get("role", "")), text_of(item.get("content")))
            for item in self.items
            if item.get("type", "message") == "message"
        )

    @cached_property
    def pictures(self) -> tuple[Picture, ...]:
        """What the last user message shows besides its text (`input_image` parts)."""
        users = [item for item in self.items if _is_said_by(item, "user")]
        parts = users[-1].get("content") if users else None
        listed = parts if isinstance(parts, list) else []
        addresses = [str(part.get("image_url", "")) for part in listed if _is_picture(part)]
        return tuple(_picture(address) for address in addresses)

    @property
    def own_texts(self) -> tuple[str, ...]:
        """What the model itself said, oldest first."""
        return tuple(text for role, text in self.messages if role == "assistant")

    @property
    def last_user_text(self) -> str:
        """What a person said last; empty when nobody did."""
        return next((text for role, text in reversed(self.messages) if role == "user"), "")

    @cached_property
    def tool_outputs(self) -> tuple[ToolOutput, ...]:
        """What tools answered since the last user message, oldest first."""
        found: list[ToolOutput] = []
        names: dict[str, str] = {}
        for item in self.items:
            kind = str(item.get("type", "message"))
            if kind == "message" and item.get("role") == "user":
                found.clear()
            elif kind.endswith("_call"):
                names[str(item.get("call_id", ""))] = str(item.get("name", ""))
            elif kind.endswith("_call_output"):
                call_id = str(item.get("call_id", ""))
                text = text_of(item.get("output"))
                found.append(ToolOutput(call_id, names.get(call_id, ""), text))
        return tuple(found)

    def tool(self, name: str) -> Tool | None:
        """The offered tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)

    @cached_property
    def _persona(self) -> tuple[str, tuple[Item, ...]]:
        items = tuple(item for item in self._input if item.get("type") != "additional_tools")
        given = self.body.get("instructions")
        if given or not items or items[0].get("role") != "developer":
            return str(given or ""), items
        return text_of(items[0].get("content")), items[1:]

    @cached_property
    def _input(self) -> tuple[Item, ...]:
        given = self.body.get("input")
        if isinstance(given, str):
            return ({"type": "message", "role": "user", "content": given},)
        return tuple(item for item in given or () if isinstance(item, dict))


def text_of(content: object) -> str:
    """The text of a message's content or a tool's output: a string, or parts with `text`."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(
        str(part["text"]) for part in content if isinstance(part, dict) and "text" in part
    )


def _is_said_by(item: Item, role: str) -> bool:
    return item.get("type", "message") == "message" and item.get("role") == role


def _is_picture(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") == "input_image"


def _picture(address: str) -> Picture:
    head, _, body = address.partition(";base64,")
    try:
        data = base64.b64decode(body, validate=True)
    except ValueError:
        data = b""
    return Picture(head.removeprefix("data:"), dimensions(data))


def _tools(raw: Item, namespace: str | None) -> Iterator[Tool]:
    kind, name = str(raw.get("type", "")), str(raw.get("name", ""))
    if kind == "namespace":
        for member in raw.get("tools") or []:
            yield from _tools(member, name)
    else:
        yield Tool(name or kind, namespace, kind, raw)
