"""What people read when a turn failed: what to do, and never what will not help."""

from __future__ import annotations

import pytest

from bot.errors import TurnFailedError, TurnFailure, WordsRefusal, WordsRefusedError
from bot.messages import failures

_PASSES = {
    TurnFailure.RATE_LIMIT,
    TurnFailure.UNREACHABLE,
    TurnFailure.OVERLOADED,
    TurnFailure.SILENT,
}
_FOR_WHOEVER_RUNS_IT = {
    TurnFailure.UNAUTHORIZED,
    TurnFailure.NO_CREDIT,
    TurnFailure.MODEL_UNKNOWN,
    TurnFailure.WRONG_ADDRESS,
    TurnFailure.BAD_REQUEST,
}


@pytest.mark.parametrize("reason", list(TurnFailure))
def test_every_failure_has_words(reason: TurnFailure) -> None:
    said = failures.for_room(TurnFailedError(reason, "http://10.0.0.1/v1 said no"), "Mira")
    assert said.startswith("Mira")
    assert "10.0.0.1" not in said


@pytest.mark.parametrize("reason", sorted(_PASSES))
def test_what_passes_by_itself_is_to_be_tried_again(reason: TurnFailure) -> None:
    assert "Try again" in failures.for_room(TurnFailedError(reason), "Mira")


@pytest.mark.parametrize("reason", sorted(_FOR_WHOEVER_RUNS_IT))
def test_what_does_not_names_who_can_mend_it(reason: TurnFailure) -> None:
    said = failures.for_room(TurnFailedError(reason), "Mira")
    assert "Try again" not in said
    assert "hoever runs this bot" in said


@pytest.mark.parametrize(
    ("refusal", "at_fault"),
    [
        (WordsRefusal.LINK, "a link"),
        (WordsRefusal.AUTOMOD, "AutoMod"),
        (WordsRefusal.NAME, "“Mira” as a character’s name"),
        (WordsRefusal.TEXT, "the text"),
        (WordsRefusal.REST, "the bot’s fault"),
    ],
)
def test_what_discord_refuses_is_told_as_what_it_is(refusal: WordsRefusal, at_fault: str) -> None:
    said = failures.for_room(WordsRefusedError("Discord answered 400", refusal), "Mira")
    assert at_fault in said
    assert "model" not in said
    assert "permission" not in said
    told = failures.for_person(WordsRefusedError("Discord answered 400", refusal))
    assert told is not None
    assert "400" not in told
