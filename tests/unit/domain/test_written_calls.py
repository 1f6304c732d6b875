"""Calls of tools that there are not, which a model wrote into its speech."""

from __future__ import annotations

import pytest

from bot.domain.speech_filter import SpeechFilter, spoken
from tests.unit.domain.test_speech_filter import KNOWN

STRANGERS = [
    '{"name": "Rask", "arguments": {"cursor": ""}}',
    '{"name": "get_weather", "parameters": {"city": "Rome"}}',
    '{"type": "function", "name": "search", "arguments": "{\\"q\\": \\"inn\\"}"}',
    '{"function": {"name": "search", "arguments": {"q": "inn"}}}',
    '[{"name": "search", "arguments": {}}, {"name": "skip", "arguments": {}}]',
    '{"action": "search", "action_input": "inn"}',
    '{"name": "Rask", "arguments": {"curs',
    "{'name': 'Rask', 'arguments': {}}",
]


@pytest.mark.parametrize("call", STRANGERS)
@pytest.mark.parametrize("before", ["", "Well.\n", "Well.\n\n  "])
def test_a_call_of_a_tool_that_there_is_not_is_no_speech(before: str, call: str) -> None:
    text = f"{before}{call}"
    assert spoken(text, KNOWN).text == before.strip()
    assert spoken(text + "\n", KNOWN).text == before.strip()
    speech = SpeechFilter(KNOWN)
    for piece in text:
        speech.feed(piece)
        assert speech.shown().strip() in before, speech.shown()


def test_a_call_of_another_tool_is_no_skip() -> None:
    assert spoken(STRANGERS[0], KNOWN).calls == ("",)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Ben", "age": 3}',
        '{"name": "Ben", "args": 3}',
        '{"name": "Ben"}',
        '{"name": "Ben", "arguments": {}, "age": 3}',
        '{"name": "f", "description": "d", "parameters": {"type": "object"}}',
        'A call looks like {"name": "search", "arguments": {}}.',
        'It is {"name": "search", "arguments": {}}',
        '`{"name": "search", "arguments": {}}`',
        '{"name": "search", "arguments": {}} is a call.',
        '```json\n{"name": "search", "arguments": {}}\n```',
        '[{"name": "Ben"}, {"name": "Ann"}]',
    ],
)
def test_json_that_is_asked_for_stays(text: str) -> None:
    assert spoken(text, KNOWN).text == text


def test_json_is_shown_as_soon_as_it_is_no_call() -> None:
    speech = SpeechFilter(KNOWN)
    speech.feed('{"name": "Ben", "ag')
    assert speech.shown() == '{"name": "Ben", "ag'
