"""The scripted model over a real socket: what goes over the wire, step by step."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from bot.tasks import Tasks
from sandbox.model import (
    ModelServer,
    Rule,
    always,
    call,
    commentary,
    cut,
    fail,
    gate,
    hang,
    http,
    say,
    usage,
)

SOON = 5.0
HELLO = {"model": "m", "instructions": "You are Mira.", "input": "hello", "stream": True}


@pytest.fixture
async def client():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SOON)) as session:
        yield session


def parsed(raw):
    blocks = raw.decode().split("\n\n")
    return [json.loads(block.split("data: ", 1)[1]) for block in blocks if "data: " in block]


def post(client, model, body=HELLO):
    return client.post(model.base_url + "/responses", json=body)


async def ask(client, model, body=HELLO):
    async with post(client, model, body) as answer:
        return answer.status, parsed(await answer.read())


def deltas(events):
    return [event["delta"] for event in events if event["type"] == "response.output_text.delta"]


async def test_words_come_one_by_one_and_join_to_the_text(client):
    text = "Come in,  please!\nMind the *step*. "
    async with ModelServer([always(say(text))]) as model:
        _, events = await ask(client, model)
    assert len(deltas(events)) == 7
    assert "".join(deltas(events)) == text
    done = next(event for event in events if event["type"] == "response.output_item.done")
    assert done["item"]["content"][0]["text"] == text
    assert done["item"]["phase"] == "final_answer"
    assert events[0]["type"] == "response.created"
    assert events[-1]["type"] == "response.completed"
    assert events[-1]["response"]["usage"]["total_tokens"] > 0


async def test_chunks_are_whole_or_of_a_size(client):
    async with ModelServer([always(say("abcdef", chunk=4), say("a b", chunk="whole"))]) as model:
        _, events = await ask(client, model)
    assert deltas(events) == ["abcd", "ef", "a b"]


async def test_a_tool_call_takes_the_namespace_under_which_it_is_offered(client):
    namespace = {"type": "namespace", "name": "mcp__action", "tools": [{"name": "react"}]}
    offered = {"type": "additional_tools", "tools": [namespace]}
    async with ModelServer([always(call("react", {"emoji": "👋"}))]) as model:
        _, events = await ask(client, model, HELLO | {"input": [offered]})
    item = events[1]["item"]
    assert (item["name"], item["namespace"]) == ("react", "mcp__action")
    assert json.loads(item["arguments"]) == {"emoji": "👋"}


async def test_the_first_rule_that_matches_counts_and_times_run_out(client):
    script = [Rule(then=[say("once")], times=1), Rule(then=[say("then")])]
    async with ModelServer(script) as model:
        assert deltas((await ask(client, model))[1]) == ["once"]
        assert deltas((await ask(client, model))[1]) == ["then"]


async def test_a_rule_sees_the_request(client):
    def seen(request):
        assert request.instructions == "You are Mira."
        return "hello" in request.last_user_text

    async with ModelServer([Rule(seen, lambda request: [say(request.model)])]) as model:
        assert deltas((await ask(client, model))[1]) == ["m"]


async def test_a_hole_in_the_script_is_seen(client):
    async with ModelServer([Rule(lambda _: False)]) as model, post(client, model) as answer:
        assert answer.status == 400
        assert "no rule" in await answer.text()


async def test_what_is_no_request_is_refused_and_not_recorded(client):
    async with ModelServer([always(say("x"))]) as model:
        for raw in (b"", b"[]", b"{", b"\xff"):
            async with client.post(model.base_url + "/responses", data=raw) as answer:
                assert answer.status == 400
        assert len(model.requests) == 0


async def test_a_failure_ends_the_stream_with_its_code(client):
    async with ModelServer([always(commentary("hm"), fail("server_overloaded"))]) as model:
        _, events = await ask(client, model)
    assert events[-1]["type"] == "response.failed"
    assert events[-1]["response"]["error"]["code"] == "server_overloaded"


async def test_faults_come_before_the_script_and_go_again(client):
    async with ModelServer([always(say("well"))]) as model:
        model.faults.add(http(429, {"retry-after": "7"}), times=2)
        for _ in range(2):
            async with post(client, model) as answer:
                assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        assert deltas((await ask(client, model))[1]) == ["well"]
        model.faults.add(http(500), times=None)
        model.faults.clear()
        assert (await ask(client, model))[0] == 200


@pytest.mark.parametrize("steps", [[say("a b c d"), cut(after=2)], [say("a b"), cut(), say("c")]])
async def test_a_cut_closes_the_connection_after_that_many_chunks(client, steps):
    received = b""

    async def listen(answer):
        nonlocal received
        async for piece in answer.content.iter_any():
            received += piece

    async with ModelServer([always(*steps)]) as model, post(client, model) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await listen(answer)
    assert deltas(parsed(received)) == ["a", " b"]


async def test_a_gate_holds_the_rest_back_until_it_opens(client):
    opened = asyncio.Event()
    script = [always(say("before"), gate(opened), say("after"))]
    async with ModelServer(script) as model, post(client, model) as answer:
        first = await answer.content.readuntil(b'"delta":"before"}')
        assert b"after" not in first
        opened.set()
        assert b'"delta":"after"' in await answer.read()


async def test_a_model_that_hangs_can_still_be_closed(client):
    async with Tasks("test") as tasks, ModelServer([always(say("x"), hang())]) as model:
        asking = tasks.start("ask", ask(client, model))
        await model.requests.reach(1)
        async with asyncio.timeout(SOON):
            await model.__aexit__(None, None, None)
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_requests_can_be_waited_for(client):
    async with Tasks("test") as tasks, ModelServer([always(say("x"))]) as model:
        waiting = tasks.start("wait", model.requests.first(lambda r: r.last_user_text == "two"))
        await ask(client, model)
        await ask(client, model, HELLO | {"input": "two"})
        assert (await waiting).last_user_text == "two"
        assert (await model.requests.reach(2)).size > 0
        with pytest.raises(TimeoutError):
            await model.requests.reach(3, timeout=0.01)


async def test_the_reported_tokens_can_be_set(client):
    async with ModelServer([always(say("x"), usage(1000, 50))]) as model:
        _, events = await ask(client, model)
    assert events[-1]["response"]["usage"]["total_tokens"] == 1050


async def test_two_models_live_side_by_side(client):
    async with ModelServer([always(say("a"))]) as one, ModelServer([always(say("b"))]) as two:
        assert deltas((await ask(client, one))[1] + (await ask(client, two))[1]) == ["a", "b"]
