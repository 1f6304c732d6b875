"""One failed turn is told; a row of them means that nobody is answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.room import Place, Room
from bot.domain.turn import Reason, Turn
from bot.errors import CodexLoginError, TurnFailedError, TurnFailure
from bot.messages import failures
from bot.rooms.runs.turn_results import Ending, Outcome
from bot.rooms.turns.turn_health import FAILED_IN_A_ROW, TurnHealth

AT = datetime(2026, 11, 30, 3, 13, tzinfo=UTC)
TURN = Turn(Room(5, Place.CHANNEL, 7), "mira", 9, 1, Reason.NAMED, AT)


def outcome(ending: Ending, error: Exception | None = None, tokens: int = 0) -> Outcome:
    return Outcome(TURN, ending, 1.0, tokens=tokens, error=error)


def failed(reason: TurnFailure) -> Outcome:
    return outcome(Ending.FAILED, TurnFailedError(reason, "http://me:key@host said no"))


def test_a_failed_turn_is_remembered_with_its_reason_and_no_internals() -> None:
    health = TurnHealth()
    assert health.ended(failed(TurnFailure.UNREACHABLE), AT)
    assert health.last is not None
    assert (health.last.at, health.last.text) == (AT, "the model can’t be reached")
    assert health.problem is None


def test_a_row_of_them_is_a_problem_until_one_goes_well() -> None:
    health = TurnHealth()
    for _ in range(FAILED_IN_A_ROW):
        assert health.problem is None
        health.ended(failed(TurnFailure.UNREACHABLE))
    assert health.problem == f"the last {FAILED_IN_A_ROW} turns failed: the model can’t be reached"
    health.ended(outcome(Ending.ANSWERED))
    assert (health.problem, health.last) == (None, None)


@pytest.mark.parametrize("reason", [TurnFailure.REFUSED, TurnFailure.EMPTY, TurnFailure.OTHER])
def test_what_is_of_one_question_makes_no_row_and_ends_none(reason: TurnFailure) -> None:
    health = TurnHealth()
    for _ in range(FAILED_IN_A_ROW - 1):
        health.ended(failed(TurnFailure.UNAUTHORIZED))
    for _ in range(FAILED_IN_A_ROW):
        assert not health.ended(failed(reason))
    assert health.problem is None
    health.ended(outcome(Ending.FAILED, CodexLoginError("log in")))
    assert health.problem is not None


def test_only_a_model_that_answered_ends_a_row() -> None:
    health = TurnHealth()
    health.ended(failed(TurnFailure.SILENT))
    for ending in (Ending.SKIPPED, Ending.UNDELIVERED, Ending.CHANGED):
        health.ended(outcome(ending))  # stopped, or never asked
        assert health.last is not None
    health.ended(outcome(Ending.SKIPPED, tokens=40))
    assert health.last is None


@pytest.mark.parametrize("reason", TurnFailure)
def test_each_reason_has_words_for_the_owner(reason: TurnFailure) -> None:
    assert failures.for_owner(reason)
