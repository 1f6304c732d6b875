"""Where sentences end, in scripts of all kinds."""

from __future__ import annotations

import pytest

from bot.domain.sentences import has_ended


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "Good evening. Come",
        "Really?!",
        "“Come in.”",
        "*smiles.*",
        "Well…",
        "\u4f60\u597d\u3002",
        "\u300c\u306f\u3044\u3002\u300d",
        "\u0645\u0631\u062d\u0628\u0627\u061f",
        "\u0646\u0639\u0645\u06d4",
        "\u0928\u092e\u0938\u094d\u0924\u0947\u0964",
        "\u1019\u1004\u103a\u1039\u1002\u101c\u102c\u1015\u102b\u104b",
        "\u1230\u120b\u121d\u1362",
        "\u17a2\u179a\u17bb\u178e\u17d4",
        "\u0532\u0561\u0580\u0587\u0589",
    ],
)
def test_a_sentence_has_ended(text):
    assert has_ended(text)


@pytest.mark.parametrize(
    "text", ["", "Good", "Good evening, ", "It costs 3.", "v1.2 of", "...", "a:b"]
)
def test_a_sentence_goes_on(text):
    assert not has_ended(text)
