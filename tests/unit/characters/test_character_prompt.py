"""What a mind is told: short, persona first, and true to how talk is written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from bot.characters.prompt import instructions
from bot.domain.character import Character, Mood
from bot.domain.transcript import BAR, INDENT, render
from bot.domain.utterance import Speaker, Utterance

MIRA = Character("mira", "Mira {the} innkeeper", "You are Mira, {braces} and all.\n")


def test_the_persona_comes_first_and_unchanged() -> None:
    assert instructions(MIRA).startswith("You are Mira, {braces} and all.\n\n# The room")
    assert "what Mira {the} innkeeper says" in instructions(MIRA)


def test_the_room_is_explained_in_few_words() -> None:
    bare = instructions(Character("x", "X", ""))
    assert len(bare.split()) < 350


def test_the_header_in_the_instructions_is_the_one_that_is_written() -> None:
    said = Utterance(
        1,
        2,
        Speaker(123456789, "Ada"),
        "hello",
        datetime(2026, 11, 21, 18, 42, tzinfo=UTC),
        reply_to=9,
        reply_to_name=MIRA.name,
    )
    header, body = render([said]).split("\n")
    assert header in instructions(MIRA).split("\n")
    assert body == f"{INDENT}hello"
    assert len(INDENT) == 2
    assert "indented by two spaces" in instructions(MIRA)
    assert f"after a bar ({BAR.strip()})" in instructions(MIRA)


def test_every_tool_that_is_named_is_one_that_we_serve() -> None:
    named = set(re.findall(r"`([a-z_]+)`", instructions(MIRA))) - {"code"}
    assert named == {"roll_dice", "read_guidelines", "skip"}


def test_only_who_has_moods_is_told_of_them() -> None:
    faces = tuple(Mood(name, f"https://x.example/{name}.png") for name in ("grim", "in doubt"))
    told = instructions(replace(MIRA, moods=faces))
    assert "Your moods are grim, in doubt: `set_mood` when" in told
    assert "set_mood" not in instructions(MIRA)
