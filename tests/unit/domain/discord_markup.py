"""Discord's markup as its clients read it, for judging what a text shows: slow, and on its own.

Its clients use simple-markdown, which tries one regular expression after the other at each place;
those below are the ones of discord-markdown's rules. Written apart from `bot.domain.inline`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_CODE = re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")
_SPOILER = re.compile(r"\|\|([\s\S]+?)\|\|")
_STRIKE = re.compile(r"~~([\s\S]+?)~~(?!_)")
_EMPHASIS = (
    ("bold", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"), 0.1),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"), 0.0),
    ("italic", re.compile(r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b"), 0.2),
    (
        "italic",
        re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
        0.2,
    ),
)
_REST = re.compile(r" *>>> +([\s\S]*)")
_QUOTE = re.compile(r"(?: *>(?!>>) +[^\n]*(?:\n|$))+")
_SMALL = re.compile(r" *-# +([^\n]+)(?:\n|$)")
_HEADING = re.compile(r" *#{1,3} +([^\n]+)(?:\n|$)")

Shown = tuple[str, frozenset[str]]


def shown(text: str) -> list[Shown]:
    """Each character that people see, with what it looks like."""
    return list(_read(text, frozenset(), quoted=False))


def _read(text: str, looks: frozenset[str], *, quoted: bool) -> Iterator[Shown]:
    place = 0
    while place < len(text):
        step = 1
        for reader in (_line, _inline):
            found = reader(text, place, looks, quoted)
            if found is not None:
                step, inner, more, is_quote = found
                if "code" in more:
                    yield from ((sign, looks | more) for sign in inner)
                else:
                    yield from _read(inner, looks | more, quoted=quoted or is_quote)
                break
        else:
            if (escaped := _ESCAPED.match(text, place)) is not None:
                step = 2
                yield escaped[1], looks
            else:
                yield text[place], looks
        place += step


_Found = tuple[int, str, frozenset[str], bool]


def _line(text: str, place: int, looks: frozenset[str], quoted: bool) -> _Found | None:
    """What a line begins with; only outside of other markup."""
    if (place and text[place - 1] != "\n") or looks - {"quote"}:
        return None
    if not quoted and (rest := _REST.match(text, place)):
        return rest.end() - place, rest[1], frozenset({"quote"}), True
    if not quoted and (quote := _QUOTE.match(text, place)):
        inner = re.sub(r"^ *> +", "", quote[0], flags=re.MULTILINE)
        return quote.end() - place, inner, frozenset({"quote"}), True
    for name, pattern in (("small", _SMALL), ("heading", _HEADING)):
        if line := pattern.match(text, place):
            return line.end() - place, line[1], frozenset({name}), False
    return None


def _inline(text: str, place: int, looks: frozenset[str], quoted: bool) -> _Found | None:
    if _ESCAPED.match(text, place):
        return None
    fitting = [
        (len(found[0]) + better, name, found)
        for name, pattern, better in _EMPHASIS
        if (found := pattern.match(text, place))
    ]
    if fitting:
        _, name, found = max(fitting, key=lambda one: one[0])
        return len(found[0]), found[1], frozenset({name}), False
    for name, pattern, group in (
        ("strike", _STRIKE, 1),
        ("code", _CODE, 2),
        ("spoiler", _SPOILER, 1),
    ):
        if plain := pattern.match(text, place):
            return len(plain[0]), plain[group], frozenset({name}), False
    return None
