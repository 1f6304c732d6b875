"""What of a stranger's text may stand in a line of ours."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.sanitizing import clean_body, clean_field, clean_name

ALL = [chr(code) for code in range(sys.maxunicode + 1)]


@pytest.mark.timeout(300)  # all code points: ten seconds alone, minutes on a busy machine
def test_no_code_point_becomes_a_sign_of_ours_in_a_name() -> None:
    kept = {char: clean_name(f"a{char}b") for char in ALL}
    assert not {char for char, name in kept.items() if set("[]()·:|<>{}\n") & set(name)}
    assert not {char for char, name in kept.items() if set("[]·\n") & set(clean_field(char))}


@pytest.mark.parametrize("dot", "·\u0387•‧∙⋅・･᛫⸱⁌●◦◉ㆍ᛬․")
def test_what_looks_like_the_separator_or_a_bracket_is_taken_out(dot: str) -> None:
    assert clean_name(f"Mira {dot} character") in ("Mira character", "Mira . character")


@pytest.mark.parametrize(
    "pair", ["【】", "〚〛", "﹝﹞", "［］", "〔〕", "⟦⟧", "❲❳", "⁅⁆", "「」", "❨❩", "⎡⎤"]
)
def test_brackets_of_every_kind_are_taken_out(pair: str) -> None:
    assert clean_name(f"{pair[0]}Ann{pair[1]}") == "Ann"


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Zoë",
        "Jean-Luc",
        "O'Brien",
        "米拉",
        "ミラ",
        "미라",
        "मीरा",
        "ميرا",
        "👩\u200d🚀 Ann",
        "Ann ♥",
        "❤\ufe0f",
        "Dr. No",
        "x_X_x",
        "$ann$",
        "ann@home",
        "👍🏽",
    ],
)
def test_names_of_people_stay_as_they_are(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFKC", name)


def test_what_cannot_be_seen_is_taken_out_of_bodies() -> None:
    hidden = "".join(map(chr, (*range(0xE0000, 0xE1000), *range(0xFFF0, 0xFFFC), 0xD800, 0x1D173)))
    assert clean_body(f"hello{hidden}!") == "hello!"
    assert clean_body("x" + "\u200d\ufe0f" * 500) == "x\u200d\ufe0f"
    assert clean_body("👩\u200d❤\ufe0f\u200d👨") == "👩\u200d❤\ufe0f\u200d👨"


@given(st.text())
def test_a_name_is_one_short_line(text: str) -> None:
    name = clean_name(text)
    assert name == clean_name(name)
    assert 0 < len(name) <= 80
    assert len(name.splitlines()) == 1
