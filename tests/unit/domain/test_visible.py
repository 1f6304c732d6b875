"""What counts as saying something."""

from __future__ import annotations

import pytest

from bot.domain.visible import says_nothing, sound


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\u200b\u200d\u2060\ufeff",
        "\u3164",
        "\u115f\u1160\uffa0",
        "\u2800 \u00a0\u3000",
        "\u202e\u202c",
        "\ufe0f",
        "```\n```",
        "```py\n\n```",
        "```",
        "~~~js\n\u200b\n~~~",
        "``",
        "****",
        "||||",
        "__ __",
        "** \u3164 **",
        "|| \u200b ||",
        "-# ",
        "> \n> ",
        "||```\n```||",
    ],
)
def test_what_nobody_can_see_says_nothing(text):
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "…",
        "?",
        "->",
        "*",
        "\U0001f642",
        "||x||",
        "```\n1\n```",
        "-# a",
        "1.",
        "\u5440",
        "\u0e01",
        "ok",
    ],
)
def test_what_can_be_seen_says_something(text):
    assert not says_nothing(text)


def test_half_a_surrogate_pair_is_replaced_and_nothing_else():
    assert sound("a\ud83d b \U0001f642") == "a\ufffd b \U0001f642"
    sound("\ude00\ud83d").encode()
