"""What dice expressions mean, and that no text can break them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import dice
from bot.domain.dice import Dice, Number
from bot.errors import RefusedError
from tests.refused import refused, said_by

signs = st.sampled_from(["+", "-"])
numbers = st.integers(0, dice.NUMBER_LIMIT).map(str)


@st.composite
def dice_terms(draw):
    count = draw(st.integers(1, 10))
    sides = draw(st.integers(2, dice.SIDES_LIMIT))
    pick = draw(st.sampled_from(["", "kh", "kl", "dh", "dl"]))
    if not pick:
        return f"{count}d{sides}"
    most = count if pick[0] == "k" else count - 1
    return f"{count}d{sides}{pick}{draw(st.integers(min(1, most), most))}"


@st.composite
def expressions(draw):
    text = draw(dice_terms())
    for _ in range(draw(st.integers(0, 4))):
        text += f" {draw(signs)} {draw(st.one_of(dice_terms(), numbers))}"
    return text[: dice.LENGTH_LIMIT]


class Always(random.Random):
    """Luck that gives the same faces over and over."""

    def __init__(self, *faces: int) -> None:
        super().__init__()
        self._faces = list(faces)

    def randint(self, a: int, b: int) -> int:
        face = self._faces.pop(0)
        self._faces.append(face)
        assert a <= face <= b
        return face


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("2d6+1", (Dice(2, 6, 2), Number(1))),
        ("D20", (Dice(1, 20, 1),)),
        ("d20 adv", (Dice(2, 20, 1, highest=True),)),
        ("d20dis - 2", (Dice(2, 20, 1, highest=False), Number(2, -1))),
        ("4d6kh3", (Dice(4, 6, 3, highest=True),)),
        ("4d6dl1", (Dice(4, 6, 3, highest=True),)),
        ("4d6dh", (Dice(4, 6, 3, highest=False),)),
        ("2d10kl", (Dice(2, 10, 1, highest=False),)),
        ("d%", (Dice(1, 100, 1),)),
        ("-d4 + 10", (Dice(1, 4, 1, sign=-1), Number(10))),
    ],
)
def test_an_expression_means_what_players_mean_by_it(text, terms):
    assert dice.parse(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "7",
        "six",
        "2d",
        "d6 d6",
        "2d6++1",
        "2d6+",
        "0d6",
        "d0",
        "d1",
        "d1001",
        "101d6",
        "60d6+60d6",
        "d6+100001",
        "3d6kh4",
        "3d6kh0",
        "3d6dl3",
        "2d20adv",
        "d6+1+1+1+1+1+1+1+1+1+1",
        "1d6; import os",
        "d٦",
        "9" * 200,
    ],
)
def test_what_is_not_dice_is_refused_in_one_line(text):
    with refused() as caught:
        dice.parse(text)
    line = said_by(caught.value)
    assert line.endswith(".")
    assert "\n" not in line.replace(text, "")


def test_the_words_of_a_roll_show_every_die_and_what_was_dropped():
    roll = dice.roll("4d6kh3+2-d4", Always(3, 1, 4, 2, 4))
    assert str(roll) == "4d6kh3 [3, 1 dropped, 4, 2] + 2 - 1d4 [4] = 7"
    assert roll.total == 7


def test_advantage_keeps_the_higher_and_disadvantage_the_lower():
    assert dice.roll("d20 adv", Always(4, 17)).total == 17
    assert dice.roll("d20 dis", Always(4, 17)).total == 4


def test_among_equal_dice_exactly_as_many_as_asked_are_kept():
    roll = dice.roll("4d6kh2", Always(5))
    assert sum(roll.throws[0].kept) == 2
    assert roll.total == 10


@given(expressions(), st.randoms(use_true_random=False))
def test_every_die_is_in_range_and_the_total_is_their_sum(text, rng):
    try:
        roll = dice.roll(text, rng)
    except RefusedError:
        return  # cut off at the length limit, in the middle of a term
    total = 0
    for throw in roll.throws:
        if isinstance(throw.term, Number):
            total += throw.term.sign * throw.term.value
            continue
        assert len(throw.faces) == throw.term.count
        assert all(1 <= face <= throw.term.sides for face in throw.faces)
        kept = [face for face, stays in zip(throw.faces, throw.kept, strict=True) if stays]
        ranked = sorted(throw.faces, reverse=throw.term.highest)
        assert sorted(kept, reverse=throw.term.highest) == ranked[: throw.term.keep]
        total += throw.term.sign * sum(kept)
    assert roll.total == total
    assert str(roll).endswith(f"= {total}")


@given(st.text(max_size=100))
def test_any_text_either_rolls_or_is_refused(text):
    try:
        roll = dice.roll(text, random.Random(1))
    except RefusedError:
        return
    assert sum(len(throw.faces) for throw in roll.throws) <= dice.DICE_LIMIT


@given(expressions())
def test_writing_the_terms_down_and_reading_them_again_changes_nothing(text):
    try:
        terms = dice.parse(text)
    except RefusedError:
        return
    written = "".join(f"{'-' if term.sign < 0 else '+'}{term}" for term in terms)
    if len(written) <= dice.LENGTH_LIMIT:
        assert dice.parse(written) == terms
