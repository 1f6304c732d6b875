"""Who may call the tools over HTTP, and which room a call reaches."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from bot.action_refusals import NO_MESSAGE_ANSWERED, TURN_OVER
from bot.domain.action_arguments import Poll
from bot.domain.actions import (
    OpenThread,
    Pin,
    ReplyTo,
    SendFile,
    SetMood,
    SetStatus,
    StartPoll,
    Whisper,
)
from bot.domain.enclosing import Enclosure
from bot.errors import RefusedError
from bot.messages.rendering import for_model
from mcp_servers.http import BODY_LIMIT
from mcp_servers.ports import Guidelines
from tests.integration.mcp.parts import House

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
JSON = {"Accept": "application/json, text/event-stream"}


@contextlib.asynccontextmanager
async def client_of(house: House, name: str, bearer: str) -> AsyncIterator[Client]:
    url = f"{house.server.url}/mcp/{name}"
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {bearer}"}) as http,
        Client(streamable_http_client(url, http_client=http), mode="legacy") as client,
    ):
        yield client


class Mira:
    """A process called mira, which runs thread-1."""

    def __init__(self, house: House) -> None:
        self.scene = house.seat("mira", "thread-1")
        self._house = house
        self._bearer = house.start("mira")

    async def call_tool(self, name: str, arguments=None, meta=None, server: str = "action"):
        async with client_of(self._house, server, self._bearer) as client:
            return await client.call_tool(name, arguments, meta=meta)


@pytest.fixture
def mira(house: House) -> Mira:
    return Mira(house)


async def post(house: House, path: str = "/mcp/action", **request) -> httpx2.Response:
    async with httpx2.AsyncClient() as http:
        headers = JSON | request.pop("headers", {})
        method = request.pop("method", "POST")
        return await http.request(method, house.server.url + path, headers=headers, **request)


async def test_each_server_lists_its_own_tools(house):
    names = {}
    for server in ("action", "guidelines"):
        async with client_of(house, server, house.start("mira")) as client:
            names[server] = [tool.name for tool in (await client.list_tools()).tools]
    assert names == {
        "action": [
            *("react", "reply_to", "skip", "current_time", "roll_dice", "poll", "open_thread"),
            *("pin", "send_file", "whisper", "set_status", "set_mood"),
        ],
        "guidelines": ["read_guidelines"],
    }


async def test_a_call_reaches_the_room_of_its_thread(house, mira):
    other = house.seat("mira", "thread-2")
    result = await mira.call_tool("react", {"emoji": "🔥"}, meta={"threadId": "thread-1"})
    assert not result.is_error
    assert mira.scene.reactions == ["🔥"]
    assert other.reactions == []


async def test_the_thread_may_stand_in_codex_own_turn_metadata_only(house, mira):
    meta = {"x-codex-turn-metadata": {"thread_id": "thread-1", "turn_id": "t"}}
    await mira.call_tool("skip", {"reason": "not  mine\n to say"}, meta=meta)
    assert mira.scene.skips == ["not mine to say"]
    assert house.turns_named == ["t"]


@pytest.mark.parametrize("told", [None, {}, {"turn_id": 7}, {"turn_id": "x" * 201}, "{", 7])
async def test_a_call_need_not_name_its_turn(house, mira, told):
    meta = {"threadId": "thread-1", "x-codex-turn-metadata": told}
    assert not (await mira.call_tool("skip", meta=meta)).is_error
    assert house.turns_named == [None]


async def test_each_action_reaches_its_scene_with_what_was_given(house, mira):
    calls = {
        "reply_to": {"quote": "the soup"},
        "poll": {"question": "Lunch?", "answers": ["soup", "stew"], "hours": 1, "several": True},
        "open_thread": {"name": " The\ncellar "},
        "pin": {},
        "send_file": {"name": "../notes.md", "text": "# Notes"},
        "whisper": {"text": "Psst."},
        "set_status": {"text": "stirring"},
        "set_mood": {"mood": "laughing"},
    }
    told = [
        (await mira.call_tool(name, given, meta={"threadId": "thread-1"})).content[0].text
        for name, given in calls.items()
    ]
    assert mira.scene.actions == [
        ReplyTo("the soup"),
        StartPoll(Poll("Lunch?", ("soup", "stew"), 1, several=True)),
        OpenThread("The cellar"),
        Pin(),
        SendFile(Enclosure("notes.md", "# Notes")),
        Whisper("Psst."),
        SetStatus("stirring"),
        SetMood("laughing"),
    ]
    assert told[0] == "Your words will link to that message of Ann. Now speak."
    assert told[4] == "notes.md is in the room."


@pytest.mark.parametrize("meta", [{"threadId": "thread-9"}, {"threadId": "thread-2"}, {}, None])
async def test_a_thread_that_is_not_the_process_own_is_refused_in_one_line(house, mira, meta):
    others = house.seat("joe", "thread-2")
    result = await mira.call_tool("react", {"emoji": "🔥"}, meta=meta)
    assert result.is_error
    assert result.content[0].text.endswith("You are in no room that this could be done in.")
    assert "\n" not in result.content[0].text
    assert mira.scene.reactions == others.reactions == []


async def test_dice_and_time_need_no_room(house, mira):
    rolled = await mira.call_tool("roll_dice", {"expression": "3d6"})
    told = await mira.call_tool("current_time", {"timezone": "Asia/Tokyo"})
    assert rolled.content[0].text.startswith("3d6 [")
    assert "Asia/Tokyo, UTC+09:00" in told.content[0].text


async def test_what_discord_refuses_is_told_to_the_model(house, mira):
    mira.scene.may_react = False
    result = await mira.call_tool("react", {"emoji": "🔥"}, meta={"threadId": "thread-1"})
    assert result.is_error
    assert "missing permission: Add Reactions" in result.content[0].text


async def test_the_text_of_an_unexpected_error_stays_inside(house, mira, monkeypatch, caplog):
    async def broken(action):
        raise RuntimeError("redis://:hunter22@host")

    monkeypatch.setattr(mira.scene, "perform", broken)
    result = await mira.call_tool("react", {"emoji": "🔥"}, meta={"threadId": "thread-1"})
    assert result.is_error
    assert "hunter22" not in result.content[0].text


async def test_rules_are_read_as_they_are_at_the_call(house, mira):
    meta = {"threadId": "thread-1"}
    first = await mira.call_tool("read_guidelines", meta=meta, server="guidelines")
    mira.scene.rules = Guidelines(guild="Be loud.")
    second = await mira.call_tool("read_guidelines", meta=meta, server="guidelines")
    assert first.content[0].text == (
        "# Rules of this place\nBe kind.\n\n# Your own\nSpeak in rhymes."
    )
    assert second.content[0].text == "# Rules of this place\nBe loud."


@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer nobody", "Basic bWlyYTo=", "Bearer \xe9"])
async def test_without_the_bearer_of_a_living_process_the_door_stays_shut(house, sent):
    house.start("mira")
    headers = {} if sent is None else {"Authorization": sent.encode("latin-1")}
    answer = await post(house, json=LIST, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content == b""


async def test_a_bearer_dies_with_its_process(house):
    bearer = house.start("mira")
    headers = {"Authorization": f"bearer {bearer}"}
    assert (await post(house, json=LIST, headers=headers)).status_code == 200
    house.bearers.revoke(bearer)
    assert (await post(house, json=LIST, headers=headers)).status_code == 401


async def test_a_web_page_that_rebinds_a_name_to_this_machine_is_turned_away(house):
    bearer = {"Authorization": f"Bearer {house.start('mira')}"}
    for name, host in {"evil.example": 421, f"localhost:{house.server.port}": 200}.items():
        answer = await post(house, json=LIST, headers=bearer | {"Host": name})
        assert answer.status_code == host
    foreign = bearer | {"Origin": "https://evil.example"}
    assert (await post(house, json=LIST, headers=foreign)).status_code == 403


@pytest.mark.parametrize(
    ("listens_on", "named"),
    [("0.0.0.0", False), ("::", False), ("192.0.2.5", True), ("127.0.0.1", False)],
)
async def test_only_an_address_that_the_owner_named_is_a_host_besides_this_machine(
    listens_on, named
):
    house = House(listens_on)
    async with house.server:
        bearer = {"Authorization": f"Bearer {house.start('mira')}"}
        here = await post(house, json=LIST, headers=bearer)
        there = await post(house, json=LIST, headers=bearer | {"Host": "192.0.2.5:8642"})
    assert here.status_code == 200
    assert there.status_code == (200 if named else 421)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_beyond_the_limit_is_refused_before_it_is_read(house, declared):
    async def pieces():
        yield body

    body = json.dumps(LIST | {"params": {"x": "x" * BODY_LIMIT}}).encode()
    headers = {
        "Authorization": f"Bearer {house.start('mira')}",
        "Content-Type": "application/json",
    }
    answer = await post(house, content=body if declared else pieces(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_only_post_is_served_so_no_stream_stays_open(house, method):
    headers = {"Authorization": f"Bearer {house.start('mira')}"}
    answer = await post(house, method=method, headers=headers)
    assert answer.status_code == 405


async def test_an_error_meant_for_people_is_told_as_it_is(house, mira, monkeypatch):
    async def refuse(action):
        raise RefusedError(NO_MESSAGE_ANSWERED)

    monkeypatch.setattr(mira.scene, "perform", refuse)
    result = await mira.call_tool("skip", meta={"threadId": "thread-1"})
    assert result.is_error
    assert result.content[0].text.endswith(for_model(NO_MESSAGE_ANSWERED))


async def test_a_turn_that_is_over_is_told_as_such(house, mira):
    house.turns_are_over = True
    result = await mira.call_tool("skip", meta={"threadId": "thread-1"})
    assert result.is_error
    assert result.content[0].text.endswith(for_model(TURN_OVER))
