"""Links that pretend to lead elsewhere are taken apart; honest ones stay."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.links import unmasked

EVIL = "https://elsewhere.example/login"


@pytest.mark.parametrize(
    "label",
    [
        "https://discord.com/login",
        "discord.com",
        "www.discord.com",
        "DISCORD.COM",
        "Log in at discord.com now",
        "discord.gg/abc",
        "disc\u043erd.com",
        "dis\u200bcord.com",
        "\u202emoc.drocsid",
        "\uff44\uff49\uff53\uff43\uff4f\uff52\uff44\uff0e\uff43\uff4f\uff4d",
        "discord\u3002com",
        "discord[.]com",
        "**discord**.com",
        "`discord.com`",
        "||discord.com||",
        "[https://discord.com]",
        "a [b] https://discord.com",
        "https://discord.com]x",
        "<https://discord.com>",
        "discord://-/channels",
        "127.0.0.1",
        "xn--dscord-r1a.com",
        "login.\u4f8b\u3048.\u30c6\u30b9\u30c8",
        "two\nlines of discord.com",
    ],
)
@pytest.mark.parametrize(
    "target", [EVIL, f"<{EVIL}>", EVIL.upper(), f" {EVIL} ", f'{EVIL} "title"', "discord://x/y"]
)
def test_a_label_that_is_another_address_stands_beside_the_true_one(label, target):
    text = f"Look: [{label}]({target}) and more"
    assert unmasked(text) == f"Look: [{label}] ({target}) and more"


@pytest.mark.parametrize(
    "target",
    [
        "https://discord.com@elsewhere.example/",
        "https://elsewhere.example\\@discord.com",
        "https://discord.com.elsewhere.example/",
        "https://elsewhere.example/discord.com",
        "https://discord.com:80@elsewhere.example",
    ],
)
def test_an_address_that_only_looks_like_the_label_is_another_one(target):
    assert unmasked(f"[discord.com]({target})") == f"[discord.com] ({target})"


def test_a_title_is_read_too():
    text = f'[here]({EVIL} "https://discord.com")'
    assert unmasked(text) == text.replace("](", "] (")


@pytest.mark.parametrize(
    "text",
    [
        "[here](https://example.org/a)",
        "[the page, e.g. this](<https://example.org>)",
        "[version 1.2.3](https://example.org)",
        "[example.org](https://example.org)",
        "[www.example.org/a](https://example.org/a/b)",
        "[https://example.org/a](https://example.org/a)",
        "[README.md](https://example.org/project/README.md)",
        "discord.com [here](https://example.org)",
        "[x](y) and a[i](j) and [discord.com] alone",
    ],
)
def test_what_is_honest_stays(text):
    assert unmasked(text) == text


@given(st.text(alphabet='[](). https:/discord.com<>"*\u200b\n', max_size=80))
def test_only_spaces_are_put_in_and_only_once(text):
    shown = unmasked(text)
    assert shown.replace(" ", "") == text.replace(" ", "")
    assert unmasked(shown) == shown


def test_a_shop_of_a_country_is_no_file():
    text = "[allegro.pl](https://elsewhere.example/allegro.pl)"
    assert unmasked(text) == "[allegro.pl] (https://elsewhere.example/allegro.pl)"


@pytest.mark.parametrize("unit", ["](a:", "](a:a.a.a.", "](\\\\\\a:", '](a:b "discord.com', "[a]("])
def test_links_without_end_are_read_in_linear_time(unit: str):
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        began = time.process_time()
        unmasked(text)
        return time.process_time() - began

    seconds(1_000)
    # 50 ms on a quiet machine; it took three seconds when each label was read to its end.
    assert seconds(20_000) < 0.3
