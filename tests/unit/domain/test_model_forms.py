"""What models write around an answer where their endpoint does not read it: thoughts, channels, and
calls in the form of their template.
"""

from __future__ import annotations

import pytest

from bot.domain.speech import Speech
from bot.domain.speech_filter import SpeechFilter, spoken
from tests.unit.domain.talk import MIRA
from tests.unit.domain.test_speech_filter import KNOWN

FINAL = "<|start|>assistant<|channel|>final<|message|>"


def check(text: str, shown: str) -> None:
    """Whole and streamed letter by letter, nothing but `shown` of `text` is ever to be seen."""
    assert spoken(text, KNOWN).text == shown
    speech = SpeechFilter(KNOWN)
    for letter in text:
        speech.feed(letter)
        assert shown.startswith(speech.shown().strip()), speech.shown()


@pytest.mark.parametrize(
    "text",
    [
        # gpt-oss
        "<|channel|>final<|message|>Come in!",
        "<|channel|>final<|message|>Come in!<|return|>",
        f"{FINAL}Come in!<|end|>",
        f"<|channel|>analysis<|message|>She asks.<|end|>{FINAL}Come in!",
        # Magistral, Seed-OSS, Kimi, Command A
        "[THINK]She asks.[/THINK]Come in!",
        "<seed:think>She asks.</seed:think>Come in!",
        "◁think▷She asks.◁/think▷Come in!",
        "<|START_THINKING|>She asks.<|END_THINKING|><|START_RESPONSE|>Come in!<|END_RESPONSE|>",
        "<think>She asks.</think>Come in!",
    ],
)
def test_thoughts_and_channels_are_not_said(text: str) -> None:
    check(text, "Come in!")


@pytest.mark.parametrize(
    "text",
    [
        "Models wrap their thoughts in `<think>` and `</think>`, you see.",
        "They write <think> and </think> around them.",
        "It is written <think>, they say.",
        "[THINK] is on the door.",
    ],
)
def test_who_speaks_of_such_tags_is_heard(text: str) -> None:
    assert spoken(f"Well. {text}", KNOWN).text == f"Well. {text}"


@pytest.mark.parametrize(
    "call",
    [
        '[TOOL_CALLS][{"name": "skip", "arguments": {}}]',
        "[TOOL_CALLS]skip[ARGS]{}",
        '[TOOL_CALLS] [{"name": "skip"}]</s>',
        "<|python_tag|>skip()",
        '<|python_tag|>{"name": "skip", "parameters": {}}<|eom_id|>',
        '<|tool_call|>[{"name": "skip", "arguments": {}}]',
        "<|tool_call|>call:skip{}<|tool_call|>",
        "<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>skip",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.skip:0",
        "<|channel|>commentary to=functions.skip <|constrain|>json<|message|>{}<|call|>",
        "skip",
        "`skip`",
        "*skip*",
        "(skip)",
        "<skip>",
        "<skip/>",
        "```\nskip\n```",
        "call skip",
        "Tool call: skip()",
    ],
)
def test_skip_in_the_form_of_any_template_is_a_skip(call: str) -> None:
    for text in (call, f"{call}\n"):
        speech = Speech(MIRA)
        speech.settle(text)
        assert (speech.text(), speech.is_skip) == ("", True)
    assert spoken(f"Well.\n{call}", KNOWN).text.splitlines()[0] == "Well."


@pytest.mark.parametrize(
    "text",
    ["Skip it.", "Skip", "skip it", "skip!\nand run", "*skips*", "I skip", "well, skip", "/skip"],
)
def test_the_word_skip_is_not_a_call(text: str) -> None:
    speech = Speech(MIRA)
    speech.settle(text)
    assert (speech.text(), speech.is_skip) == (text, False)
