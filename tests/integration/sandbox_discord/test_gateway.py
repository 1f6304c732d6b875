"""The gateway under trouble: op 7, op 9, closes, cuts, lost dispatches, silence."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from sandbox.discord import DiscordServer
from tests.fixtures_discord import Inn, build_inn, connected, redirected
from tests.integration.sandbox_discord.clients import NotingBot, Person


async def test_op_7_is_followed_by_a_resume_that_replays_what_was_missed(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        seen = inn.server.record.sessions[-1]
        assert inn.server.faults.gateway.reconnect() == 1
        await inn.server.wait_for(lambda _: not seen.connected)
        inn.server.world.say(inn.ada, inn.lobby, "while you were away")
        await bot.next("resumed")
        assert (await bot.next("message")).content == "while you were away"
        assert seen.resumes == 1


async def test_op_9_makes_a_client_identify_anew(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        await bot.next("ready")
        inn.server.faults.gateway.invalidate(resumable=False)
        await bot.next("ready", timeout=10)
        sessions = inn.server.record.sessions
        assert len({one.session_id for one in sessions}) == 2
        inn.server.world.say(inn.ada, inn.lobby, "again")
        assert (await bot.next("message")).content == "again"


async def test_a_resumable_op_9_is_followed_by_a_resume(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        inn.server.faults.gateway.invalidate(resumable=True)
        await bot.next("resumed")
        assert len(inn.server.record.sessions) == 1


@pytest.mark.parametrize("code", [1000, 4000, 4009])
async def test_a_close_is_followed_by_a_new_connection(inn: Inn, code: int) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        inn.server.faults.gateway.close(code)
        await bot.next("disconnect")
        await bot.next("resumed")


async def test_a_cut_line_is_resumed(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        assert inn.server.faults.gateway.cut() == 1
        await bot.next("resumed")
        inn.server.world.say(inn.ada, inn.lobby, "still here?")
        assert (await bot.next("message")).content == "still here?"


async def test_dropped_dispatches_are_lost_for_good(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        inn.server.faults.gateway.drop(1, inn.application.user.id)
        inn.server.world.say(inn.ada, inn.lobby, "lost")
        inn.server.world.say(inn.ada, inn.lobby, "kept")
        assert (await bot.next("message")).content == "kept"


async def test_a_held_gateway_delivers_everything_when_released(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        inn.server.faults.gateway.hold()
        sent = [inn.server.world.say(inn.ada, inn.lobby, str(number)) for number in range(3)]
        channel = bot.place(inn.lobby.id)
        assert (await channel.fetch_message(sent[-1].id)).content == "2"
        assert bot.queue("message").empty()
        inn.server.faults.gateway.release()
        assert [(await bot.next("message")).content for _ in sent] == ["0", "1", "2"]


async def test_unanswered_heartbeats_make_a_client_reconnect() -> None:
    async with DiscordServer(heartbeat_ms=100) as server:
        inn = build_inn(server)
        bot = NotingBot(heartbeat_timeout=0.5)
        with redirected(server):
            async with connected(bot, inn.application.token):
                await server.wait_for(lambda _: server.record.sessions[0].heartbeats >= 2)
                server.faults.gateway.stop_acks()
                await bot.next("resumed")


async def test_members_are_sent_on_request(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        guild = bot.home(inn.guild.id)
        found = await guild.query_members(user_ids=[inn.ada.id, inn.bob.id])
        assert {one.display_name for one in found} == {"Ada", "Bob"}


@pytest.mark.parametrize(
    ("identify", "code"),
    [
        ({"token": "wrong", "intents": 0}, 4004),
        ({"shard": [2, 2], "intents": 0}, 4010),
        ({"intents": 1 << 40}, 4013),
        ({"intents": 1 << 8}, 4014),
        ({"intents": "many"}, 4013),
    ],
)
async def test_an_impossible_identify_is_closed_with_discords_code(
    inn: Inn, identify: dict[str, Any], code: int
) -> None:
    told = {"token": inn.application.token, "properties": {}} | identify
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{inn.server.gateway_url}?v=10&encoding=json") as socket,
    ):
        assert (await socket.receive_json(timeout=5))["op"] == 10
        await socket.send_json({"op": 2, "d": told})
        closed = await socket.receive(timeout=5)
        assert (closed.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, code)


async def test_a_person_sees_the_guild_and_what_happens_in_it(inn: Inn) -> None:
    hidden = inn.server.world.add_channel(inn.guild, "cellar")
    inn.server.world.permit(hidden, inn.guild.id, deny=1 << 10)
    async with Person(inn, inn.bob.token) as bob:
        guild = bob.ready["guilds"][0]
        assert {one["name"] for one in guild["channels"]} == {"lobby"}
        assert len(guild["members"]) == 3
        inn.server.world.say(inn.ada, hidden, "not for Bob")
        status, sent = await bob.request(
            "POST", f"/channels/{inn.lobby.id}/messages", json={"content": "hello"}
        )
        assert (status, sent["author"]["username"]) == (200, "bob")
        heard = await bob.next("MESSAGE_CREATE")
        assert heard["content"] == "hello"
        status, refused = await bob.request("GET", f"/channels/{hidden.id}/messages")
        assert (status, refused["code"]) == (403, 50001)
