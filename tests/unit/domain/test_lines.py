"""Matches by the sign that they must hold: the very same as those of the pattern alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import lines

PATTERN = re.compile(r"(?m)^[ ]{0,2}(?P<name>[^\n:]{1,8}):(?:[ ]+|\n)?")
SIGN = re.compile(":")


@given(st.lists(st.sampled_from(["a", " ", ":", "\n", "name: x", "\n\n", "::", "x" * 9])))
def test_it_finds_what_the_pattern_finds(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = [match.span() for match in lines.matches(PATTERN, SIGN, text)]
    assert found == [match.span() for match in PATTERN.finditer(text)]


@pytest.mark.parametrize("count", [499, 500, 501, 1_700])
def test_it_finds_all_of_many(count: int) -> None:
    text = "\n".join(f"{number}: x" if number % 3 else "and: so: on" for number in range(count))
    found = [match.span() for match in lines.matches(PATTERN, SIGN, text)]
    assert found == [match.span() for match in PATTERN.finditer(text)]
    assert len(found) == count
