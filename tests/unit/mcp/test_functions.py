"""The tools as plain functions: the same words, the same checks, the same refusals as over MCP."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer

from bot.action_refusals import TURN_OVER
from bot.domain.actions import Action, ActionResult, React, Skip
from bot.domain.tool_calls import ToolAnswer, ToolCall
from bot.errors import NotPermittedError, RefusedError
from bot.messages.rendering import for_model
from mcp_servers import action, guidelines
from mcp_servers.bearers import Bearers
from mcp_servers.callers import ID_LIMIT
from mcp_servers.functions import ARGUMENTS_LIMIT
from mcp_servers.inside import ToolsInside
from mcp_servers.stdio import NoRoom

BEARER = "the-bearer-of-mira"
NO_ROOM = "You are in no room that this could be done in."


class Scene(NoRoom):
    """A room where a model may react to anything, and skip."""

    def __init__(self) -> None:
        super().__init__()
        self.reactions: list[str] = []
        self.skips: list[str] = []

    def running_turn(self, call: object) -> Scene:
        return self

    async def perform(self, action: Action) -> ActionResult:
        match action:
            case React("🚫"):
                raise NotPermittedError("Add Reactions")
            case React("💥"):
                raise RuntimeError("redis://:hunter22@host")
            case React(emoji):
                self.reactions.append(emoji)
            case Skip(reason):
                self.skips.append(reason)
            case _:
                return await super().perform(action)
        return ActionResult()


def over_mcp(room: NoRoom) -> MCPServer[Any]:
    """The same tools behind an MCP server, each call in that room."""
    return action.create_server(room, rng=random.Random(1), now=lambda: datetime.now(UTC))


class Mira:
    """A process that runs thread-1, and its tools."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.bearers = Bearers()
        self.bearers.admit(BEARER, "mira")
        self.asked: list[tuple[str, str, str | None]] = []
        self.functions = ToolsInside(self.find, self.bearers, host="127.0.0.1").functions

    def find(self, bearer: str, thread_id: str, turn_id: str | None) -> Scene | None:
        self.asked.append((bearer, thread_id, turn_id))
        if turn_id == "over":
            raise RefusedError(TURN_OVER)
        return self.scene if (bearer, thread_id) == (BEARER, "thread-1") else None

    async def call(self, name: str, arguments: object, **more: str) -> ToolAnswer:
        bearer = more.pop("bearer", BEARER)
        ids = {"thread_id": "thread-1", "turn_id": "turn-1"} | more
        return await self.functions.call(bearer, ToolCall(name=name, arguments=arguments, **ids))


@pytest.fixture
def mira() -> Mira:
    return Mira()


async def test_a_model_reads_of_them_what_it_reads_over_mcp(mira: Mira) -> None:
    read = []
    for server in (over_mcp(NoRoom()), guidelines.create_server(NoRoom())):
        async with Client(server) as client:
            read += (await client.list_tools()).tools
    specs = mira.functions.specs
    assert [(spec.name, spec.description, spec.parameters) for spec in specs] == [
        (tool.name, tool.description, tool.input_schema) for tool in read
    ]
    assert len(read) == 13


async def test_a_call_reaches_the_room_of_its_thread_and_names_its_turn(mira: Mira) -> None:
    done = await mira.call("react", {"emoji": "🔥"})
    assert done == ToolAnswer("You reacted with 🔥.")
    assert mira.scene.reactions == ["🔥"]
    assert mira.asked == [(BEARER, "thread-1", "turn-1")]


@pytest.mark.parametrize("ids", [{"thread_id": "thread-9"}, {"thread_id": "x" * (ID_LIMIT + 1)}])
async def test_a_thread_that_is_not_the_process_own_has_no_room(mira: Mira, ids) -> None:
    refused = await mira.call("react", {"emoji": "🔥"}, **ids)
    assert refused == ToolAnswer(f"Error executing tool react: {NO_ROOM}", success=False)
    assert mira.scene.reactions == []


async def test_without_the_bearer_of_a_living_process_nothing_is_done(mira: Mira) -> None:
    mira.bearers.revoke(BEARER)
    for bearer in (BEARER, "a stranger's", ""):
        refused = await mira.call("roll_dice", {"expression": "d6"}, bearer=bearer)
        assert refused == ToolAnswer("This process may use no tools.", success=False)
    assert mira.asked == []


async def test_a_turn_that_is_over_is_refused(mira: Mira) -> None:
    refused = await mira.call("skip", {}, turn_id="over")
    told = f"Error executing tool skip: {for_model(TURN_OVER)}"
    assert refused == ToolAnswer(told, success=False)


REFUSED = [
    ("react", {"emoji": "🚫"}),
    ("react", {"emoji": "two words"}),
    ("react", {}),
    ("react", {"emoji": ["🔥"]}),
    ("poll", {"question": "Soup?", "answers": ["yes"]}),
    ("poll", {"question": "Soup?", "answers": "yes"}),
    ("whisper", {"text": "psst"}),
    ("send_file", {"name": "a.md", "text": " "}),
    ("roll_dice", {"expression": "no dice"}),
    ("current_time", {"timezone": "Atlantis"}),
]


@pytest.mark.parametrize(("name", "arguments"), REFUSED)
async def test_what_is_refused_is_refused_in_the_same_words_as_over_mcp(
    mira: Mira, name: str, arguments: dict[str, object]
) -> None:
    async with Client(over_mcp(mira.scene)) as client:
        told = await client.call_tool(name, arguments)
    assert told.is_error
    refused = await mira.call(name, arguments)
    assert refused == ToolAnswer(told.content[0].text, success=False)


async def test_the_text_of_a_fault_of_ours_stays_inside(mira: Mira, caplog) -> None:
    failed = await mira.call("react", {"emoji": "💥"})
    assert failed == ToolAnswer("Error executing tool react", success=False)
    assert "the tool react failed" in caplog.text


@pytest.mark.parametrize("arguments", [None, "{}", 7, ["🔥"], True])
async def test_arguments_that_are_no_object_are_refused(mira: Mira, arguments: object) -> None:
    refused = await mira.call("skip", arguments)
    assert refused == ToolAnswer("The arguments must be a JSON object.", success=False)


async def test_arguments_beyond_the_limit_are_refused(mira: Mira) -> None:
    refused = await mira.call("skip", {"reason": "x" * ARGUMENTS_LIMIT})
    assert refused == ToolAnswer("The arguments are too long.", success=False)
    assert mira.scene.skips == []


async def test_an_unknown_tool_is_named(mira: Mira) -> None:
    refused = await mira.call("shell" * 100, {})
    assert refused == ToolAnswer(f"Unknown tool: {'shell' * 20}", success=False)


async def test_no_log_and_no_repr_shows_the_bearer(mira: Mira, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    await mira.call("react", {"emoji": "🔥"}, thread_id="thread-9")
    assert BEARER not in caplog.text


def test_the_version_follows_what_a_model_reads(mira: Mira) -> None:
    tool = mira.functions._tools["skip"]
    before = mira.functions.version
    assert Mira().functions.version == before
    mira.functions._tools["skip"] = tool.model_copy(update={"description": "Be silent."})
    assert mira.functions.version != before
