"""Finds headers and labels in a model's text that name a speaker. Owns their patterns.

A *header* is the transcript's form, in brackets: `[Ben · 80351110224678912 · 30 Nov 03:13]`. A
*label* is a name with a colon: `Ben: hi`, `**Ben** (smiling): hi`; `dressed_labels` finds its
decorated forms. A header or label of the character itself is cut; after anybody else's, the words
are not the character's.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from bot.domain import lines
from bot.domain.dressed_labels import BULLET, closings, dressed, may_become_dressed
from bot.domain.participants import Named, Participants, fold

# The separator of our headers, and what models write instead.
DOT: Final = "·•‧∙⋅・･᛫\u0387"
COLON: Final = ":：﹕︰"  # noqa: RUF001 look-alikes are intended
# Characters. Our own lines contain a name, the addressee's name and a quote.
LABEL_LIMIT: Final = 300
HEADER_LIMIT: Final = 300

# Indents are of any width: Chinese prose begins with two ideographic spaces.
_EMPHASIS: Final = r"(?:[^\S\n]|[*_~`]){0,12}"
_EDGE: Final = r"(?:[^\S\n]|[>*_~`]){0,12}"
_NUMBER: Final = r"(?<!\d)\d{15,20}(?!\d)"
# A header at the left edge.
_BRACKETED: Final = re.compile(
    rf"(?m)^(?!{BULLET}){_EDGE}\[(?P<inner>[^\[\]\n]{{1,{HEADER_LIMIT}}})\]"
    rf"(?!\()[*_~`]{{0,4}}[{COLON}]?(?:[ \t]*\n|[ \t]*)"
)
# A header anywhere in a line: a name and a second field.
_WITHIN: Final = re.compile(
    rf"(?<![@`])\[(?P<name>[^\[\]\n{DOT}]{{1,100}})[{DOT}][^\[\]\n]{{0,{HEADER_LIMIT}}}\](?!\()"
    r"(?P<after>[ \t]*\n|[ \t]*)"
)
# A header's second field (snowflake, `character`, `bot`), after a name in a bracket or at the left
# edge.
_IDENTIFIED: Final = re.compile(
    rf"[{DOT}][ \t]?(?:\d{{15,20}}|character|bot)(?!\w)[^\[\]\n]{{0,200}}\]?"
    rf"(?P<after>[ \t]*\n|[ \t]*)"
)
_NAME_BEFORE: Final = re.compile(
    rf"(?:(?<!@)(?P<bracket>\[)|^{_EDGE})(?P<name>[^\[\]\n{DOT}]{{1,100}})\Z"
)
_LABEL: Final = re.compile(
    rf"(?m)^(?!{BULLET}){_EMPHASIS}(?P<name>[^\s\[{COLON}*_~`][^\n{COLON}]{{0,{LABEL_LIMIT}}})"
    rf"(?::[*_~`]{{0,4}}(?:[ \t]+|(?=\n|\Z))|[{COLON[1:]}][*_~`]{{0,4}}[ \t]*)"
)
_BRACKET: Final = re.compile(r"\[")
_COLONS: Final = re.compile(f"[{COLON}]")
_FIELDS: Final = re.compile(f"[{DOT}]")
_LOOSE_FIELDS: Final = re.compile(r"\s*(?:[|,;(]|\s[-–—]\s)\s*")
_TIME: Final = re.compile(r"\b\d{1,2}:\d{2}\b")


class SpeakerLabel(NamedTuple):
    """A header or label: `text[start:end]`."""

    start: int
    end: int
    own: bool
    """Whether it names the character itself."""
    is_sure: bool
    """Whether it states an identity, so that it counts even inside a code block."""


def headers(text: str, participants: Participants) -> Iterator[SpeakerLabel]:
    """Yield the headers in `text` lazily, in order."""
    found = (
        _at_the_edge(text, participants),
        _within(text, participants),
        _identified(text, participants),
    )
    return heapq.merge(*found, key=lambda header: header.start)


def _at_the_edge(text: str, participants: Participants) -> Iterator[SpeakerLabel]:
    for found in lines.matches(_BRACKETED, _BRACKET, text):
        named = _named_in_header(found["inner"], participants)
        if named is not None:
            own = _is_own(named, found["inner"], participants)
            yield SpeakerLabel(found.start(), found.end(), own=own, is_sure=False)


def _within(text: str, participants: Participants) -> Iterator[SpeakerLabel]:
    seen: dict[str, Named | None] = {}
    for found in _WITHIN.finditer(text):
        if (name := found["name"]) not in seen:
            seen[name] = participants.named(name)
        if seen[name] is not None:
            own = _is_own(found["name"], found[0], participants)
            yield SpeakerLabel(found.start(), found.end(), own=own, is_sure=False)


def _identified(text: str, participants: Participants) -> Iterator[SpeakerLabel]:
    for found in _IDENTIFIED.finditer(text):
        line = text.rfind("\n", max(0, found.start() - HEADER_LIMIT), found.start()) + 1
        before = text[max(line, found.start() - HEADER_LIMIT) : found.start()]
        bracket = before.rfind("[")
        if (name := _NAME_BEFORE.search(before, max(bracket, 0))) is not None:
            start = found.start() - len(before) + name.start()
            own = _is_own(name["name"], found[0], participants)
            if name["bracket"] or participants.named(name["name"]):
                yield SpeakerLabel(start, found.end(), own=own, is_sure=True)


def labels(text: str, participants: Participants) -> Iterator[SpeakerLabel]:
    """Yield the labels of participants in `text`, plain or decorated, in order.

    Other words before a colon are no labels.
    """
    found = (
        _with_colon(text, participants),
        (
            SpeakerLabel(label.start, label.end, own=label.named is Named.OWN, is_sure=False)
            for label in heapq.merge(dressed(text, participants), closings(text, participants))
        ),
    )
    return heapq.merge(*found, key=lambda label: label.start)


def _with_colon(text: str, participants: Participants) -> Iterator[SpeakerLabel]:
    initials = {name[0] for name in (*participants.own, *participants.others)}
    seen: dict[str, Named | None] = {}
    for found in lines.matches(_LABEL, _COLONS, text):
        name = found["name"]
        if name[0].isascii() and name[0].lower() not in initials:
            continue
        if name not in seen:
            seen[name] = participants.named(name)
        if (named := seen[name]) is not None:
            own = named is Named.OWN
            yield SpeakerLabel(found.start(), found.end(), own=own, is_sure=False)


def _named_in_header(inner: str, participants: Participants) -> str | None:
    """Return the speaker's name in the bracketed text `inner`; None if it is not a header."""
    fields = [field.strip() for field in _FIELDS.split(inner)]
    if len(fields) > 1 and fields[0]:
        return fields[0]
    first = _LOOSE_FIELDS.split(inner.strip(), maxsplit=1)[0]
    if re.search(_NUMBER, inner):
        return first
    if participants.named(first) and (first == inner.strip() or _TIME.search(inner)):
        return first
    return None


def _is_own(name: str, header: str, participants: Participants) -> bool:
    """Return whether a header with this name is the character's rather than a namesake's."""
    if participants.named(name) is not Named.OWN:
        return False
    number = re.search(_NUMBER, header)
    person = participants.people.get(int(number[0]), "") if number is not None else ""
    return not person or participants.named(person) is not Named.OWN


_OPEN_HEADER: Final = re.compile(rf"{_EDGE}\[[^\[\]\n]{{0,{HEADER_LIMIT}}}\]?[*_~`]*\Z")
_OPEN_IDENTIFIED: Final = re.compile(
    rf"\[[^\[\]\n{DOT}]{{0,100}}(?:[{DOT}][^\[\]\n]{{0,240}})?\]?\Z"
)
_AFTER_NAME: Final = re.compile(
    rf"(?:\s*[(\[][^()\[\]]{{0,{LABEL_LIMIT}}}[)\]]){{0,2}}"
    rf"\s*(?:[(\[][^()\[\]]{{0,{LABEL_LIMIT}}}[)\]]?)?\s*:?\Z"
    rf"|\s?[{DOT}][^\[\]\n]{{0,{LABEL_LIMIT}}}\Z"
)


def may_become_label(line: str, participants: Participants) -> bool:
    """Return whether an unfinished line may become a header at the left edge, or a label."""
    if not line.strip() or len(line) > HEADER_LIMIT:
        return False
    if _OPEN_HEADER.match(line):
        return True
    if len(line) > LABEL_LIMIT:
        return False
    if may_become_dressed(line, participants):
        return True
    begun = fold(line)
    word = f"{begun} " if line[-1].isspace() else begun
    return any(
        name.startswith(word) or (begun.startswith(name) and _AFTER_NAME.match(begun, len(name)))
        for name in (*participants.own, *participants.others)
    )


def may_become_header(text: str) -> int | None:
    """Return the offset of a suffix of `text` that may become a header in mid-line, or None."""
    at = text.rfind("[", max(0, len(text) - HEADER_LIMIT))
    return at if at >= 0 and _OPEN_IDENTIFIED.match(text, at) else None
