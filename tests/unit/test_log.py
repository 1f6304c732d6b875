"""No secret reaches the log, however it is written there."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from bot.log import JsonFormatter, Redactor, TextFormatter, _BriefFilter

SECRET = 'pa"ss\\wörd-1'


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.learn(SECRET)
    return redactor


def record(text: str, *, failing: bool = False) -> logging.LogRecord:
    caught = None
    if failing:
        try:
            dict[str, str]().pop(SECRET)
        except KeyError:
            caught = sys.exc_info()
    made = logging.LogRecord("bot", logging.INFO, "x.py", 1, text, (), caught)
    made.bound = {"room": SECRET}
    return made


@pytest.mark.parametrize("form", [TextFormatter, JsonFormatter])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_secret_with_quotes_is_cut_in_every_spelling(
    redactor: Redactor, form: type[TextFormatter | JsonFormatter], ascii_only: bool
) -> None:
    once = json.dumps({"key": SECRET}, ensure_ascii=ascii_only)
    twice = json.dumps({"arguments": once}, ensure_ascii=ascii_only)
    text = f"{SECRET} {once} {twice} {SECRET!r}"
    line = form(redactor).format(record(text, failing=True))
    assert "rd-1" not in line
    assert line.count("‹secret›") == 6


def test_a_line_of_json_is_json_and_keeps_what_is_no_secret(redactor: Redactor) -> None:
    row = json.loads(JsonFormatter(redactor).format(record('said "hello" \\', failing=True)))
    assert row["message"] == 'said "hello" \\'
    assert row["room"] == "‹secret›"
    assert row["traceback"].endswith("KeyError: '‹secret›'")


def test_an_address_is_cut_whole_and_not_around_its_password(redactor: Redactor) -> None:
    redactor.learn("redis://:sesame-open@store:6379")
    redactor.learn("sesame-open")
    assert redactor.cut("at redis://:sesame-open@store:6379") == "at ‹secret›"
    assert redactor.cut("with sesame-open") == "with ‹secret›"


def test_what_is_forgotten_is_shown_again(redactor: Redactor) -> None:
    redactor.forget(SECRET)
    assert redactor.cut(json.dumps(SECRET)) == json.dumps(SECRET)


@pytest.mark.parametrize(
    "text", ["Attempting a reconnect in 1.20s", "Failed to connect for shard_id: 0. Retrying..."]
)
def test_a_reconnect_is_told_in_a_line_and_a_fault_with_its_trace(
    text: str, redactor: Redactor
) -> None:
    reconnect = record(text, failing=True)
    fault = record("a fault", failing=True)
    formatter = TextFormatter(redactor)
    for one in (reconnect, fault):
        assert _BriefFilter().filter(one)
    assert formatter.format(reconnect).count("\n") == 0
    assert f"{text} (KeyError(" in formatter.format(reconnect)
    assert "Traceback" in formatter.format(fault)
