"""Replaces snowflakes of people, and the transcript's form of mentions, in a model's text.

Snowflakes are permanent identifiers, which nobody agreed to have read out. Owns the rewriting only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.domain.participants import fold
from bot.domain.speaker_labels import DOT

_SHORTEST, _LONGEST = 15, 20
# Digits of a truncated snowflake that suffice to identify its owner.
_TELLING: Final = 8
_NAME_LIMIT: Final = 100
_MENTION: Final = (
    rf"@\[(?P<mentioned>[^\[\]\n{DOT}]{{1,{_NAME_LIMIT}}})(?:[{DOT}][^\[\]\n]{{0,100}})?\]"
)
_MENTIONED: Final = re.compile(_MENTION)
_LONG_NUMBER: Final = re.compile(rf"\d{{{_SHORTEST}}}")
# Discord's markup around a number, which is not shown as a number; our mention; a bare number.
_FOUND: Final = re.compile(
    r"(?P<markup><(?:@[!&]?|#|a?:\w{1,40}:|/[\w -]{1,100}:|t:)\d{1,20}(?::\w)?>)"
    rf"|{_MENTION}"
    rf"|(?P<before>[ \t]?[{DOT}#(|,–—-]?[ \t]?[(#@]?)"
    rf"(?<!\d)(?P<number>\d{{{_SHORTEST},{_LONGEST}}})(?!\d)(?P<close>\)?)"
)
_OPEN_MENTION: Final = re.compile(rf"@(?:\[[^\[\]\n]{{0,{2 * _NAME_LIMIT}}})?\Z")
_OPEN_NUMBER: Final = re.compile(r"(?<!\d)\d{1,20}\Z")


def without_numbers(text: str, people: Mapping[int, str]) -> str:
    """Return `text` with snowflakes of `people` replaced by names, and `@[Name]` by `@Name`."""

    def shown(found: re.Match[str]) -> str:
        if found["markup"]:
            return found[0]
        if found["mentioned"]:
            return f"@{without_numbers(found['mentioned'].strip(), people)}"
        name = people.get(int(found["number"]))
        if name is None:
            return found[0]
        before = found["before"]
        preceding = fold(text[max(0, found.start() - _NAME_LIMIT) : found.start()])
        if before.strip() and preceding.endswith(fold(name)):
            # The name precedes the number already: “Ann (80351110224678912)”.
            return "" if "(" in before else found["close"]
        return f"{before}{name}{found['close']}"

    if _LONG_NUMBER.search(text) is None:
        return _MENTIONED.sub(lambda found: f"@{found['mentioned'].strip()}", text)
    return _FOUND.sub(shown, text)


def number_completed(text: str, people: Mapping[int, str]) -> str:
    """Return `text` with a truncated snowflake of `people` at its end completed.

    `without_numbers` then recognises the snowflake.
    """
    digits = _OPEN_NUMBER.search(text, max(0, len(text) - _LONGEST - 1))
    if digits is None or len(digits[0]) < _TELLING:
        return text
    numbers = (str(number) for number in people if str(number).startswith(digits[0]))
    return text[: digits.start()] + next(numbers, digits[0])


def may_become_number(text: str, people: Mapping[int, str]) -> int | None:
    """Return the offset of a suffix of `text` that may become a snowflake or mention, or None."""
    mention = text.rfind("@", max(0, len(text) - 2 * _NAME_LIMIT))
    if mention >= 0 and _OPEN_MENTION.match(text, mention):
        return mention
    digits = _OPEN_NUMBER.search(text, max(0, len(text) - _LONGEST - 1))
    if digits is None:
        return None
    return digits.start() if any(str(number).startswith(digits[0]) for number in people) else None
