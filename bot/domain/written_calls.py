"""Finds tool calls that a model wrote as text. Owns their patterns.

A small model trained on tool calls, or prompted with tools, writes the call into its speech: as
JSON, tags, or a line of code. A call of a tool that we serve counts anywhere. JSON that calls an
unknown tool counts only on lines of its own outside code, and only with the keys of a call. Any
other JSON was asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from bot.domain import lines
from bot.domain.actions import ACTION_NAMES

SKIP: Final = "skip"
TOOLS: Final = frozenset(ACTION_NAMES) | {SKIP, "current_time", "roll_dice", "read_guidelines"}
# Characters. Longer text is no call.
CALL_LIMIT: Final = 4_000
# Calls to look for in a text. A model that writes more is in a loop, which the length limit ends.
CALLS_LIMIT: Final = 20
_DEPTH: Final = 6
_SHORT: Final = 60
_IDENTIFIER: Final = re.compile(r"[\w./:-]{1,80}\Z")

_TOOL: Final = "|".join(sorted(TOOLS))
_NAME_KEYS: Final = frozenset({"name", "tool", "tool_name", "function", "action", "recipient_name"})
_WRAPPERS: Final = frozenset({"function", "function_call", "tool_call", "tool_calls", "calls"})
_OTHER_KEYS: Final = frozenset(
    {"arguments", "args", "parameters", "params", "input", "action_input", "kwargs", "type", "id"}
    | {"call_id", "tool_call_id", "reason"}
)
# Keys that, next to a name, occur only in calls.
_ARGUMENTS: Final = frozenset({"arguments", "parameters", "action_input"})
_KEY: Final = "|".join(sorted(_NAME_KEYS | _WRAPPERS | _OTHER_KEYS | TOOLS))
_OBJECT: Final = re.compile(rf"(?:\[\s{{0,9}})?\{{\s{{0,9}}[\"'](?:{_KEY})[\"']\s{{0,9}}:")
# For JSON that does not parse: quotes of another language, a missing end.
_NAMED: Final = re.compile(
    rf"(?:\[\s{{0,9}})?\{{\s{{0,9}}[\"'](?:name|tool|tool_name|function|action)[\"']\s{{0,9}}:"
    rf"\s{{0,9}}[\"'](?:[\w./-]{{0,60}}[./_])?(?P<tool>{_TOOL})[\"']"
    rf"\s{{0,9}}(?:\}}|\Z|,\s{{0,9}}(?:\Z|[\"'](?:arg|param|input|kwargs|action_in)))"
)
_UNKNOWN_CALL: Final = re.compile(
    r"(?:\[\s{0,9})?\{\s{0,9}[\"'](?:name|tool|tool_name|function|action)[\"']\s{0,9}:"
    r"\s{0,9}[\"'][\w./:-]{1,80}[\"']\s{0,9},\s{0,9}"
    rf"[\"'](?:{'|'.join(sorted(_ARGUMENTS))})[\"']\s{{0,9}}:\s{{0,9}}(?:\Z|[\[{{\"'])"
)
_TAGS: Final = ("tool_call", "tool_calls", "tool_use", "function_call", "function_calls", "invoke")
_TAGGED: Final = re.compile(
    rf"<(?=[fit])(?P<tag>{'|'.join(sorted(_TAGS, reverse=True))}|function)"
    r"(?:[ =][^<>\n]{0,100})?>"
)
# Template tokens after which the rest of the text is a call (Mistral, Llama 3, Phi, Granite, Kimi,
# DeepSeek, gpt-oss).
_MARKED: Final = re.compile(
    r"\[TOOL_CALLS\]|<(?=[|\uff5c])(?:\|(?:python_tag|tool_calls?(?:_section)?(?:_begin)?)\|>"
    r"|\uff5ctool\u2581calls?\u2581begin\uff5c>"
    r"|(?:\|start\|>assistant<)?\|channel\|>commentary to=)"
)
# A whole text that is nothing but the tool's name, as the instructions spell it.
_BARE_SKIP: Final = re.compile(
    r"\s*(?:```\w{0,12}\s{1,9})?[`*_(\[<\"']{0,3}(?:(?:[Tt]ool )?[Cc]all:? )?skip(?:\(\))?"
    r"[`*_)\]/>\"']{0,3}(?:\s{1,9}```)?\s*"
)
_LINE: Final = re.compile(
    rf"(?m)^[ \t`*]{{0,8}}(?:\[|\()?(?:print\()?(?:[\w.]{{0,40}}[._])?(?P<tool>{_TOOL})"
    rf"(?:\([^\n]{{0,{CALL_LIMIT}}}\)|(?<=\[skip)|(?<=\(skip))(?:\]|\))?;?[ \t`*]{{0,8}}(?:\n|\Z)"
)
_CALLED: Final = re.compile(rf"(?:{_TOOL})\(|[\[(]skip")
_ACTION: Final = re.compile("Action:")
_REACT: Final = re.compile(
    rf"(?m)^[ \t*]{{0,4}}Action:[ \t*]{{0,4}}(?P<tool>{_TOOL})(?:\([^\n]*\))?[ \t]*(?:\n|\Z)"
    r"(?:[ \t*]{0,4}Action Input:[^\n]*(?:\n|\Z))?"
)
_FENCE_LINE: Final = re.compile(r"\A[ ]{0,3}`{3,}[^\n`]{0,30}(?:\n|\Z)")


class WrittenCall(NamedTuple):
    """A call: `text[start:end]`."""

    start: int
    end: int
    tool: str
    """Name of our tool; empty for an unknown tool."""


def calls(text: str, *, strangers: bool = True) -> Iterator[WrittenCall]:
    """Yield the calls in a text without code blocks, in no particular order.

    `strangers`: include JSON that calls an unknown tool.
    """
    for pattern, sign in ((_LINE, _CALLED), (_REACT, _ACTION)):
        for found in lines.matches(pattern, sign, text):
            yield WrittenCall(found.start(), found.end(), found["tool"])
    if (mark := _MARKED.search(text)) is not None:
        tool = re.search(rf"\b(?:{_TOOL})\b", text[mark.end() : mark.end() + 400])
        yield WrittenCall(mark.start(), len(text), tool[0] if tool is not None else "")
    yield from _tagged(text)
    for call in _objects(text):
        if call.tool or (strangers and _fills_its_lines(text, call)):
            yield call


def is_marked(text: str, at: int) -> bool:
    """Return whether a template token that begins a call is at the offset `at`."""
    return _MARKED.match(text, at) is not None


def is_bare_skip(text: str) -> bool:
    """Return whether a whole text is nothing but the name of the tool `skip`."""
    return len(text) < _SHORT and _BARE_SKIP.fullmatch(text) is not None


def is_only_calls(block: str) -> str | None:
    """Return the tool that a code block calls if it contains nothing but calls, else None."""
    inner = _FENCE_LINE.sub("", block, count=1)
    inner = re.sub(r"\n[ ]{0,3}`{0,8}[ \t]*\Z", "", inner.rstrip())
    found = sorted(calls(inner, strangers=False), key=lambda call: call.start)
    rest, at = [], 0
    for call in found:
        rest.append(inner[at : max(at, call.start)])
        at = max(at, call.end)
    rest.append(inner[at:])
    return found[0].tool if found and not "".join(rest).strip(" \t\n,[]") else None


def _tagged(text: str) -> Iterator[WrittenCall]:
    at = 0
    while (found := _TAGGED.search(text, at)) is not None:
        close = f"</{found['tag']}>"
        end = text.find(close, found.end())
        at = len(text) if end < 0 else end + len(close)
        tool = re.search(rf"\b(?:{_TOOL})\b", text[found.start() : min(at, found.end() + 400)])
        yield WrittenCall(found.start(), at, tool[0] if tool is not None else "")


def _objects(text: str) -> Iterator[WrittenCall]:
    at = 0
    for _ in range(CALLS_LIMIT):
        if (found := _OBJECT.search(text, at)) is None:
            return
        at, tool = _object_at(text, found.start())
        if tool is not None:
            yield WrittenCall(found.start(), at, tool)
        at = max(at, found.end())


def _fills_its_lines(text: str, call: WrittenCall) -> bool:
    line = text.rfind("\n", 0, call.start) + 1
    end = text.find("\n", call.end)
    return (
        not text[line : call.start].strip()
        and not text[call.end : end if end >= 0 else None].strip()
    )


def _object_at(text: str, start: int) -> tuple[int, str | None]:
    """Return the end of the JSON at `start` and the tool it calls.

    The tool is empty if unknown, None if the JSON is not a call.
    """
    part = text[start : start + CALL_LIMIT]
    try:
        value, length = json.JSONDecoder().raw_decode(part)
    except (ValueError, RecursionError):
        if (named := _NAMED.match(part)) is not None:
            return start + _balanced_end(part), named["tool"]
        return (start + _balanced_end(part), "") if _UNKNOWN_CALL.match(part) else (start, None)
    return start + length, _called(value)


def _balanced_end(part: str) -> int:
    """Return the offset after the bracket that closes the first bracket of `part`, or its end."""
    depth = 0
    for found in re.finditer(r"[\[\]{}]", part):
        depth += 1 if found[0] in "[{" else -1
        if depth == 0:
            return found.end()
    return len(part)


def _called(value: object, depth: int = _DEPTH) -> str | None:
    """Return the tool that a parsed value calls; empty if unknown, None if it is not a call."""
    if not depth:
        return None
    if isinstance(value, list):
        tools = [_called(item, depth - 1) for item in value]
        return tools[0] if tools and None not in tools else None
    if not isinstance(value, dict):
        return None
    named = [key for key in value if key in _NAME_KEYS and isinstance(value[key], str)]
    wrapped = [key for key in value if key in _WRAPPERS and isinstance(value[key], dict | list)]
    if any(key not in _OTHER_KEYS for key in value if key not in (*named, *wrapped)):
        is_short = len(value) == 1 and isinstance(next(iter(value.values())), dict)
        return _tool(next(iter(value))) if is_short else None
    if wrapped:
        return _called(value[wrapped[0]], depth - 1)
    return _named_tool(value, value[named[0]]) if named else None


def _named_tool(value: Mapping[str, object], name: str) -> str | None:
    is_call = any(isinstance(value[key], dict | str) for key in _ARGUMENTS & value.keys())
    return _tool(name) or ("" if is_call and _IDENTIFIER.match(name) else None)


def _tool(name: str) -> str | None:
    """Return our tool called `name`, or None: `functions.skip`, `mcp__action__skip` → `skip`."""
    return next((tool for tool in TOOLS if re.fullmatch(rf"(?:.*[./:_])?{tool}", name[-80:])), None)


_OPEN_OBJECT: Final = re.compile(
    r"(?:\[\s{0,9})?\{\s{0,9}(?:[\"']\w{0,16}(?:[\"']\s{0,9}:?\s{0,9})?)?\Z"
)
_VALUE: Final = re.compile(
    r"(?:\[\s{0,9})?\{\s{0,9}[\"'](?P<key>\w+)[\"']\s{0,9}:\s{0,9}"
    r"(?:\Z|[\"'](?P<value>[^\"'\n]{0,80})(?P<whole>[\"']|\Z))"
)
_NEXT_KEY: Final = re.compile(
    r"\s{0,9}(?:\Z|,\s{0,9}(?:\Z|[\"'](?P<key>\w{0,20})(?:\Z|(?P<whole>[\"']))))"
)
# Characters from which on a truncated tag is unmistakable.
_PLAIN: Final = 5
_OPEN_LINE: Final = re.compile(r"[ \t`*]{0,8}[\[(]?(?:print\()?(?P<word>[\w.]{0,60})")
# Prefixes that models put before tool names.
_NAMESPACES: Final = ("default_api.", "functions.", "tools.", "action.", "guidelines.")
_REACT_LINES: Final = (*(f"Action: {tool}" for tool in sorted(TOOLS)), "Action Input:")
_OPENINGS: Final = tuple(f"<{tag}>" for tag in (*_TAGS, "function"))


def may_become_call(text: str) -> int | None:
    """Return the offset of a suffix of `text` that may become a call, or None.

    `text` has no code blocks.
    """
    starts = []
    line = text.rfind("\n") + 1
    if _may_become_line(text[line:]):
        starts.append(line)
    tag = text.rfind("<", max(0, len(text) - 120))
    if tag >= 0 and (
        any(opening.startswith(text[tag:]) for opening in _OPENINGS)
        or re.match(r"<(?:function|invoke)[ =][^<>\n]{0,100}\Z", text[tag:])
    ):
        starts.append(tag)
    if (begun := _open_object(text)) is not None:
        starts.append(begun)
    return min(starts, default=None)


def _may_become_line(line: str) -> bool:
    found = _OPEN_LINE.match(line) if line.strip() and len(line) <= CALL_LIMIT else None
    if found is None:
        return False
    if any(known.startswith(line.lstrip()) for known in _REACT_LINES):
        return True
    word, rest = found["word"], line[found.end() :]
    if rest:
        return rest[0] in "()]" and _tool(word) is not None
    space, dot, last = word.rpartition(".")
    if dot:
        return f"{space}." in _NAMESPACES and any(tool.startswith(last) for tool in TOOLS)
    if not word:
        return line.endswith("print(")
    return any(known.startswith(word) for known in (*TOOLS, *_NAMESPACES, "print"))


def _open_object(text: str) -> int | None:
    """Return the offset of unfinished JSON at the end of `text` that may become a call, or None."""
    at = max(0, len(text) - CALL_LIMIT)
    for _ in range(CALLS_LIMIT):
        found = _OBJECT.search(text, at)
        if found is None:
            break
        end, _ = _object_at(text, found.start())
        if end == found.start():
            value = _VALUE.match(text, found.start())
            known = value["value"] if value is not None and value["whole"] else None
            if not known or value is None or value["key"] not in _NAME_KEYS or _tool(known):
                return found.start()
            if _may_call_unknown_tool(text, found.start(), value.end()):
                return found.start()
        at = max(end, found.end())
    tail = text.rfind("{", max(0, len(text) - 60))
    if tail < 0:
        return None
    bracket = text.rfind("[", max(0, tail - 10), tail)
    start = bracket if bracket >= 0 and not text[bracket + 1 : tail].strip() else tail
    opened = _OPEN_OBJECT.match(text, start)
    return start if opened is not None and _may_be_key(text[tail + 1 :]) else None


def _may_call_unknown_tool(text: str, start: int, value_end: int) -> bool:
    """Return whether unfinished JSON that names an unknown tool may become a call."""
    line = text.rfind("\n", 0, start) + 1
    key = _NEXT_KEY.match(text, value_end)
    if key is None or text[line:start].strip():
        return False
    return any(
        known == key["key"] if key["whole"] else known.startswith(key["key"] or "")
        for known in (*_OTHER_KEYS, *_NAME_KEYS)
    )


def breaks_off(text: str) -> int | None:
    """Return the offset of a truncated call at the end of a finished text, or None.

    `text` has no code blocks.
    """
    begun = _open_object(text)
    value = _VALUE.match(text, begun) if begun is not None else None
    if value is not None and value["key"] in _NAME_KEYS and value["value"]:
        return begun
    tag = text.rfind("<", max(0, len(text) - 120))
    is_plain = tag >= 0 and len(text) - tag >= _PLAIN
    if is_plain and any(opening.startswith(text[tag:]) for opening in _OPENINGS):
        return tag
    line = text.rfind("\n") + 1
    found = _OPEN_LINE.match(text, line)
    if found is not None and text[found.end() : found.end() + 1] == "(" and _tool(found["word"]):
        return line if ")" not in text[found.end() :] else None
    return None


def _may_be_key(text: str) -> bool:
    key = re.sub(r"[^\w]", "", text)
    return any(name.startswith(key) for name in (*_NAME_KEYS, *_WRAPPERS, *_OTHER_KEYS, *TOOLS))


def may_be_only_calls(block: str) -> bool:
    """Return whether an open code block may turn out to contain nothing but calls."""
    if len(block) > CALL_LIMIT:
        return False
    inner = _FENCE_LINE.sub("", block, count=1) if "\n" in block else ""
    if not inner.strip():
        return True
    start = may_become_call(inner)
    rest = inner if start is None else inner[:start]
    return not rest.strip(" \t\n,[") or is_only_calls(rest) is not None
