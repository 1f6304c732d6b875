"""The front matter of a character file: YAML between two lines of dashes, with line numbers.

Owns splitting the file, and translating YAML errors for people who write characters, not programs.
`bot.characters.folder` interprets the keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

# Characters, enough for every key.
FRONT_MATTER_LIMIT = 16_000
DASHES = "---"
# Keys whose value may be a table of names and texts.
TABLES = ("moods",)

_NULL = "tag:yaml.org,2002:null"

_EDGE = "the lines are indented differently: start each key at the left edge"

# Part of a YAML error → what to do about it. The first match applies.
_ADVICE = (
    ("character '\\t'", "a line begins with a tab: use spaces, or start it at the left edge"),
    ("mapping values are not allowed", "a colon inside a text: put the whole text in quotes"),
    (
        "cannot start any token",
        "this sign has a meaning of its own in YAML: put the text in quotes",
    ),
    ("alphabetic or numeric", "a text that starts with * or & must be put in quotes"),
    ("undefined alias", "a text that starts with * must be put in quotes"),
    ("chomping or indentation", "a text that starts with > or | must be put in quotes"),
    ("unknown escape character", "a backslash inside double quotes: write it twice"),
    ("quoted scalar", "a quotation mark is opened and never closed"),
    ("found '<scalar>'", "text after the closing quotation mark: put all of it in the other kind"),
    ("expected ',' or ']'", "a list is opened with [ and never closed with ]"),
    ("could not find expected ':'", "a line without a colon: write “key: value”"),
    ("expected <block end>", _EDGE),
    ("<document start>", _EDGE),
    ("special characters are not allowed", "there is an invisible control character: retype it"),
)


class FrontMatterError(Exception):
    """The front matter cannot be read. `line` counts from 1 in the whole file."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a table: `laughing: mira-laughing.png`."""

    name: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts by name, in the file's order."""

    entries: tuple[Entry, ...]


Content = str | tuple[str, ...] | Table | None


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a key."""

    text: Content
    """A text, a list or a table of texts; None when the value is empty."""
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """A character file split into front matter and body."""

    values: dict[str, Value]
    """The front matter, by key."""
    body: str
    body_line: int
    """The line on which the body starts."""


def parse(text: str) -> Page:
    """Split and parse a file. Raises `FrontMatterError`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].rstrip() != DASHES:
        raise FrontMatterError("the first line must be three dashes: ---", 1)
    for end, line in enumerate(lines[1:], start=1):
        if line.rstrip() == DASHES:
            head, body = "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])
            return Page(dict(_values(head)), body.strip(), end + 2)
    raise FrontMatterError("the second line of three dashes (---), after the keys, is missing", 1)


def _values(head: str) -> Iterator[tuple[str, Value]]:
    root = _composed(head)
    if root is None:
        return
    if not isinstance(root, MappingNode):
        raise FrontMatterError("between the dashes, write lines like “name: Mira”", _line(root))
    seen: set[str] = set()
    for key, value in root.value:
        if not isinstance(key, ScalarNode):
            raise FrontMatterError("a key must be a plain word", _line(key))
        if key.value in seen:
            raise FrontMatterError(f"“{key.value}” appears twice", _line(key))
        seen.add(key.value)
        yield key.value, Value(_plain(key.value, value), _line(key))


def _composed(head: str) -> Node | None:
    """Parse YAML into a tree with line numbers. No objects are built, so tags have no effect."""
    if len(head) > FRONT_MATTER_LIMIT:
        raise FrontMatterError(
            f"the part between the dashes has {len(head)} characters; "
            f"{FRONT_MATTER_LIMIT} are allowed",
            1,
        )
    try:
        return yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark if "quoted scalar" in str(error.context) else error.problem_mark
        raise FrontMatterError(_advice(error), mark.line + 2 if mark else 1) from error
    except yaml.reader.ReaderError as error:
        line = head.count("\n", 0, error.position) + 2
        raise FrontMatterError(_advice(error), line) from error
    except RecursionError as error:
        raise FrontMatterError("too many brackets inside one another", 1) from error


def _plain(key: str, node: Node) -> Content:
    """Return the value as it was typed, without YAML's types: `name: 007` means “007”."""
    if isinstance(node, ScalarNode):
        return None if node.tag == _NULL else str(node.value)
    if isinstance(node, SequenceNode) and all(isinstance(item, ScalarNode) for item in node.value):
        return tuple(str(item.value) for item in node.value)
    if isinstance(node, MappingNode) and key in TABLES:
        return Table(tuple(_entries(key, node)))
    raise FrontMatterError(f"“{key}” must be a text or a simple list of texts", _line(node))


def _entries(key: str, node: MappingNode) -> Iterator[Entry]:
    for name, value in node.value:
        if not isinstance(name, ScalarNode) or not isinstance(value, ScalarNode):
            raise FrontMatterError(f"in “{key}”, write lines like “name: text”", _line(name))
        yield Entry(str(name.value), "" if value.tag == _NULL else str(value.value), _line(name))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 2  # the marks count from 0, and the dashes are line 1


def _advice(error: yaml.YAMLError) -> str:
    text = str(error)
    for part, advice in _ADVICE:
        if part in text:
            return advice
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else None
    return f"this is not YAML: {problem or 'it cannot be read'}"
