"""A few words name the message that they are from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.quoting import quoted
from bot.domain.utterance import Speaker, Utterance

SAID = [
    Utterance(number, 7, Speaker(1, "Ann"), text, datetime(2026, 11, 21, tzinfo=UTC))
    for number, text in enumerate(
        ["The soup is hot.", "Who ate the soup?", "Ｎｏｂｏｄｙ “here”\nsaid that"], start=1
    )
]


@pytest.mark.parametrize(
    ("quote", "message_id"),
    [
        ("the soup", 2),
        ("Soup is HOT", 1),
        ("“The soup is hot…”", 1),
        ("> who  ate", 2),
        ("nobody “here” said", 3),
    ],
)
def test_the_newest_message_with_these_words_is_meant(quote: str, message_id: int) -> None:
    found = quoted(quote, SAID)
    assert found is not None
    assert found.message_id == message_id


@pytest.mark.parametrize("quote", ["stew", "", "…", "a", "The soup is hot. Who ate the soup?"])
def test_words_that_nobody_said_name_nothing(quote: str) -> None:
    assert quoted(quote, SAID) is None
