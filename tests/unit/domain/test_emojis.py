"""A server's own emojis by name."""

from __future__ import annotations

import pytest

from bot.domain.emojis import named, of_name

OWN = {"pepehappy": "<:pepehappy:1>", "Wave": "<a:Wave:2>", "ok": "<:ok:3>", "OK": "<:OK:4>"}


def test_a_name_between_colons_becomes_the_emoji():
    shown = "Hi <:pepehappy:1> <a:Wave:2> **<:ok:3>**"
    assert named("Hi :pepehappy: :wave: **:ok:**", OWN) == shown


def test_several_in_a_row_are_emojis_each():
    shown = named(":ok::ok::unknown::Wave: :OK::ok:12", OWN)
    assert shown == "<:ok:3><:ok:3>:unknown:<a:Wave:2> <:OK:4>:ok:12"
    assert named(shown, OWN) == shown


@pytest.mark.parametrize(
    "text",
    [
        ":unknown: and :Ok:",
        "`:pepehappy:`",
        "```\n:pepehappy:\n```",
        "<:pepehappy:9> <a:Wave:9>",
        "https://example.org/:pepehappy:",
        "12:30:45",
        "a:ok:b",
    ],
)
def test_what_names_none_stays(text):
    assert named(text, OWN) == text


def test_without_emojis_nothing_changes():
    assert named(":pepehappy:", {}) == ":pepehappy:"


@pytest.mark.parametrize("name", ["pepehappy", ":pepehappy:", " :PepeHappy: "])
def test_one_is_found_by_its_name(name):
    assert of_name(name, OWN) == "<:pepehappy:1>"


def test_of_two_that_differ_in_case_the_exact_one_is_meant():
    found = [of_name(name, OWN) for name in ("ok", "OK", "Ok")]
    assert found == ["<:ok:3>", "<:OK:4>", None]
