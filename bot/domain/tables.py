"""Pipe tables, which Discord does not know, as what reads well on a phone. Owns the forms.

A narrow table becomes a block of code with straight columns; a wide one, or one with links, a list
of its rows, since a phone breaks lines of code that are longer than its screen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from bot.domain.fences import blocks
from bot.domain.inline import Inline

# Columns of code that a phone shows in a line.
WIDTH: Final = 40
COLUMNS: Final = 20
# A heading is repeated in each row of a list: a longer one would multiply the text.
_HEADING: Final = 40
_MOST_TIMES: Final = 6
_SPLIT: Final = re.compile(r"(?<!\\)\|")
_DASHES: Final = re.compile(r":?-+:?")
# What a cell of code would show as signs.
_MARKUP: Final = re.compile(r"\*\*|__|~~|`|\\(?=[^0-9A-Za-z\s])")
_WHOLE: Final = re.compile(r"\]\(|<[^>\s]{1,100}>|https?://")

Row = list[str]


def laid_out(text: str) -> str:
    """`text` with each of its tables in a form that Discord shows."""
    if "|" not in text or "-" not in text:
        return text
    shown: list[str] = []
    done = 0
    for start, end, rows in _tables(text):
        form = _form(rows)
        # Many rows under long headings would become a text of many times the size.
        kept = len(form) > _MOST_TIMES * (end - start)
        shown += [text[done:start], text[start:end] if kept else form]
        done = end
    return "".join([*shown, text[done:]])


def _tables(text: str) -> Iterator[tuple[int, int, list[Row]]]:
    """Start, end and rows of each table, the row of dashes second."""
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
        # What a spoiler hides, in a cell or around the table, would be read.
        if len(rows) > 2 and (not hidden or hidden[0][0] >= end):
            yield head[0], end, rows


def _spoilers(text: str) -> deque[tuple[int, int]]:
    """Start and end of each spoiler, in order."""
    spans = Inline(text, blocks(text)).spans
    return deque((span.start, span.end) for span in spans if span.mark == "||")


def _lines(text: str) -> list[tuple[int, int]]:
    """Start and end of each line, its break not included."""
    found: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def _head(head: str, dashes: str) -> list[Row] | None:
    """The first two rows, if these lines begin a table."""
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
    """One row: its first cell, then each other one with its heading."""
    first, *others = zip(names, row, strict=True)
    told = [f"{name}: {cell}" if name else cell for name, cell in others if cell]
    title = f"**{first[1]}**" if first[1] and "*" not in first[1] else first[1]
    return f"- {' · '.join([title, *told] if title else told)}"


def _width(text: str) -> int:
    """Columns of a fixed font: two for wide letters and emojis, none for what combines."""
    return sum(_columns(sign) for sign in text)


def _columns(sign: str) -> int:
    if sign < "\u0300":
        return 1
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
