"""How the tools look to a model: small, annotated, said once."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import get_args

import pytest
from mcp import Client

from bot.domain.actions import Action
from mcp_servers import action, guidelines
from mcp_servers.guidelines.server import RULES_LIMIT, words
from mcp_servers.ports import Guidelines
from mcp_servers.stdio import NoRoom


def servers():
    room = NoRoom()
    rng = random.SystemRandom()
    return (
        action.create_server(room, rng=rng, now=lambda: datetime.now(UTC)),
        guidelines.create_server(room),
    )


async def listed():
    tools = []
    for server in servers():
        async with Client(server) as client:
            tools += (await client.list_tools()).tools
    return tools


# Every request carries them: some 1,000 tokens, an eighth of the smallest usual window (8k).
# The 13 tools take 3,202 bytes; this leaves room for three more of the usual 250.
TOOL_TEXTS_LIMIT = 4_000


async def test_all_that_a_model_reads_of_the_tools_fits_an_eighth_of_a_small_window():
    read = [
        {"name": tool.name, "description": tool.description, "parameters": tool.input_schema}
        for tool in await listed()
    ]
    size = len(json.dumps(read, ensure_ascii=False).encode())
    assert size <= TOOL_TEXTS_LIMIT, size


async def test_every_tool_has_a_title_and_every_hint():
    for tool in await listed():
        assert tool.title
        assert tool.annotations is not None
        assert None not in tool.annotations.model_dump(exclude={"title"}).values()
        assert tool.annotations.destructive_hint is False
        assert tool.output_schema is None


async def test_only_what_changes_nothing_is_marked_as_reading():
    reading = {tool.name for tool in await listed() if tool.annotations.read_only_hint}
    assert reading == {"current_time", "roll_dice", "read_guidelines"}


async def test_an_action_and_its_tool_agree_on_the_name_and_on_what_repeating_does():
    hints = {tool.name: tool.annotations.idempotent_hint for tool in await listed()}
    actions = {kind.name: kind.idempotent for kind in get_args(Action)}
    assert {name: hints[name] for name in actions} == actions


# What a poll's question or a thread's name is need not be said.
PLAIN = {"question", "answers", "hours", "name", "text"}


async def test_every_argument_that_is_not_plain_is_described_and_carries_no_title():
    for tool in await listed():
        assert "title" not in tool.input_schema
        for name, rule in tool.input_schema["properties"].items():
            assert name in PLAIN or rule["description"]
            assert "title" not in rule
            assert rule.get("default", 1)


@pytest.mark.parametrize("emoji", ["", "  ", "🔥 🔥", "x" * 65])
async def test_what_cannot_be_one_emoji_is_refused_before_any_room_is_asked(emoji):
    async with Client(servers()[0]) as client:
        result = await client.call_tool("react", {"emoji": emoji})
    assert result.content[0].text.endswith("Give exactly one emoji.")


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("poll", {"question": "Soup?", "answers": ["yes"]}, "2 to 10 different answers"),
        ("open_thread", {"name": " \n "}, "needs a name"),
        ("send_file", {"name": "a.md", "text": " "}, "would be empty"),
        ("send_file", {"name": "a.md", "text": "x" * 30_001}, "30,000 characters at most"),
    ],
)
async def test_what_discord_would_refuse_is_refused_before_any_room_is_asked(name, arguments, says):
    async with Client(servers()[0]) as client:
        result = await client.call_tool(name, arguments)
    assert says in result.content[0].text


def test_rules_are_cut_where_they_would_drown_the_talk():
    text = words(Guidelines(guild="g" * (RULES_LIMIT + 1), character="c"))
    assert text.count("g") == RULES_LIMIT
    assert text.endswith("# Your own\nc")
