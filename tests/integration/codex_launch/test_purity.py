"""On every model of the catalog, a character reads its persona, the talk and our tools."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import uvicorn
from mcp.server.mcpserver import MCPServer

from bot.codex import protocol
from bot.codex.options import McpEndpoint
from bot.codex.profile import COMPACT_PROMPT
from bot.codex.protocol import ThreadSettings
from bot.codex.tool_calls import METHOD
from bot.domain.tool_calls import ToolAnswer, ToolSpec
from bot.tasks import Tasks
from sandbox.bare_client import BareClient
from sandbox.model import ModelServer, Rule, always, call, say
from sandbox.model.inspect import RESOURCE_TOOLS, foreign_items

PERSONA = "You are Mira, who keeps the inn at the crossroads. Speak plainly.\n\n“Ünïcode” too."
TALK = ["wave at me", "Done.", "and now?", "Now we talk.", "remember\n  this", "I will."]
BEARER = "bearer-of-this-test"
SOON = 10.0


@contextlib.asynccontextmanager
async def action_server() -> AsyncIterator[str]:
    """An MCP server with one tool over HTTP; its address."""
    server = MCPServer("action", log_level="CRITICAL")

    @server.tool(structured_output=False)
    def wave(hand: str) -> str:
        """Wave a hand."""
        return f"waved the {hand} hand"

    app = server.streamable_http_app(json_response=True, stateless_http=True)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False)
    running = uvicorn.Server(config)
    async with Tasks("test") as tasks:
        served = tasks.start("mcp", running._serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        running.should_exit = True
        await served


def script():
    def asked(text):
        return lambda request: text in request.last_user_text and not request.tool_outputs

    answers = dict(zip(TALK[::2], TALK[1::2], strict=True))
    return [
        Rule(asked(TALK[0]), [call("wave", {"hand": "left"})]),
        Rule(then=lambda request: [say(answers[request.last_user_text])]),
    ]


async def slugs(codex) -> list[str]:
    installed = await codex.prepare()
    return [model["slug"] for model in json.loads(installed.catalog.read_text())["models"]]


class Waving(BareClient):
    """A client that serves the tool itself, as a plain function."""

    def _take(self, at, message):
        if message.get("method") != METHOD:
            super()._take(at, message)
            return
        hand = message["params"]["arguments"]["hand"]
        answer = protocol.tool_answer(ToolAnswer(f"waved the {hand} hand"))
        self._write({"id": message["id"], "result": answer})


WAVE = ToolSpec("wave", "Wave a hand.", {"type": "object", "properties": {"hand": {}}})
ROUTES = {
    "mcp": ThreadSettings(PERSONA, ""),
    "functions": ThreadSettings(PERSONA, "", functions=[WAVE], without_servers=["action"]),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("route", ROUTES)
async def test_no_model_of_the_catalog_reads_anything_foreign(codex, route):
    async with action_server() as url, ModelServer(script()) as model:
        endpoint = McpEndpoint("action", url, "BEARER")
        here = codex.against(model, mcp_servers=(endpoint,))
        models = [*await slugs(here), "a-model-of-ones-own"]
        assert len(models) > 4
        spec = await here.spec(BEARER=BEARER)
        allowed = RESOURCE_TOOLS if route == "mcp" else frozenset()
        async with Waving(spec.argv, spec.env, spec.cwd) as bare:
            for slug in models:
                settings = replace(ROUTES[route], model=slug, cwd=str(spec.cwd))
                await hold_pure_talk(bare, model, settings, allowed)


async def hold_pure_talk(bare, model, settings, allowed):
    """Three turns, one with a tool call: four requests, each without a foreign item."""
    before = model.requests.count
    slug = settings.model
    opened = await bare.request("thread/start", **protocol.thread_start(settings))
    for said, answer in zip(TALK[::2], TALK[1::2], strict=True):
        turn = await bare.turn(opened["thread"]["id"], said)
        assert (turn.status, turn.text) == ("completed", answer), (slug, turn.error)
    requests = list(model.requests)[before:]
    assert [request.model for request in requests] == [slug] * 4
    for request in requests:
        foreign = foreign_items(
            request,
            persona=PERSONA,
            conversation=TALK,
            own_tools=["wave"],
            allowed_tools=allowed,
            as_functions=bool(settings.functions),
        )
        assert foreign == [], slug
        assert request.tool("wave") is not None, slug
    assert requests[1].tool_outputs[0].text.endswith("waved the left hand")


async def test_a_thread_without_tools_reads_none_though_its_process_has_a_server(codex):
    async with action_server() as url, ModelServer([always(say("Hi."))]) as model:
        here = codex.against(model, mcp_servers=(McpEndpoint("action", url, "BEARER"),))
        async with await here.client(BEARER=BEARER) as bare:
            for slug in [*await slugs(here), "a-model-of-ones-own"]:
                settings = ThreadSettings(PERSONA, "/", model=slug, without_servers=["action"])
                opened = await bare.request("thread/start", **protocol.thread_start(settings))
                await bare.turn(opened["thread"]["id"], "Hello!")
                assert model.requests[-1].tools == ()


async def test_without_a_server_of_ours_no_tool_is_left(codex):
    async with ModelServer([always(say("Hi."))]) as model:
        here = codex.against(model)
        async with await here.client() as bare:
            for slug in await slugs(here):
                await bare.turn(await bare.start_thread(PERSONA, model=slug), "Hello!")
                request = model.requests[-1]
                assert request.tools == ()
                assert not foreign_items(
                    request, persona=PERSONA, conversation=["Hello!"], own_tools=[]
                )


async def test_stock_codex_would_be_found_out(codex, tmp_path):
    """The inspection itself: without our profile it must object."""
    async with ModelServer([always(say("Hi."))]) as model:
        spec = await codex.against(model).spec()
        keep = ("model_provider=", "model_providers.")
        pairs = zip(spec.argv[2::2], spec.argv[3::2], strict=True)
        stock = [part for pair in pairs if pair[1].startswith(keep) for part in pair]
        client = type(await codex.against(model).client())
        async with client([*spec.argv[:2], *stock], spec.env, spec.cwd) as bare:
            await bare.turn(await bare.start_thread(PERSONA), "Hello!")
        foreign = foreign_items(
            model.requests[-1], persona=PERSONA, conversation=["Hello!"], own_tools=[]
        )
    assert any(item.startswith("tool ") for item in foreign)
    assert any(item.startswith("message ") for item in foreign)


async def test_the_catalog_can_be_switched_off_and_our_tools_still_come_directly(codex):
    async with action_server() as url, ModelServer(script()) as model:
        endpoint = McpEndpoint("action", url, "BEARER")
        here = codex.against(model, mcp_servers=(endpoint,), use_catalog=False)
        assert (await here.prepare()).catalog is None
        async with await here.client(BEARER=BEARER) as bare:
            turn = await bare.turn(await bare.start_thread(PERSONA), TALK[0])
        assert turn.text == TALK[1]
        offered = model.requests[0].tool("wave")
        assert offered is not None
        assert offered.namespace == "mcp__action"


async def test_a_thread_that_grows_too_long_is_noted_down_by_the_characters_own_prompt(codex):
    notes = Rule(lambda request: "lose the older part" in request.last_user_text, [say("Notes.")])
    script = [notes, always(say("Hi."))]
    async with ModelServer(script) as model, await codex.against(model).client() as bare:
        thread = await bare.start_thread(PERSONA)
        await bare.turn(thread, "Hello!")
        await bare.request("thread/compact/start", threadId=thread)
        compaction = await model.requests.reach(2)
    assert compaction.instructions == PERSONA
    assert compaction.last_user_text == COMPACT_PROMPT.strip()
