"""How fast words go out: at once, then once an interval, and never against Discord's limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.discord_io.delivery import frame_interval
from bot.domain.room import Room
from bot.domain.turn import TurnState
from bot.domain.utterance import snowflake_at
from bot.errors import DiscordDownError
from bot.tasks import Tasks
from sandbox.discord import DiscordServer, Limits
from sandbox.discord.world.permissions import Permission
from tests.fixtures_discord import Inn, build_inn, openapi_path
from tests.fixtures_stage import MIRA, QUILL, Theatre, theatre_in

SENDS = "/webhooks/{webhook_id}/{webhook_token}"
EDITS = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
# Discord's own numbers of requests, in windows short enough for a test.
TIGHT = {("POST", SENDS): (5, 0.3), ("PATCH", EDITS): (5, 0.3)}


@pytest.fixture
async def tight_inn() -> AsyncIterator[Inn]:
    limits = Limits(routes=TIGHT)
    async with DiscordServer(openapi=openapi_path(), limits=limits) as server:
        yield build_inn(server)
        assert not server.record.violations


def refused(inn: Inn) -> list[str]:
    return [one.path for one in inn.server.record.requests if one.status == 429]


async def test_a_message_is_edited_at_most_once_an_interval(stage_inn: Inn):
    interval = 0.1
    async with theatre_in(stage_inn, edit_interval=interval) as theatre:
        turn = theatre.asked(stage_inn.lobby)
        async with theatre.stage.deliver(turn, MIRA) as delivery:
            for number in range(5):
                delivery.show("word " * number + "more")
                delivery.show("word " * number + "and more")
                await theatre.shown(turn, "word " * number + "and more")
            await delivery.finish("That was it.")
    record = stage_inn.server.record
    times = [one.at for one in record.sent("PATCH", EDITS)]
    assert len(times) >= 5
    assert all(later - earlier >= interval for earlier, later in pairwise(times))


def test_an_old_message_is_edited_seldom() -> None:
    now = datetime.now(UTC)
    new, old = (snowflake_at(now - timedelta(minutes=age)) for age in (10, 70))
    assert frame_interval(new, now, 1.0) == 1.0
    assert frame_interval(old, now, 1.0) == 10.0


async def test_an_old_message_that_was_edited_too_often_holds_nobody_else_up(theatre: Theatre):
    old = theatre.asked(theatre.inn.lobby)
    chunks = await theatre.say(old, "As it was.")
    server = theatre.server
    server.faults.answer(
        429, method="PATCH", path=str(chunks[0]), times=9, retry_after=30, code=30046
    )
    changed = replace(old, chunks=chunks, state=TurnState.RECORDED)
    with pytest.raises(DiscordDownError, match="too often"):
        await theatre.say(changed, "As it is.")
    assert len(refused(theatre.inn)) == 1
    await theatre.say(theatre.asked(theatre.inn.lobby), "Quite", "Quite so.")
    assert theatre.texts(theatre.inn.lobby) == ["As it was.", "Quite so."]


async def test_an_old_message_of_the_bots_own_holds_nobody_up_either(theatre: Theatre):
    inn, server = theatre.inn, theatre.server
    server.world.permit(inn.lobby, inn.application.user.id, deny=Permission.MANAGE_WEBHOOKS)
    old = theatre.asked(inn.lobby)
    chunks = await theatre.say(old, "As it was.")
    server.faults.answer(
        429, method="PATCH", path=str(chunks[0]), times=9, retry_after=30, code=30046
    )
    changed = replace(old, chunks=chunks, state=TurnState.RECORDED)
    async with asyncio.timeout(5):
        with pytest.raises(DiscordDownError, match="too often"):
            await theatre.say(changed, "As it is.")
        assert len(refused(inn)) == 1
        await theatre.say(theatre.asked(inn.lobby), "Quite", "Quite so.")
    assert theatre.texts(inn.lobby) == ["**Mira**\nAs it was.", "**Mira**\nQuite so."]


async def test_a_cancelled_request_takes_no_limit_for_all_with_it(theatre: Theatre):
    lobby = theatre.inn.lobby
    theatre.server.faults.answer(429, path="/typing", retry_after=30, is_global=True)
    typing = theatre.tasks.start("typing", theatre.bot.typing(lobby.id))
    while theatre.client.http._global_over.is_set():  # noqa: ASYNC110 discord.py tells nobody
        await asyncio.sleep(0)
    typing.cancel()
    async with asyncio.timeout(5):
        await theatre.bot.messages(lobby.id, limit=1)


async def test_words_that_were_superseded_are_never_sent(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        for number in range(200):
            delivery.show("word " * number + "more")
        await theatre.shown(turn, "word " * 199 + "more")
        await delivery.finish("word " * 199 + "more")
    assert theatre.server.record.sent("PATCH", EDITS) == []


async def test_finals_keep_within_the_limits_that_discord_tells(tight_inn: Inn):
    async with theatre_in(tight_inn) as theatre:
        for number in range(14):
            await theatre.say(theatre.asked(tight_inn.lobby), f"Answer {number}.")
    assert refused(tight_inn) == []
    assert len(tight_inn.server.record.sent("POST", SENDS)) == 14


async def test_frames_leave_room_for_what_must_be_written():
    window = 4.0
    limits = Limits(routes={("PATCH", EDITS): (5, window)})
    async with DiscordServer(limits=limits) as server:
        inn = build_inn(server)
        async with theatre_in(inn, edit_interval=0.001) as theatre:
            turn, loop = theatre.asked(inn.lobby), asyncio.get_running_loop()
            began = loop.time()
            async with theatre.stage.deliver(turn, MIRA) as delivery:
                for number in range(5):
                    delivery.show(f"Frame {number}")
                    await theatre.shown(turn, f"Frame {number}")
                delivery.show("One frame too many")
                # Time enough for it, if it were allowed.
                await theatre.bot.messages(inn.lobby.id, limit=1)
                await theatre.bot.messages(inn.lobby.id, limit=1)
                await delivery.finish("The end.")
            assert theatre.texts(inn.lobby) == ["The end."]
            assert loop.time() - began < window
        assert refused(inn) == []


async def test_while_one_character_streams_another_one_finishes(theatre: Theatre):
    lobby = theatre.inn.lobby
    first = theatre.asked(lobby)
    second = theatre.turn(lobby, first.trigger, "quill")
    async with theatre.stage.deliver(first, MIRA) as mira:
        mira.show("Once upon")
        await theatre.shown(first)
        async with theatre.stage.deliver(second, QUILL) as quill:
            quill.show("Meanwhile")
            mira.show("Once upon a")
            await theatre.shown(first, "Once upon a")
            assert [one.author.username for one in theatre.said(lobby.id)] == ["Mira"]
            await quill.finish("Meanwhile, elsewhere.")
        assert [one.author.username for one in theatre.said(lobby.id)] == ["Mira", "Quill"]
        mira.show("Once upon a time")
        await theatre.shown(first, "Once upon a time")
        await mira.finish("Once upon a time there was an inn.")
    assert theatre.texts(lobby)[1].endswith("Meanwhile, elsewhere.")


async def test_many_rooms_speak_at_once(theatre: Theatre):
    inn, world = theatre.inn, theatre.server.world
    places = [world.add_channel(inn.guild, f"room-{number}") for number in range(12)]
    async with Tasks("rooms") as tasks:
        talks = [
            tasks.start(f"{place.id}", theatre.say(theatre.asked(place), "Hello", "Hello there."))
            for place in places
        ]
        await asyncio.gather(*talks)
    assert all(theatre.texts(place) == ["Hello there."] for place in places)


async def test_one_webhook_is_made_however_many_speak_first(theatre: Theatre):
    inn = theatre.inn
    asked = [theatre.asked(inn.lobby) for _ in range(5)]
    async with Tasks("first words") as tasks:
        await asyncio.gather(*(tasks.start(turn.id, theatre.say(turn, "Here.")) for turn in asked))
    assert len(theatre.texts(inn.lobby)) == 5
    route = "/channels/{channel_id}/webhooks"
    assert len(theatre.server.record.sent("GET", route)) == 1
    assert len(theatre.server.record.sent("POST", route)) == 1


async def test_our_webhook_of_an_earlier_life_is_found_by_its_owner_not_its_name(theatre: Theatre):
    inn = theatre.inn
    ours = await theatre.client.http.create_webhook(inn.lobby.id, name="Renamed by somebody")
    foreign = await theatre.client.http.create_webhook(inn.lobby.id, name="Troupe")
    theatre.server.world.webhooks[int(foreign["id"])].application_id = 1
    await theatre.say(theatre.asked(inn.lobby), "Good evening.")
    assert theatre.said(inn.lobby.id)[-1].webhook_id == int(ours["id"])
    assert len(theatre.server.world.webhooks) == 2


async def test_a_silence_for_everyone_holds_channels_that_were_not_written_to_yet(
    theatre: Theatre,
):
    inn, silence = theatre.inn, 0.2
    cellar = theatre.server.world.add_channel(inn.guild, "cellar")
    hook, _ = await theatre.webhooks.of(inn.lobby.id), await theatre.webhooks.of(cellar.id)
    theatre.server.faults.answer(
        429, path=r"^/webhooks/", times=5, retry_after=silence, is_global=True
    )
    with pytest.raises(DiscordDownError):
        await theatre.api.fetch(hook, 1, thread_id=None)
    clock = asyncio.get_running_loop().time
    silent_since = clock()
    await theatre.say(theatre.asked(cellar), "There.")
    assert clock() - silent_since >= silence * 0.8


async def test_typing_is_shown_anew_while_it_is_held_and_no_longer(stage_inn: Inn):
    async with theatre_in(stage_inn, typing_interval=0.01) as theatre:
        room: Room = theatre.room(stage_inn.lobby)

        def typed(times: int) -> bool:
            route = "/channels/{channel_id}/typing"
            return len(stage_inn.server.record.sent("POST", route)) >= times

        async with theatre.stage.typing(room), theatre.stage.typing(room):
            await theatre.server.wait_for(lambda _: typed(3))
        assert len(theatre.tasks) <= 1
        stage_inn.server.faults.answer(403, path="/typing", times=5)
        async with theatre.stage.typing(room):
            await theatre.say(theatre.asked(stage_inn.lobby), "Still here.")
    assert theatre.texts(stage_inn.lobby) == ["Still here."]


async def test_typing_ends_with_the_first_words(stage_inn: Inn):
    async with theatre_in(stage_inn, typing_interval=0.01) as theatre:
        route, room = "/channels/{channel_id}/typing", theatre.room(stage_inn.lobby)

        def typed() -> int:
            return len(stage_inn.server.record.sent("POST", route))

        async with theatre.stage.typing(room) as stop_typing:
            await theatre.server.wait_for(lambda _: typed() >= 2)
            stop_typing()
            stop_typing()
            # What is on its way arrives; nothing follows it.
            await theatre.say(theatre.asked(stage_inn.lobby), "First words.")
            before = typed()
            await theatre.say(theatre.asked(stage_inn.lobby), "And more.")
            await theatre.say(theatre.asked(stage_inn.lobby), "And more.")
            assert typed() == before
