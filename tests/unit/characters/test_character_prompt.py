"""What a mind is told: short, persona first, and true to how talk is written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.characters.prompt import instructions
from bot.domain.character import Character, Mood
from bot.domain.model_profile import ModelProfile, ToolRoute, TranscriptStyle
from bot.domain.transcript import render
from bot.domain.transcript_styles import BAR, INDENT
from bot.domain.utterance import Speaker, Utterance

MIRA = Character("mira", "Mira {the} innkeeper", "You are Mira, {braces} and all.\n")


def test_the_persona_comes_first_and_unchanged() -> None:
    assert instructions(MIRA).startswith("You are Mira, {braces} and all.\n\n# The room")
    assert "what Mira {the} innkeeper says" in instructions(MIRA)


def test_the_room_is_explained_in_few_words() -> None:
    bare = instructions(Character("x", "X", ""))
    assert len(bare.split()) < 350


@pytest.mark.parametrize("window", [None, 2_048])
@pytest.mark.parametrize("style", TranscriptStyle)
def test_the_form_in_the_instructions_is_the_one_that_is_written(
    style: TranscriptStyle, window: int | None
) -> None:
    at = datetime(2026, 11, 21, 18, 42, tzinfo=UTC)
    said = Utterance(1, 2, Speaker(123456789, "NAME"), "WORDS", at, reply_to=9)
    said = replace(said, reply_to_name="NAME")
    head = render([said], style).split("\n")[0]
    head = head.replace("123456789", "NUMBER").replace("21 Nov 18:42", "TIME")
    told = instructions(MIRA, ModelProfile(window=window, style=style))
    if style is TranscriptStyle.NAMES or window:
        head = head.replace(" (replying to NAME)", "").replace(" UTC · replying to NAME", "")
    assert head in told.split("\n")
    assert "indented" in told
    assert window or f"after a bar ({BAR.strip()})" in told
    assert len(INDENT) == 2


@pytest.mark.parametrize("style", TranscriptStyle)
def test_nothing_in_the_instructions_can_be_copied_into_a_speaker(style: TranscriptStyle) -> None:
    told = instructions(Character("x", "X", ""), ModelProfile(style=style))
    assert not re.search(r"\d{4,}|\b(?:Ada|Ann|Ben|Alice|Bob)\b", told)


def test_a_small_window_gets_a_short_text() -> None:
    bare = Character("x", "X", "")
    for style in TranscriptStyle:
        short = instructions(bare, ModelProfile(window=2_048, style=style))
        assert len(short.split()) < 150
        assert "an AI character" in short
        assert "danger" in short


@pytest.mark.parametrize("window", [None, 2_048])
def test_without_tools_none_is_named(window: int | None) -> None:
    told = instructions(MIRA, ModelProfile(window=window, tools=ToolRoute.NONE))
    assert not set(re.findall(r"`([a-z_]+)`", told)) - {"code"}


def test_every_tool_that_is_named_is_one_that_we_serve() -> None:
    named = set(re.findall(r"`([a-z_]+)`", instructions(MIRA))) - {"code"}
    assert named == {"roll_dice", "read_guidelines", "skip"}


def test_only_who_has_moods_is_told_of_them() -> None:
    faces = tuple(Mood(name, f"https://x.example/{name}.png") for name in ("grim", "in doubt"))
    told = instructions(replace(MIRA, moods=faces))
    assert "Your moods are grim, in doubt: `set_mood` when" in told
    assert "set_mood" not in instructions(MIRA)
