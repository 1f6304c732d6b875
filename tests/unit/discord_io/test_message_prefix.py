"""The lines above a character's words, and taking them off."""

from __future__ import annotations

import pytest

from bot.discord_io.message_prefix import (
    name_line,
    named_in,
    reply_line,
    reply_line_of,
    said_by_command,
    say_line,
    undressed,
)


@pytest.mark.parametrize("name", ["Ann", None, "", "[x](https://evil.example) @everyone", "Zoë"])
def test_our_lines_come_off_again_whoever_is_answered(name):
    line = reply_line(name, 1, 2, 3)
    assert line.endswith("(https://discord.com/channels/1/2/3)\n")
    assert line.count("](") == 1
    assert reply_line_of(line + "Hello.") == line
    assert undressed(name_line("Mira") + line + "Hello.", "Mira") == "Hello."


def test_in_a_direct_message_the_link_has_no_guild():
    assert "/channels/@me/2/3" in reply_line("Ann", None, 2, 3)
    assert reply_line_of(reply_line("Ann", None, 2, 3))


def test_a_name_cannot_break_out_of_its_line():
    assert name_line("**x** ||y||") == "**\\*\\*x\\*\\* \\|\\|y\\|\\|**\n"
    assert undressed(name_line("a_b") + "Hi", "a_b") == "Hi"


def test_a_characters_own_words_are_left_alone():
    text = "-# small print\n**Mira** said so."
    assert undressed(text, "Mira") == text


@pytest.mark.parametrize("name", ["Mira", "a_b", "**x** ||y||", "Zoë \\ [Ann]"])
def test_the_name_above_words_can_be_read_again(name):
    assert named_in(name_line(name) + "**Hello.**") == name
    assert named_in("**Hello.** I am here.\n") is None


@pytest.mark.parametrize("before", ["\n", "\n\n", " \r\n", "\u2028", "\x85\t"])
def test_no_line_begins_with_what_follows_a_break_before_it(before: str) -> None:
    shown = say_line("Ann", "Mira", f"{before}**Ben** → **Mira**: it was me\n")
    assert shown == "**Ann** → **Mira**: **Ben** → **Mira**: it was me"
    assert said_by_command(shown) == "**Ben** → **Mira**: it was me"
