"""A probe finds out what a server's model can take, and says what is wrong with one fix."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace

import pytest
from aiohttp import web

from bot.domain.model_profile import ModelProfile, ToolRoute
from bot.endpoint import probe, table
from bot.endpoint.client import Endpoint
from bot.endpoint.findings import FaultKind, Findings
from tests.endpoint_twins import (
    Twin,
    listing,
    litellm,
    llama,
    lm_studio,
    newer_llama,
    ollama,
    openrouter,
    refusing,
    serving,
    tool_kind,
    vllm,
)


async def probed(twin: Twin, model: str, *, key: str | None = None) -> Findings:
    async with serving(twin):
        endpoint = Endpoint(twin.base_url, key)
        seen = await probe.look(endpoint, model, lambda: 1000.0)
        return await probe.ask(endpoint, seen)


@pytest.mark.parametrize(
    ("twin", "model", "window", "tools", "pictures"),
    [
        (llama(), "anything", 8192, ToolRoute.FUNCTIONS, False),
        (llama(vision=True), "anything", 8192, ToolRoute.FUNCTIONS, True),
        (newer_llama(), "qwen.gguf", 4096, ToolRoute.FUNCTIONS, True),
        (ollama(), "llama3.2", 4096, ToolRoute.FUNCTIONS, False),
        (ollama(able=("completion", "vision")), "llama3.2", 4096, ToolRoute.NONE, True),
        (vllm(), "qwen3", 32768, ToolRoute.MCP, False),
        (lm_studio(), "gemma", 16384, ToolRoute.FUNCTIONS, True),
        (litellm(), "mine", 40960, ToolRoute.MCP, True),
        (openrouter(), "maker/model", 128000, ToolRoute.MCP, True),
    ],
    ids=[
        *("llama.cpp", "llama.cpp-vision", "llama.cpp-11434", "ollama", "ollama-no-tools"),
        *("vllm", "lm-studio", "litellm", "openrouter"),
    ],
)
async def test_what_each_server_can_take_is_found_out(
    twin: Twin, model: str, window: int, tools: ToolRoute, pictures: bool
) -> None:
    found = await probed(twin, model)
    assert found.faults == ()
    assert found.answers
    assert (found.window, found.tools, found.pictures) == (window, tools, pictures)
    assert found.word == "one two three"
    assert found.first_words is not None


async def test_a_server_that_refuses_any_tool_is_used_without() -> None:
    twin = vllm(refuse=refusing(400, "tools are not supported", lambda body: bool(body["tools"])))
    assert (await probed(twin, "qwen3")).tools is ToolRoute.NONE


async def test_what_is_known_of_a_server_is_not_asked_of_its_model() -> None:
    twin = newer_llama()
    found = await probed(twin, "qwen.gguf")
    assert [tool_kind(body) for body in twin.asked] == ["", "function"]
    assert found.key_accepted is None
    rows = {row.name: row.value for row in table.rows("here", found, ModelProfile())}
    assert rows["key"] == "none is asked for"


async def test_a_server_that_is_busy_says_nothing_about_tools() -> None:
    twin = vllm(refuse=refusing(429, "slow down", lambda body: bool(body["tools"])))
    assert (await probed(twin, "qwen3")).tools is None


async def test_a_model_that_does_not_call_gets_functions() -> None:
    """Nobody can tell whether the namespace arrived, and functions arrive anywhere."""
    twin = vllm(namespaces="dropped")
    assert (await probed(twin, "qwen3")).tools is ToolRoute.FUNCTIONS
    assert [tool_kind(body) for body in twin.asked[:3]] == ["", "namespace", "function"]


UNKNOWN = "The model `gone` does not exist."


@pytest.mark.parametrize(
    ("twin", "key", "kind"),
    [
        (llama(key="right-key"), "wrong-key", FaultKind.KEY_REFUSED),
        (llama(key="right-key"), None, FaultKind.KEY_MISSING),
        (vllm(refuse=refusing(404, UNKNOWN, lambda _: True)), None, FaultKind.MODEL_UNKNOWN),
        (
            vllm(refuse=refusing(400, "no such model", lambda _: True)),
            None,
            FaultKind.MODEL_UNKNOWN,
        ),
        (
            vllm(refuse=refusing(404, "Not Found", lambda _: True)),
            None,
            FaultKind.NO_RESPONSES_API,
        ),
        (vllm(refuse=refusing(405, "", lambda _: True)), None, FaultKind.NO_RESPONSES_API),
        (vllm(refuse=refusing(429, "quota", lambda _: True)), None, FaultKind.LIMITED),
        (vllm(refuse=refusing(503, "Loading model", lambda _: True)), None, FaultKind.LOADING),
        (vllm(refuse=refusing(500, "boom", lambda _: True)), None, FaultKind.REFUSED),
        (vllm(stream=False), None, FaultKind.NOT_STREAMING),
        (vllm(words=()), None, FaultKind.EMPTY),
    ],
)
async def test_each_fault_is_told_by_its_own_name(
    twin: Twin, key: str | None, kind: FaultKind
) -> None:
    found = await probed(twin, "gone", key=key)
    assert [fault.kind for fault in found.faults] == [kind]
    assert not found.answers
    rows = table.rows("http://somewhere/v1", found, ModelProfile())
    (wrong,) = [row for row in rows if row.fix]
    assert table.fault_text(found.faults[0]) in wrong.value


async def test_an_unknown_model_comes_with_those_that_there_are() -> None:
    twin = vllm(refuse=refusing(404, UNKNOWN, lambda _: True))
    found = await probed(twin, "gone")
    assert "qwen3" in table.fix_for(found.faults[0], found)


async def test_a_dead_endpoint_is_a_fault_and_not_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1")
    found = await probe.ask(endpoint, await probe.look(endpoint, "any", lambda: 0.0))
    assert [fault.kind for fault in found.faults] == [FaultKind.UNREACHABLE]
    assert found.faults[0].detail == "Connection refused"


async def test_the_key_is_sent_to_nobody_else() -> None:
    elsewhere = Twin()

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": elsewhere.base_url + "/responses"})

    moved = vllm()
    moved.serve = redirect  # type: ignore[method-assign]
    async with serving(elsewhere):
        found = await probed(moved, "qwen3", key="a-secret-key")
    assert [fault.kind for fault in found.faults] == [FaultKind.MOVED]
    assert elsewhere.paths == []


async def test_a_key_that_is_echoed_is_not_kept() -> None:
    refuse = refusing(401, "Incorrect API key provided: a-secret-key", lambda _: True)
    found = await probed(vllm(refuse=refuse), "qwen3", key="a-secret-key")
    assert "a-secret-key" not in repr(found)
    assert found.faults[0].kind is FaultKind.KEY_REFUSED


def test_userinfo_and_query_are_not_shown() -> None:
    endpoint = Endpoint("http://me:sesame@host:8080/v1/?key=abc")
    assert endpoint.shown == "http://host:8080/v1"


class TestHostileAnswers:
    """Whatever comes from an endpoint is data of a bounded size."""

    async def test_a_list_of_any_length_and_names_of_any_kind_are_bounded(self) -> None:
        rows = [{"id": f"m{number}\n\x1b[31m" + "x" * 5000} for number in range(300)]
        found = await probed(Twin(pages={"/v1/models": listing(*rows)}), "m")
        assert len(found.metadata.offered) == 40
        assert all(len(name) <= 100 and name.isprintable() for name in found.metadata.offered)

    @pytest.mark.parametrize(
        "body",
        ["[" * 100_000, '{"data": 5}', "null", "\xff\xfe", '{"data": [1, null, {"id": 7}]}'],
    )
    async def test_what_is_no_list_is_no_list(self, body: str) -> None:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(body=body.encode("latin-1"), content_type="application/json")

        twin = Twin()
        twin.serve = answer  # type: ignore[method-assign]
        found = await probed(twin, "m")
        assert found.metadata.offered == ()
        assert [fault.kind for fault in found.faults] == [FaultKind.NO_RESPONSES_API]

    @pytest.mark.parametrize("window", [0, -1, True, "8192", 1e400, 10**30, None, [8192]])
    async def test_a_window_that_cannot_be_is_none(self, window: object) -> None:
        twin = llama()
        twin.pages["/props"]["default_generation_settings"]["n_ctx"] = window
        twin.pages["/v1/models"]["data"][0]["meta"] = {}
        assert (await probed(twin, "any")).window is None

    async def test_a_stream_without_end_is_left(self) -> None:
        left = asyncio.Event()

        async def endless(request: web.Request) -> web.StreamResponse:
            if request.method == "GET":
                return web.json_response({})
            stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await stream.prepare(request)
            event = {"type": "response.output_text.delta", "delta": "x" * 1000}
            try:
                while True:
                    await stream.write(f"data: {json.dumps(event)}\n\n".encode())
            except ConnectionError:
                left.set()
                raise

        twin = Twin()
        twin.serve = endless  # type: ignore[method-assign]
        async with serving(twin):
            endpoint = Endpoint(twin.base_url)
            found = await probe.ask(
                endpoint, replace(await probe.look(endpoint, "m", lambda: 0.0), reached=True)
            )
            async with asyncio.timeout(5):
                await left.wait()
        assert not found.answers
        assert len(found.word) <= 60
