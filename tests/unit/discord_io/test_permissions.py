"""The table of needed permissions."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import discord

from bot.discord_io.permissions import NEEDS, invite_url, missing, needed
from bot.domain.room import Place


def test_the_invite_asks_for_exactly_the_table():
    query = parse_qs(urlsplit(invite_url(42)).query)
    assert query["client_id"] == ["42"]
    assert query["scope"] == ["bot applications.commands"]
    asked = discord.Permissions(int(query["permissions"][0]))
    assert asked == needed()
    assert all(getattr(asked, need.flag) for need in NEEDS)
    assert asked.value.bit_count() == len(NEEDS)


def test_what_is_lacking_is_named_with_its_reason():
    permissions = needed()
    permissions.manage_webhooks = False
    assert [need.name for need in missing(permissions)] == ["Manage Webhooks"]
    assert all(need.why for need in NEEDS)


def test_nothing_is_lacking_for_an_administrator():
    assert missing(discord.Permissions(administrator=True)) == []
    assert missing(discord.Permissions.none(), Place.DIRECT) == []
    assert len(missing(discord.Permissions.none())) == len(NEEDS)


def test_in_a_thread_only_the_right_to_write_in_threads_counts() -> None:
    without = {need.flag: True for need in NEEDS} | {"send_messages": False}
    assert missing(discord.Permissions(**without), Place.THREAD) == []
    without |= {"send_messages": True, "send_messages_in_threads": False}
    lacking = missing(discord.Permissions(**without), Place.THREAD)
    assert [need.name for need in lacking] == ["Send Messages in Threads"]
