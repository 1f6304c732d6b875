"""Rate limits, error codes and faults of the REST side, as a real client meets them."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from bot.tasks import Tasks
from sandbox.discord import ApiError, DiscordServer, Limits
from tests.fixtures_discord import Inn, build_inn, connected, discord, openapi_path, redirected
from tests.integration.sandbox_discord.clients import NotingBot, Person

EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"


async def test_five_writes_in_two_seconds_then_a_wait_that_discord_py_keeps() -> None:
    async with DiscordServer(openapi=openapi_path(), limits=Limits.real()) as server:
        inn, bot = build_inn(server), NotingBot()
        with redirected(server):
            async with connected(bot, inn.application.token):
                hook = await bot.place(inn.lobby.id).create_webhook(name="Troupe")
                started = time.monotonic()
                for number in range(6):
                    await hook.send(str(number), wait=True)
                assert 1.5 < time.monotonic() - started < 4
                statuses = [one.status for one in server.record.sent("POST", EXECUTE)]
                assert statuses == [200] * 6
        assert [one.content for one in inn.lobby.messages.values()] == list("012345")


async def test_a_sixth_write_at_once_is_answered_429_with_its_headers() -> None:
    async with DiscordServer(limits=Limits.real()) as server, aiohttp.ClientSession() as http:
        inn = build_inn(server)
        hook = _webhook(inn)
        for number in range(6):
            async with http.post(f"{server.api_base}{hook}", json={"content": str(number)}) as got:
                body = await got.json() if got.status == 429 else {}
                remaining = got.headers["X-RateLimit-Remaining"]
                assert (got.status, remaining) == (
                    (204, str(4 - number)) if number < 5 else (429, "0")
                )
        assert got.headers["Via"]
        assert got.headers["X-RateLimit-Scope"] == "user"
        assert got.headers["content-type"] == "application/json"
        assert 0 < body["retry_after"] <= 2
        assert body["global"] is False


def _webhook(inn: Inn) -> str:
    from sandbox.discord.world import webhooks

    hook = webhooks.create(inn.server.world, inn.application.user, inn.lobby, {"name": "Troupe"})
    return f"/webhooks/{hook.id}/{hook.token}"


async def test_a_429_on_request_is_waited_for_and_sent_once(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        inn.server.faults.answer(429, method="POST", path="/messages$", retry_after=0.2)
        await bot.place(inn.lobby.id).send("patience")
        assert [one.content for one in inn.lobby.messages.values()] == ["patience"]
        sent = inn.server.record.sent("POST", "/channels/{channel_id}/messages")
        assert sent[-1].status == 200


async def test_a_502_after_the_write_leaves_a_message_that_the_client_knows_nothing_of(
    inn: Inn,
) -> None:
    inn.server.faults.answer(502, method="POST", path="^/webhooks/", carried_out=True)
    async with aiohttp.ClientSession() as http:
        url = f"{inn.server.api_base}{_webhook(inn)}?wait=true"
        async with http.post(url, json={"content": "said"}) as got:
            assert got.status == 502
    assert [one.content for one in inn.lobby.messages.values()] == ["said"]


@pytest.mark.parametrize("carried_out", [False, True])
async def test_a_reset_comes_as_a_cut_line_before_or_after_the_write(
    inn: Inn, carried_out: bool
) -> None:
    inn.server.faults.reset(method="POST", path="^/webhooks/", carried_out=carried_out)
    async with aiohttp.ClientSession() as http:
        url = f"{inn.server.api_base}{_webhook(inn)}?wait=true"
        with pytest.raises((ConnectionResetError, aiohttp.ClientError)):
            async with http.post(url, json={"content": "said"}):
                pass
        assert len(inn.lobby.messages) == carried_out
        assert inn.server.record.requests[-1].status == 0
        async with http.post(url, json={"content": "and again"}) as got:
            assert got.status == 200


async def test_faults_are_ordered_over_http_too(inn: Inn) -> None:
    async with aiohttp.ClientSession() as http:
        faults = f"{inn.server.origin}/sandbox/faults"
        wish = {"kind": "answer", "status": 503, "method": "GET", "path": "/users/@me"}
        async with http.post(faults, json=wish) as got:
            assert got.status == 200
        async with http.post(faults, json={"kind": "explode"}) as got:
            assert got.status == 400
    async with Person(inn, inn.ada.token) as ada:
        assert (await ada.request("GET", "/users/@me"))[0] == 503
        assert (await ada.request("GET", "/users/@me"))[0] == 200


async def test_a_deleted_webhook_is_10015_and_a_wrong_token_50027(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        hook = await bot.place(inn.lobby.id).create_webhook(name="Troupe")
        wrong = discord.Webhook.partial(hook.id, "x" * 60, client=bot)
        with pytest.raises(discord.HTTPException) as refused:
            await wrong.send("hello", wait=True)
        assert refused.value.code == 50027
        await hook.delete()
        with pytest.raises(discord.NotFound) as gone:
            await hook.send("hello", wait=True)
        assert gone.value.code == 10015


async def test_the_sixteenth_webhook_of_a_channel_is_30007(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        channel = bot.place(inn.lobby.id)
        for number in range(15):
            await channel.create_webhook(name=f"hook {number}")
        with pytest.raises(discord.HTTPException) as refused:
            await channel.create_webhook(name="one too many")
        assert refused.value.code == 30007


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"content": "x" * 2001}, 50035, ["content"]),
        ({"content": "   "}, 50006, None),
        ({}, 50006, None),
        ({"content": "x", "username": "Discordia"}, 50035, ["username"]),
        ({"content": "x", "username": "x" * 81}, 50035, ["username"]),
        ({"content": "x", "embeds": [{"title": "x" * 257}]}, 50035, ["embeds", "0", "title"]),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            50035,
            ["allowed_mentions"],
        ),
    ],
)
async def test_a_bad_body_is_refused_with_discords_nested_errors(
    inn: Inn, body: dict[str, Any], code: int, path: list[str] | None
) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"{inn.server.api_base}{_webhook(inn)}?wait=true"
        async with http.post(url, json=body) as got:
            answer = await got.json()
            assert (got.status, answer["code"]) == (400, code)
    node = answer.get("errors")
    for part in path or []:
        node = node[part]
    assert node is None or node["_errors"][0]["message"]
    inn.server.record.violations.clear()


@pytest.mark.parametrize("body", [{"content": "x", "embeds": "y"}, {"embeds": [5]}, [1]])
async def test_a_body_of_the_wrong_shape_is_50035(inn: Inn, body: Any) -> None:
    url = f"{inn.server.api_base}{_webhook(inn)}"
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as got:
        assert (got.status, (await got.json())["code"]) == (400, 50035)
    inn.server.record.violations.clear()
    inn.server.record.failures.clear()


async def test_unknown_things_have_discords_codes(inn: Inn) -> None:
    async with Person(inn, inn.ada.token) as ada:
        lobby = f"/channels/{inn.lobby.id}"
        for path, status, code in [
            ("/channels/1", 404, 10003),
            ("/guilds/1", 404, 10004),
            (f"{lobby}/messages/1", 404, 10008),
            (f"{lobby}/messages/x", 400, 50035),
            (f"{lobby}/messages?limit=101", 400, 50035),
            ("/nothing", 404, 0),
        ]:
            got, body = await ada.request("GET", path)
            assert (path, got, body["code"]) == (path, status, code)
        got, body = await ada.request(
            "POST", f"{lobby}/messages", data="{", headers={"Content-Type": "application/json"}
        )
        assert (got, body["code"]) == (400, 50109)


@pytest.mark.skipif(openapi_path() is None, reason="Discord's description is not at hand")
async def test_a_request_off_the_description_is_noted(inn: Inn) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"{inn.server.api_base}{_webhook(inn)}?wait=true&loud=1"
        async with http.post(url, json={"content": "x", "colour": "red"}) as got:
            assert got.status == 200
    noted = " ".join(inn.server.record.violations)
    assert "loud" in noted
    assert "colour" in noted
    inn.server.record.violations.clear()


async def test_a_repeated_enforced_nonce_writes_once(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        channel = bot.place(inn.lobby.id)
        first = await channel.send("once", nonce="n1")
        second = await channel.send("once", nonce="n1")
        assert first.id == second.id
        assert len(inn.lobby.messages) == 1


async def test_a_wait_that_ends_in_vain_says_what_was_seen(inn: Inn) -> None:
    inn.server.world.say(inn.ada, inn.lobby, "the last words")
    with pytest.raises(TimeoutError, match="the last words"):
        await inn.server.wait_for(lambda _: None, timeout=0.05)


async def test_stopping_is_prompt_with_a_client_connected_and_a_request_waiting() -> None:
    server = DiscordServer()
    async with AsyncExitStack() as serving, Tasks("test") as tasks:
        await serving.enter_async_context(server)
        inn = build_inn(server)
        async with Person(inn, inn.ada.token) as ada:
            server.faults.delay(60, path="/users/@me")
            server.faults.gateway.hold()
            server.world.say(inn.ada, inn.lobby, "held")
            asked = tasks.start("ask", ada.request("GET", "/users/@me"))
            await server.wait_for(lambda _: server.faults.http == [])
            stopping = time.monotonic()
            await serving.aclose()
            assert time.monotonic() - stopping < 1
            assert (await asked)[0] == 200


async def test_the_port_taken_is_an_error_of_its_own(inn: Inn) -> None:
    taken = int(inn.server.origin.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        async with DiscordServer(port=taken):
            pass


def test_api_errors_read_well() -> None:
    assert "50013" in str(ApiError(403, 50013, "Missing Permissions"))
