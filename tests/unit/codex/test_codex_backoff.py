"""Resting after failed starts: longer each time, never for ever, each character by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.codex.backoff import MOST, Backoff
from bot.errors import CodexRefusedError

ERROR = CodexRefusedError("Error: no")


def test_each_failure_in_a_row_rests_longer_up_to_the_most() -> None:
    backoff, now, rests = Backoff(), 0.0, []
    for _ in range(12):
        failure = backoff.failed("mira", ERROR, now)
        rests.append(failure.until - now)
        now = failure.until
    assert rests[0] < 1.3
    assert all(later > sooner for sooner, later in pairwise(rests[:6]))
    assert max(rests) <= MOST * 1.2


def test_a_character_that_failed_for_months_is_still_reckoned_with() -> None:
    backoff = Backoff()
    for _ in range(3_000):
        failure = backoff.failed("mira", ERROR, 0.0)
    assert failure.until <= MOST * 1.2


def test_who_rests_raises_its_error_and_others_do_not() -> None:
    backoff = Backoff()
    failure = backoff.failed("mira", ERROR, 10.0)
    with pytest.raises(CodexRefusedError):
        backoff.check("mira", 10.1)
    backoff.check("bo", 10.1)
    backoff.check("mira", failure.until)


def test_a_good_start_wipes_the_slate() -> None:
    backoff = Backoff()
    backoff.failed("mira", ERROR, 0.0)
    backoff.failed("mira", ERROR, 0.0)
    assert backoff.problem(0.0) == f"the app-server of mira does not start: {ERROR}"
    backoff.clear("mira")
    assert backoff.problem(0.0) is None
    backoff.check("mira", 0.0)
    assert backoff.failed("mira", ERROR, 0.0).count == 1
    assert backoff.total == 3


def test_the_last_start_that_failed_is_a_problem_until_another_goes_well() -> None:
    backoff = Backoff()
    failure = backoff.failed("mira", ERROR, 0.0)
    assert backoff.problem(failure.until + 3_600) is not None
    backoff.started("bo")
    assert backoff.problem(failure.until - 0.1) is not None
    assert backoff.problem(failure.until + 0.1) is None
