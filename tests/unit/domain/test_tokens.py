"""How long a text is in tokens, and how it is cut to fit."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tokens import clipped, estimate


@pytest.mark.parametrize(
    ("text", "least"),
    [
        # Counts of SmolLM2's tokenizer (49k words), which is among the wasteful ones.
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("80351110224678912", 17),
        ("昨日は友達と一緒に映画を見ました", 22),
        ("Привет, как дела сегодня?", 14),
        ("😂😂😂😂", 8),
        ("", 0),
    ],
)
def test_no_text_takes_more_than_is_estimated(text: str, least: int) -> None:
    assert least <= estimate(text) <= max(4 * least, 4)


@given(st.text(max_size=2_000), st.integers(min_value=0, max_value=300))
def test_what_is_clipped_fits_and_keeps_both_ends(text: str, tokens: int) -> None:
    kept = clipped(text, tokens)
    assert estimate(kept) <= tokens
    if estimate(text) <= tokens:
        assert kept == text


def test_a_long_question_keeps_its_beginning_and_its_end() -> None:
    kept = clipped("Read this: " + "lorem ipsum " * 5_000 + "What does it say?", 100)
    assert kept.startswith("Read this: lorem")
    assert kept.endswith("What does it say?")
    assert " […] " in kept


@pytest.mark.parametrize("text", ["漢" * 500_000, "1" * 1_000_000, "a " * 500_000])
def test_long_texts_are_clipped_in_linear_time(text: str) -> None:
    started = time.process_time()
    clipped(text, 100)
    assert time.process_time() - started < 0.2
