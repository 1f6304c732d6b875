"""Loops of repeated text are known, and nothing that people want to read is taken for one."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.repetition import second_round

POEM = """The rain came down, the rain came down,
it fell on every house in town,
and nobody could sleep.
"""
REFRAIN = "Oh the river, oh the river, oh the river takes us home.\n"


def streamed(text: str, piece: int = 7) -> int | None:
    """The first look, while it comes, that finds a loop."""
    for end in range(piece, len(text) + piece, piece):
        found = second_round(text[:end])
        if found is not None:
            return found
    return None


@pytest.mark.parametrize(
    "round_",
    [
        "I love you. ",
        "ha",
        "a",
        "😂",
        "\n",
        "漢字",
        "- item\n",
        POEM,
        "x" * 900 + "y",
        "no no no! ",
    ],
)
@pytest.mark.parametrize("before", ["", "Well, let me think about that for a moment.\n\n"])
def test_a_loop_is_found_soon_and_ends_after_its_first_round(round_: str, before: str) -> None:
    text = before + round_ * (12_000 // len(round_))
    found = streamed(text[:11_000], 97)
    assert found is not None
    kept = text[:found]
    assert kept.startswith(before.rstrip())
    # One round more or less: where it began may belong to either.
    assert len(kept) <= len(before) + 2 * len(round_)


@pytest.mark.parametrize(
    "text",
    [
        "ha" * 500,
        "a" * 1_500,
        "=" * 2_000,
        "😂" * 600,
        POEM + REFRAIN * 6 + POEM + REFRAIN * 6,
        "".join(f"{n}. item number {n}\n" for n in range(600)),
        "".join(f"| {n} | {n * n} | {n % 3} |\n" for n in range(600)),
        "I will not talk in class.\n" * 50,
        "```\n" + ("[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n" * 60) + "```",
        "```py\n" + "".join(f"def f{n}():\n    return None\n\n" for n in range(400)) + "```",
        "".join(random.Random(7).choices("abc def\n", k=20_000)),
        "".join("01"[n.bit_count() % 2] for n in range(15_000)),
    ],
)
def test_what_people_ask_for_is_no_loop(text: str) -> None:
    assert streamed(text, 101) is None


@given(st.text(max_size=300), st.text(min_size=1, max_size=80), st.integers(0, 200))
def test_whatever_is_found_repeats_to_the_end(before: str, round_: str, rounds: int) -> None:
    text = before + round_ * rounds
    found = second_round(text)
    if found is not None:
        rest = text[found:]
        period = next(
            p for p in range(1, len(rest)) if rest[p:] == rest[:-p] and text[found - p : found]
        )
        assert text[found - period : found] == rest[:period]


@pytest.mark.parametrize(
    "text",
    ["a" * 19_999 + "b", ("a" * 47 + "b") * 400, "ab" * 10_000 + "c", " " * 20_000, "```" * 6_000],
)
def test_one_look_takes_no_time(text: str) -> None:
    started = time.process_time()
    second_round(text)
    assert time.process_time() - started < 0.02
