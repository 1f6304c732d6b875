"""Errors that are raised more than once do not grow, and keep what they say."""

from __future__ import annotations

import pytest

from bot.codex.backoff import Backoff
from bot.codex.failures import ThreadHeldError
from bot.copied_errors import copied
from bot.errors import (
    CodexMissingError,
    CodexRefusedError,
    RequestTimeoutError,
    TransportClosedError,
    TurnFailedError,
    TurnFailure,
)

ERRORS = [
    CodexMissingError(("one", "two")),
    CodexRefusedError("Error: no"),
    RequestTimeoutError("turn/start", 10.0),
    TransportClosedError("gone", ("last word",)),
    ThreadHeldError("thread/resume", -32600, "held"),
    TurnFailedError(TurnFailure.SILENT, "nothing heard"),
    FileNotFoundError(2, "No such file"),
    ValueError("x"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_fresh_error_says_and_knows_the_same(error: Exception) -> None:
    made = copied(error)
    assert made is not error
    assert type(made) is type(error)
    assert str(made) == str(error)
    assert vars(made) == vars(error)


def test_a_character_that_rests_raises_an_error_that_does_not_grow() -> None:
    backoff = Backoff()
    backoff.failed("mira", CodexRefusedError("Error: no"), 0.0)
    depths = []
    for _ in range(3):
        with pytest.raises(CodexRefusedError) as caught:
            backoff.check("mira", 0.1)
        assert caught.value.line == "Error: no"
        depths.append(len(caught.traceback))
    assert depths[0] == depths[1] == depths[2]
