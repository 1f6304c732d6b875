"""TOML on the command line."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codex import toml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_reads_back_as_it_was(value):
    assert tomllib.loads(f"x = {toml.encode(value)}") == {"x": value}


def test_truth_is_written_in_small_letters():
    assert toml.flags({"features.apps": False}) == ("-c", "features.apps=false")


def test_a_value_stays_on_one_line():
    assert "\n" not in toml.encode({"prompt": "one\ntwo\r\n\x85three"})


def test_what_toml_has_no_word_for_is_an_error():
    with pytest.raises(TypeError, match="NoneType"):
        toml.encode(None)  # type: ignore[arg-type] # the point of it
