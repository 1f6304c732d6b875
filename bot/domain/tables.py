"""Converts Markdown tables, which Discord does not render, into forms that read well on a phone.

A narrow table becomes a code block with aligned columns; a table that is wide or contains links
becomes a list of its rows, since a phone wraps lines of code that are wider than its screen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from bot.domain.fences import blocks
from bot.domain.inline import Inline

# Characters of code that a phone shows in a line.
WIDTH: Final = 40
# Most columns of a table to convert.
COLUMNS: Final = 20
# Characters. Each row of a list repeats the headings: longer headings would multiply the text.
_HEADING: Final = 40
# Most times that a list may be longer than its table.
_MOST_TIMES: Final = 6
_SPLIT: Final = re.compile(r"(?<!\\)\|")
_DASHES: Final = re.compile(r":?-+:?")
# Markup that a code block would show literally.
_MARKUP: Final = re.compile(r"\*\*|__|~~|`|\\(?=[^0-9A-Za-z\s])")
_WHOLE: Final = re.compile(r"\]\(|<[^>\s]{1,100}>|https?://")

Row = list[str]


def laid_out(text: str) -> str:
    """Return `text` with each table converted into a form that Discord renders."""
    if "|" not in text or "-" not in text:
        return text
    shown: list[str] = []
    done = 0
    for start, end, rows in _tables(text):
        form = _form(rows)
        # Many rows under long headings would multiply the text.
        kept = len(form) > _MOST_TIMES * (end - start)
        shown += [text[done:start], text[start:end] if kept else form]
        done = end
    return "".join([*shown, text[done:]])


def _tables(text: str) -> Iterator[tuple[int, int, list[Row]]]:
    """Yield start, end and rows of each table; the second row is the row of dashes."""
    closed = deque((block.start, block.end) for block in blocks(text))
    hidden: deque[tuple[int, int]] | None = None
    lines = _lines(text)
    number = 0
    while number + 1 < len(lines):
        head, dashes = lines[number], lines[number + 1]
        rows = _head(text[slice(*head)], text[slice(*dashes)])
        while closed and closed[0][1] <= head[0]:
            closed.popleft()
        if rows is None or (closed and closed[0][0] <= dashes[0]):
            number += 1
            continue
        number += 2
        while number < len(lines) and "|" in text[slice(*lines[number])]:
            rows.append(_cells(text[slice(*lines[number])]))
            number += 1
        end = lines[number - 1][1]
        hidden = hidden if hidden is not None else _spoilers(text)
        while hidden and hidden[0][1] <= head[0]:
            hidden.popleft()
        # Leaves tables with or in spoilers alone: the converted table would reveal hidden text.
        if len(rows) > 2 and (not hidden or hidden[0][0] >= end):
            yield head[0], end, rows


def _spoilers(text: str) -> deque[tuple[int, int]]:
    """Return start and end of each spoiler, in order."""
    spans = Inline(text, blocks(text)).spans
    return deque((span.start, span.end) for span in spans if span.mark == "||")


def _lines(text: str) -> list[tuple[int, int]]:
    """Return start and end of each line, without its line break."""
    found: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def _head(head: str, dashes: str) -> list[Row] | None:
    """Return the first two rows if these lines begin a table, else None."""
    if "|" not in head or "-" not in dashes or "|" not in dashes:
        return None
    marks = _cells(dashes)
    if not all(_DASHES.fullmatch(cell) for cell in marks):
        return None
    names = _cells(head)
    fits = 2 <= len(names) == len(marks) <= COLUMNS
    return [names, marks] if fits and max(map(len, names)) <= _HEADING else None


def _cells(line: str) -> Row:
    bare = line.strip()
    bare = bare.removeprefix("|")
    if bare.endswith("|") and not bare.endswith("\\|"):
        bare = bare[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _SPLIT.split(bare)]


def _form(rows: Sequence[Row]) -> str:
    names, marks, *body = rows
    table = [_padded(row, len(names)) for row in (names, *body)]
    if not any(_WHOLE.search(cell) for row in table for cell in row):
        bare = [[_MARKUP.sub("", cell) for cell in row] for row in table]
        widths = [max(map(_width, column)) for column in zip(*bare, strict=True)]
        if sum(widths) + 2 * (len(widths) - 1) <= WIDTH:
            return _code(bare, widths, marks)
    return "\n".join(_listed(table[0], row) for row in table[1:])


def _padded(row: Row, length: int) -> Row:
    return [*row[:length], *[""] * (length - len(row))]


def _code(rows: Sequence[Row], widths: Sequence[int], marks: Row) -> str:
    rule = ["─" * width for width in widths]
    lines = [
        "  ".join(
            _aligned(cell, width, mark)
            for cell, width, mark in zip(row, widths, marks, strict=True)
        ).rstrip()
        for row in (rows[0], rule, *rows[1:])
    ]
    return "\n".join(["```", *lines, "```"])


def _aligned(cell: str, width: int, mark: str) -> str:
    left = width - _width(cell)
    if not mark.endswith(":"):
        return cell + " " * left
    before = left // 2 if mark.startswith(":") else left
    return " " * before + cell + " " * (left - before)


def _listed(names: Row, row: Row) -> str:
    """Return a row as a list item: its first cell, then each other cell after its heading."""
    first, *others = zip(names, row, strict=True)
    cells = [f"{name}: {cell}" if name else cell for name, cell in others if cell]
    title = f"**{first[1]}**" if first[1] and "*" not in first[1] else first[1]
    return f"- {' · '.join([title, *cells] if title else cells)}"


def _width(text: str) -> int:
    """Return the width in columns: 2 for wide letters and emojis, 0 for combining characters."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
