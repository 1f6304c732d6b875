"""Pipe tables, as a phone shows them best."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tables import laid_out

NARROW = """Here:
| Name | Age |
|:-----|----:|
| **Ada** | 36 |
| \u7c73\u62c9 | 7 |
That is all."""


def test_a_narrow_table_becomes_code_with_straight_columns():
    assert laid_out(NARROW).splitlines() == [
        "Here:",
        "```",
        "Name  Age",
        "\u2500\u2500\u2500\u2500  \u2500\u2500\u2500",
        "Ada    36",
        "\u7c73\u62c9    7",
        "```",
        "That is all.",
    ]


def test_a_table_without_outer_pipes_is_one_too():
    shown = ["```", "a  b", "\u2500  \u2500", "1  2", "```"]
    assert laid_out("a|b\n-|-\n1|2").splitlines() == shown


def test_a_wide_table_becomes_a_list_of_its_rows():
    text = (
        "| Dish | What is in it | Price |\n|--|--|--|\n"
        "| Soup | Leeks, potatoes, cream and pepper | 3 |\n| Tea | | 1 |"
    )
    assert laid_out(text) == (
        "- **Soup** · What is in it: Leeks, potatoes, cream and pepper · Price: 3\n"
        "- **Tea** · Price: 1"
    )


def test_links_and_emojis_in_a_table_stay_what_they_are():
    shown = laid_out("| a | b |\n|--|--|\n| [x](https://example.org) | <:hi:1> |")
    assert shown == "- **[x](https://example.org)** · b: <:hi:1>"


@pytest.mark.parametrize(
    "text",
    [
        "```\n| a | b |\n|--|--|\n| 1 | 2 |\n```",
        "| a | b |\n|--|--|\n| ||hidden|| | 2 |",
        "||\n| a | b |\n|--|--|\n| 1 | 2 |\n||",
        "yes | no\nmaybe",
        "a | b\n--\nc",
        "| a |\n|--|\n| 1 |",
        "if (a || b) - c",
        "| a | b |\n|--|--|",
    ],
)
def test_what_is_no_table_or_is_hidden_stays(text):
    assert laid_out(text) == text


@given(st.text(alphabet="|-a: \n`*\\\u7c73", max_size=120))
def test_a_table_is_laid_out_once_and_its_cells_are_all_there(text):
    shown = laid_out(text)
    assert laid_out(shown) == shown
    assert len(shown) <= 8 * len(text)
