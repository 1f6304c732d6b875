"""Codex's errors and what they mean: exactly four are a lost thread."""

from __future__ import annotations

from typing import Any

import pytest

from bot.codex.failures import is_by_chance, is_held, is_lost, is_unknown_turn, turn_failure
from bot.codex.protocol import TurnError
from bot.errors import CodexRefusedError, RequestTimeoutError, RpcError, TurnFailure

ID = "01a1fd2f-6501-7c93-9886-be17d0512f3f"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-32600, f"no rollout found for thread id {ID}"),
        (-32600, "invalid session id: invalid character: expected an optional prefix"),
        (-32600, "invalid thread id: invalid character: expected an optional prefix"),
        (-32603, f"failed to read thread {ID}: unexpected end of file"),
        (-32600, f"thread not found: {ID}"),
    ],
)
def test_a_lost_thread_is_known_by_code_and_text(code: int, text: str) -> None:
    assert is_lost(RpcError("thread/resume", code, text))
    # The code alone means many things, and so does the text under another code.
    assert not is_lost(RpcError("thread/resume", -32001, text))
    assert not is_lost(RpcError("thread/resume", code, "something else: " + text))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-32600, f"thread {ID} already has an active writer"),
        (-32600, "turn not found: x"),
        (-32600, "Invalid request: missing field `threadId`"),
        (-32600, "no active turn to interrupt"),
        (-32603, "internal error"),
        (-32001, "Server overloaded; retry later."),
        (-32600, ""),
    ],
)
def test_nothing_else_is_a_lost_thread(code: int, text: str) -> None:
    assert not is_lost(RpcError("thread/resume", code, text))


def test_another_writer_and_an_unknown_turn_are_known() -> None:
    assert is_held(RpcError("thread/resume", -32600, f"thread {ID} already has an active writer"))
    assert is_unknown_turn(RpcError("thread/revert", -32600, f"turn not found: {ID}"))
    assert not is_unknown_turn(RpcError("thread/revert", -32600, f"thread not found: {ID}"))


@pytest.mark.parametrize(
    ("said", "by_chance"),
    [
        ("it ended at start without a word", True),
        ("2026-11-21T11:30:27Z ERROR codex_app_server: no bubblewrap on PATH", True),
        ("Error: failed to initialize sqlite state runtime under /data: file is not a db", True),
        ("Error: invalid type: string, expected a boolean in `tools.update_plan`", False),
    ],
)
def test_a_start_that_failed_by_chance_is_known(said: str, by_chance: bool) -> None:
    assert is_by_chance(CodexRefusedError(said)) is by_chance
    assert is_by_chance(RequestTimeoutError("initialize", 20))


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ("usageLimitExceeded", TurnFailure.USAGE_LIMIT),
        ("rateLimitExceeded", TurnFailure.RATE_LIMIT),
        ("contextWindowExceeded", TurnFailure.CONTEXT_FULL),
        ("unauthorized", TurnFailure.UNAUTHORIZED),
        ("internalServerError", TurnFailure.UNREACHABLE),
        ("serverOverloaded", TurnFailure.OVERLOADED),
        ("cyberPolicy", TurnFailure.REFUSED),
        ("other", TurnFailure.OTHER),
        ("inventedTomorrow", TurnFailure.OTHER),
        ({"httpConnectionFailed": {"httpStatusCode": 401}}, TurnFailure.UNAUTHORIZED),
        ({"httpConnectionFailed": {"httpStatusCode": 502}}, TurnFailure.UNREACHABLE),
        ({"httpConnectionFailed": {"httpStatusCode": None}}, TurnFailure.UNREACHABLE),
        ({"responseTooManyFailedAttempts": {"httpStatusCode": 429}}, TurnFailure.RATE_LIMIT),
        ({"responseStreamDisconnected": {}}, TurnFailure.UNREACHABLE),
        ({"inventedTomorrow": {"httpStatusCode": 503}}, TurnFailure.OVERLOADED),
        ({"inventedTomorrow": "text"}, TurnFailure.OTHER),
        ({}, TurnFailure.OTHER),
        (["inventedTomorrow"], TurnFailure.OTHER),
        (7, TurnFailure.OTHER),
        (None, TurnFailure.OTHER),
    ],
)
def test_what_codex_says_becomes_what_people_can_act_on(info: Any, reason: TurnFailure) -> None:
    error = TurnError.model_validate({"message": "no", "codexErrorInfo": info})
    assert turn_failure(error).reason is reason
    assert "no" in turn_failure(error).detail


def test_a_failure_without_a_word_has_a_name_too() -> None:
    assert turn_failure(None).reason is TurnFailure.OTHER
    long = TurnError.model_validate({"message": "x" * 100_000})
    assert len(turn_failure(long).detail) <= 2_000
