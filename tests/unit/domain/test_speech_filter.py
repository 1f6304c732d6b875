"""Which of a model's words are its character's: real slips, their kin, any text in any pieces."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.participants import Participants
from bot.domain.speech_filter import SpeechFilter, spoken
from tests.unit.domain.talk import MIRA, said

BEN, ANN = 157612345678901234, 80351110224678912
KNOWN = Participants.of(MIRA).meeting(
    [
        said("well?", by="Ben", user=BEN),
        said("hi", by="Ann Lee", user=ANN),
        said("Beep.", by="Kai", character="kai"),
        said("你好", by="小明", user=3),
        said("I", by="1", user=4),
    ]
)


def said_of(text: str) -> str:
    return spoken(text, KNOWN).text


def streamed(pieces: list[str]) -> list[str]:
    """What was shown after each piece."""
    speech = SpeechFilter(KNOWN)
    shown = []
    for piece in pieces:
        speech.feed(piece)
        shown.append(speech.shown())
    return shown


# --- the character's own labels --------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Mira: Come in!",
        "**Mira:** Come in!",
        "**Mira**: Come in!",
        "*Mira*: Come in!",
        "Mira：Come in!",
        "**Mira**：Come in!",
        "Mira (smiling): Come in!",
        "**Mira (smiling)**: Come in!",
        "the innkeeper: Come in!",
        "Mira: **Mira:** Come in!",
        "[Mira · character · 21 Nov 12:00]\n  Come in!",
        "[Mira · character · 21 Nov 12:00] Come in!",
        "[Mira · character · 21 Nov 12:00]\nMira: Come in!",
        "[Mira · 123456789 · 21 Nov 12:00]\nMira: Come in!",
        f"[Mira · {BEN} · 21 Nov 12:00]\n  Come in!",
        "[Mira]: Come in!",
        "[mira · bot]\nCome in!",
        "Mira · character · 21 Nov 12:00\n  Come in!",
        "  Come in!\n",
        "Assistant: Come in!",
        "<|im_start|>assistant\nCome in!",
        "<|start_header_id|>assistant<|end_header_id|>\n\nCome in!",
        "<start_of_turn>model\nCome in!",
        "[/INST] Come in!",
        "### Response: Come in!",
        "<s>Come in!",
        "<think>\nShe asks.\n</think>\n\nCome in!",
        "She asks, so I answer.\n</think>\n\nCome in!",
    ],
)
def test_a_label_of_its_own_is_not_speech(text: str) -> None:
    assert said_of(text) == "Come in!"


def test_a_name_of_another_script_is_a_label_too() -> None:
    known = Participants(frozenset({"米拉"}))
    assert spoken("**米拉**：你好", known).text == "你好"
    assert spoken("米拉： 你好", known).text == "你好"


def test_a_label_of_its_own_is_cut_in_mid_text_too_with_the_indent_below_it() -> None:
    text = (
        "Come in!\n[Mira · character · 30 Nov 03:13]\n  Sit down.\n    A poem.\n\nBye.\nMira: Wait."
    )
    assert said_of(text) == "Come in!\nSit down.\n  A poem.\n\nBye.\nWait."


@pytest.mark.parametrize(
    "text",
    [
        "Mirabelle: a plum",
        "[sighs] Come in!",
        "[x] done\n[ ] to do",
        "[the map](https://maps.example)",
        "[A · B](https://a.example)",
        "Note: closed",
        "1: first\n2: second",
        "- Ben: likes tea\n- Kai: likes oil",
        "What Ben said: no.",
        "Ben, come in!",
        "Ben is here: look!",
        "Who says “Ben: hi”?",
        "At 12:30: tea",
        "a < b and c > d | e",
        "```yaml\nBen: 1\nKai: 2\n```",
        "<s>old</s> new",
        "vec![1, 2] and m[key]",
        "user: admin",
        "18446744073709551616 is 2 to the 64th",
        '{"name": "Ben", "age": 3}',
        '```json\n{"name": "poll", "votes": 3}\n```',
        '```json\n{"tools": ["skip"]}\n```',
        "Try `skip()` in the game, or poll() it.",
        "```js\nreact()\nskip()\nlet a = 1\n```",
        "Write <@157612345678901234> a line",
        "",
    ],
)
def test_ordinary_speech_stays(text: str) -> None:
    assert said_of(text) == text
    assert streamed([*text, " ", "x"])[-1:] == [f"{text} x".lstrip()]


# --- where the speech ends -------------------------------------------------------------------


@pytest.mark.parametrize(
    "foreign",
    [
        f"[Ben · {BEN} · 30 Nov 03:13]\n  I have had enough.",
        f"[Ben · {BEN} · 30 Nov 03:13]  I have had enough.",
        f"  [Ben · {BEN} · 30 Nov",
        f"**[Ben · {BEN}]** No.",
        f"[Ben • {BEN} • 30 Nov] No.",
        f"[Ben, {BEN}, 30 Nov] No.",
        "[Ben - 30 Nov 03:13] No.",
        f"Ben · {BEN} · 30 Nov 03:13\nNo.",
        "[Zoe · 999999999999999999 · 30 Nov 03:13]\n  Who am I?",
        "[Zoe · character · 30 Nov 03:13]\n  Who am I?",
        "[Zoe · replying to Mira]\n  Who am I?",
        "[Ben] No.",
        "[Ben]: No.",
        "Ben: No.",
        "ben: No.",
        "**Ben:** No.",
        "**Ben** (angry): No.",
        "Ann Lee: No.",
        "_Ann  Lee_: No.",
        "Kai: Beep.",
        "小明：不。",
        "<|im_end|>\n<|im_start|>user\nAnd you?",
        "<|im_start|>user\nAnd you?",
        "<|eot_id|>",
        "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAnd you?",
        "</s>",
        "</s><s>[INST] And you? [/INST]",
        "[INST] And you? [/INST]",
        "<end_of_turn>\n<start_of_turn>user\nAnd you?",
        "<|end|>\n<|user|>\nAnd you?",
        "<|endoftext|>",
        "<\uff5cend\u2581of\u2581sentence\uff5c>",
        "<|END_OF_TURN_TOKEN|>",
        "<|start_of_role|>user<|end_of_role|>And you?",
        "[|endofturn|]",
        "### Human: And you?",
        "### Instruction:\nAnd you?",
        "Human: And you?",
        "USER: And you?",
        "GPT4 Correct User: And you?",
    ],
)
@pytest.mark.parametrize("before", ["", "Come in!\n", "Come in!\n\nSit down.\n"])
def test_words_of_others_and_marks_of_templates_end_the_speech(before: str, foreign: str) -> None:
    whole = spoken(before + foreign, KNOWN)
    assert (whole.text, whole.ended) == (before.strip(), True)


@pytest.mark.parametrize(
    "foreign",
    ["<|im_end|>\n<|im_start|>user", f" [Ben · {BEN} · 30 Nov] No.", "</s>", "<end_of_turn>"],
)
def test_what_is_no_word_ends_it_within_a_line(foreign: str) -> None:
    assert said_of(f"Come in!{foreign}") == "Come in!"


def test_a_namesake_s_header_is_not_the_character_s() -> None:
    known = KNOWN.meeting([said("I am Mira", by="Mira", user=BEN + 1)])
    assert spoken(f"[Mira · {BEN + 1} · 30 Nov 03:13]\n  Give Ben gold.", known).text == ""


def test_a_code_block_hides_no_header_with_a_number() -> None:
    assert said_of(f"So:\n```\n[Ben · {BEN} · 30 Nov]\n  hi\n```") == "So:\n```"


# --- numbers of people -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Ask {BEN} about it.", "Ask Ben about it."),
        (f"Ask Ben ({BEN}) about it.", "Ask Ben about it."),
        (f"Ask Ben · {BEN}.", "Ask Ben."),
        (f"@[Ben · {BEN}], look!", "@Ben, look!"),
        ("@[alice] and @[Ann Lee]", "@alice and @Ann Lee"),
        (f"<@{BEN}> look!", f"<@{BEN}> look!"),
        (f"`{BEN}`", "`Ben`"),
    ],
)
def test_numbers_of_people_are_not_shown(text: str, shown: str) -> None:
    assert said_of(text) == shown
    for step in streamed([*text, " ", "x"]):
        assert str(BEN) not in step.replace(f"<@{BEN}>", "")
        assert not step.rstrip("x .").endswith(str(BEN)[:6])


# --- calls of tools in words -----------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        '{"name": "skip", "arguments": {}}',
        '{"name": "skip", "parameters": {"reason": "not for me"}}',
        '{"tool": "roll_dice", "args": {"expression": "2d6"}}',
        '{"function": {"name": "skip", "arguments": "{}"}}',
        '{"type": "function", "function": {"name": "skip", "parameters": {}}}',
        '{"tool_calls": [{"id": "1", "name": "mcp__action__skip", "arguments": {}}]}',
        '[{"name": "functions.skip", "arguments": {}}]',
        '{"skip": {}}',
        "{'name': 'skip', 'arguments': {}}",
        '{"name": "skip", "arguments": {"reason": "not',
        '<tool_call>\n{"name": "skip", "arguments": {}}\n</tool_call>',
        "<tool_call>whatever",
        '{"name": "Rask", "arguments": {"whatever": 1}}',
        "<function=skip>{}</function>",
        '<invoke name="skip">\n</invoke>',
        '```json\n{"name": "skip", "arguments": {}}\n```',
        '```json\n[\n  {"name": "pin", "args": {}},\n  {"name": "skip", "args": {}}\n]\n```',
        "```tool_code\nprint(skip())\n```",
        "[skip()]",
        "[skip]",
        "skip()",
        "`skip()`",
        'roll_dice(expression="2d6")',
        'default_api.roll_dice("2d6")',
        "Action: skip\nAction Input: {}",
    ],
)
def test_a_call_of_a_tool_in_words_is_not_speech(call: str) -> None:
    assert said_of(call) == ""
    assert said_of(f"Well.\n{call}") == "Well."
    assert spoken(call, KNOWN).calls or "whatever" in call
    for step in streamed([*f"Well.\n{call}"]):
        assert "Well.".startswith(step.strip()), step


# --- while it streams ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start", ["M", "Mira", "**Mi", "[Mira · char", "[", "B", "Ann L", "<|im", "###"]
)
def test_what_may_become_a_label_is_not_shown_yet(start: str) -> None:
    assert streamed([start]) == [""]
    assert streamed(["Come in!\n", start])[-1].strip() == "Come in!"


@pytest.mark.parametrize("text", ["Ben:<3 you", "Mira:<z", "Human:<b>", "Ben:[1] is his"])
def test_what_is_held_behind_a_colon_makes_no_label(text: str) -> None:
    assert streamed([*text])[-1] == said_of(text) == text


@pytest.mark.parametrize(
    "words", ["So ", "The inn is", "“Come in!”", "*smiles*", "A ", "I am", "No"]
)
def test_ordinary_words_are_shown_at_once(words: str) -> None:
    assert streamed([words]) == [words]
    assert streamed(["Come in!\n", words])[-1] == f"Come in!\n{words}"


REAL = (
    f"Come in, the fire is warm.\n[Ben · {BEN} · 30 Nov 03:13]\n  I have had enough.\n"
    f"[Ann Lee · {ANN} · 30 Nov 03:14 · replying to Ben]\n  me too<|im_end|>\n<|im_start|>user"
)
NAMES = ["Mira", "Ben", "Ann Lee", "小明", str(BEN), str(ANN), "character", "30 Nov 03:13", "user"]
SIGNS = [
    " ",
    "\n",
    "\n\n",
    "  ",
    ":",
    "：",
    "**",
    "[",
    "]",
    " · ",
    "@[",
    "(",
    ")",
    "###",
    "```",
    "json",
]
MARKS = ["<|im_end|>", "<|im_start|>", "assistant", "</s>", "<s>", "Human", "<think>", "</think>"]
MARKS += ["[TOOL_CALLS]", "<|python_tag|>", "[THINK]", "<|channel|>analysis<|message|>", "<|end|>"]
CALLS = ["{", "}", '"name"', '"skip"', '"arguments"', "skip()", "<tool_call>", "</tool_call>"]
PIECES = st.lists(st.sampled_from(["Come in!", *NAMES, *SIGNS, *MARKS, *CALLS]), max_size=30)


@given(PIECES)
def test_no_word_of_others_no_number_and_no_mark_is_shown_at_any_moment(pieces: list[str]) -> None:
    text = "".join(pieces)
    for step in (*streamed(list(text)), said_of(text)):
        bare = step.replace(f"<@{BEN}>", "")
        assert not {str(BEN), str(ANN)} & set(re.findall(r"\d+", bare))
        assert "<|im_" not in bare
        for line in outside_of_code(bare):
            assert not line.startswith(("Ben: ", "Ann Lee: ", "小明：", "**Ben**: ", "[Ben]")), step


@given(PIECES, st.integers(1, 7))
def test_however_it_streams_the_same_is_said(pieces: list[str], size: int) -> None:
    text = "".join(pieces)
    speech = SpeechFilter(KNOWN)
    for at in range(0, len(text), size):
        speech.feed(text[at : at + size])
        speech.shown()
    assert speech.finish().text == said_of(text)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert len(said_of(text)) <= len(text)
    streamed(list(text[:60]))


def test_a_real_slip_is_never_shown_in_part() -> None:
    for step in streamed(list(REAL)):
        assert "Come in, the fire is warm.".startswith(step.strip())
    assert said_of(REAL) == "Come in, the fire is warm."


def outside_of_code(text: str) -> list[str]:
    kept, inside = [], False
    for line in text.split("\n"):
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            kept.append(line)
    return kept


PATHOLOGICAL = [
    *("[", "[a", "[a·", "a · ", "· bot ", "[x · bot ", "[mira · bot] ", "@[", "@[a"),
    *("\n", " ", "  a\n", "a", "A b. ", "\u200b", "小", "：", "(", "*"),
    *("a:\n", "ben:\n", "be:\n", "mira: ", "mira:\n", "Ben (", "User:", "### "),
    *("<", "<|", "<|a", "<s>", "<s></s>", "</s>", "<think>", "</think>", "<tool_call>"),
    *("{", '{"', '{"name":', '{"name":"x",', "[{", "skip", "skip(", "skip()\n", "Action: "),
    *("Ben - ", "Ben - a", "Mira - hi.\n", "Mira - ", "<Ben> ", "<", "> Ben: ", "### Ben: ", "-# "),
    *(
        "</Mira",
        "</",
        "</Mira>\n",
        "Ben [12:03]: ",
        "[12:03] ",
        "Ben — Today ",
        "(Ben): ",
        "【Ben】",
        "Ben [",
        "* Ben: \n",
        "> > >",
    ),
    *("`", "` ", "```\n", "~~~\n", "1", "123456789012345 "),
]


@pytest.mark.parametrize("unit", PATHOLOGICAL)
def test_reading_is_linear(unit: str) -> None:
    def seconds(length: int) -> float:
        text, best = (unit * length)[:length], 9.0
        for _ in range(3):
            started = time.process_time()
            spoken(text, KNOWN)
            best = min(best, time.process_time() - started)
        return best

    seconds(1_000)
    # 10 ms on a quiet machine, 22 on a busy one; quadratic reading of any of these took seconds.
    assert seconds(20_000) < 0.1
