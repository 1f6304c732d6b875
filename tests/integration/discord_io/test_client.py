"""The gateway client: what it hands on, in which order, and what it survives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.discord_io import running
from bot.discord_io.client import Handlers, TroupeClient
from bot.domain.room import Place
from bot.domain.utterance import SpeakerKind
from bot.errors import SettingsError
from bot.tasks import Tasks
from sandbox.discord import Upload
from sandbox.discord.world import channels, guilds, marks
from sandbox.discord.world.events import Event
from tests.dead_line import DeadLine
from tests.fakes.discord_memory import MemorySync
from tests.fixtures_discord import Inn, discord
from tests.fixtures_stage import Theatre, theatre_in


async def test_messages_are_handed_on_in_their_order(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    ids = [world.say(inn.ada, inn.lobby, f"line {number}").id for number in range(60)]
    await theatre.hears(ids[-1])
    assert [said.message_id for said, _ in theatre.heard.utterances] == ids


async def test_what_people_see_is_what_is_handed_on(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    asked = world.say(inn.bob, inn.lobby, "Who is it?")
    text = f"<@{inn.bob.id}>, <@{inn.application.user.id}>! See <#{inn.lobby.id}> <:wave:123456>"
    told = world.say(inn.ada, inn.lobby, text, reply_to=asked)
    utterance, room = await theatre.hears(told.id)
    assert utterance.text == "@[Bob], @Troupe! See #lobby :wave:"
    assert utterance.mentions_bot
    assert (utterance.reply_to, utterance.reply_to_name) == (asked.id, "Bob")
    assert utterance.reply_to_text == "Who is it?"
    assert utterance.edited_at is None
    assert (utterance.speaker.id, utterance.speaker.name) == (inn.ada.id, "Ada")
    assert utterance.speaker.kind is SpeakerKind.PERSON
    assert (room.id, room.place, room.guild_id, room.name) == (
        inn.lobby.id,
        Place.CHANNEL,
        inn.guild.id,
        "lobby",
    )


async def test_threads_and_direct_messages_are_rooms_of_their_own(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    thread = world.start_thread(inn.ada, inn.lobby, "Aside")
    _, room = await theatre.hears(world.say(inn.ada, thread, "Here").id)
    assert (room.place, room.parent_id, room.webhook_channel) == (
        Place.THREAD,
        inn.lobby.id,
        inn.lobby.id,
    )
    direct = world.direct(inn.ada, inn.application.user)
    said, room = await theatre.hears(world.say(inn.ada, direct, "Psst").id)
    assert (room.place, room.guild_id, said.text) == (Place.DIRECT, None, "Psst")


async def test_our_own_words_are_not_heard_and_others_webhooks_are_bots(theatre: Theatre):
    inn = theatre.inn
    await theatre.say(theatre.asked(inn.lobby), "Ours.")
    row = await theatre.client.http.create_webhook(inn.lobby.id, name="Foreign")
    theatre.server.world.webhooks[int(row["id"])].application_id = 1
    foreign = discord.Webhook.partial(int(row["id"]), row["token"], client=theatre.client)
    sent = await foreign.send("Theirs.", wait=True)
    utterance, _ = await theatre.hears(sent.id)
    assert utterance.speaker.kind is SpeakerKind.BOT
    assert [said.text for said, _ in theatre.heard.utterances] == ["Mira?", "Theirs."]


async def test_what_other_bots_embed_is_heard_in_bounds(theatre: Theatre):
    inn = theatre.inn
    row = await theatre.client.http.create_webhook(inn.lobby.id, name="News")
    theatre.server.world.webhooks[int(row["id"])].application_id = 1
    news = discord.Webhook.partial(int(row["id"]), row["token"], client=theatre.client)
    embed = discord.Embed(title="Storm", description="It rains. " * 300)
    utterance, _ = await theatre.hears((await news.send(embed=embed, wait=True)).id)
    assert utterance.text.startswith("Storm\nIt rains.")
    assert len(utterance.text) <= 1500
    assert utterance.speaker.name == "News"


async def test_files_are_named_with_their_size_and_kind(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    map_file = Upload(0, "map.txt", "text/plain", b"here be dragons")
    said, _ = await theatre.hears(world.say(inn.ada, inn.lobby, "Look", files=[map_file]).id)
    (found,) = said.attachments
    assert (found.name, found.size) == ("map.txt", 15)
    assert found.content_type is not None
    assert found.content_type.startswith("text/plain")


async def test_joins_and_pins_are_no_talk(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    source = world.say(inn.ada, inn.lobby, "A topic")
    world.start_thread(inn.ada, inn.lobby, "Topic", source=source)
    marks.pin(world, inn.ada, inn.lobby, source)
    last = world.say(inn.ada, inn.lobby, "Go on")
    await theatre.hears(last.id)
    assert [said.text for said, _ in theatre.heard.utterances] == ["A topic", "Go on"]
    history = await theatre.stage.history(theatre.room(inn.lobby))
    assert [one.text for one in history] == ["A topic", "Go on"]
    # Both change the message, but not what it says.
    assert theatre.heard.edits == []


async def test_edits_and_deletions_are_handed_on(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    message = world.say(inn.ada, inn.lobby, "Helo")
    world.edit(inn.ada, message, "Hello")
    await theatre.server.wait_for(lambda _: theatre.heard.edits)
    world.delete(message)
    await theatre.server.wait_for(lambda _: theatre.heard.deletes)
    (edited,) = theatre.heard.edits
    assert (edited.room_id, edited.message_id, edited.text) == (inn.lobby.id, message.id, "Hello")
    assert edited.edited_at is not None
    assert theatre.heard.deletes == [(inn.lobby.id, (message.id,))]


async def test_an_event_that_cannot_be_read_costs_only_itself(
    theatre: Theatre, caplog: pytest.LogCaptureFixture
):
    world, inn = theatre.server.world, theatre.inn
    broken = {"id": "1", "channel_id": str(inn.lobby.id), "guild_id": str(inn.guild.id)}
    world.emit(Event("MESSAGE_CREATE", broken, inn.guild.id, inn.lobby.id))
    utterance, _ = await theatre.hears(world.say(inn.ada, inn.lobby, "Still there?").id)
    assert utterance.text == "Still there?"
    assert "cannot handle event" in caplog.text


async def test_a_cut_connection_is_resumed_and_nothing_is_missed(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    first = world.say(inn.ada, inn.lobby, "Before")
    await theatre.hears(first.id)
    theatre.server.faults.gateway.reconnect()
    second = world.say(inn.ada, inn.lobby, "While away")
    await theatre.hears(second.id)
    assert [said.text for said, _ in theatre.heard.utterances] == ["Before", "While away"]
    assert theatre.server.record.sessions[0].resumes == 1


async def test_webhook_changes_are_handed_on_and_heal_before_the_next_words(theatre: Theatre):
    inn = theatre.inn
    await theatre.say(theatre.asked(inn.lobby), "One.")
    await theatre.server.wait_for(lambda _: theatre.heard.webhooks)
    theatre.server.world.webhooks.clear()
    await theatre.stage.webhooks_changed(inn.lobby.id)
    assert theatre.webhooks.known(inn.lobby.id) is None
    assert theatre.memory.kept == {}


async def test_deleted_places_are_handed_on(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    aside = world.start_thread(inn.ada, inn.lobby, "Aside")
    cellar = world.add_channel(inn.guild, "cellar")
    below = world.start_thread(inn.ada, cellar, "Below")
    await theatre.hears(world.say(inn.ada, below, "Hello?").id)
    channels.delete(world, aside)
    channels.delete(world, cellar)
    await theatre.server.wait_for(lambda _: len(theatre.heard.gone) == 3)
    assert theatre.heard.gone == [(aside.id,), (cellar.id,), (below.id,)]


async def test_all_places_of_a_server_go_with_it(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    aside = world.start_thread(inn.ada, inn.lobby, "Aside")
    await theatre.hears(world.say(inn.ada, aside, "Hello?").id)
    everywhere = {*inn.guild.channels, aside.id}
    guilds.leave(world, inn.guild, inn.application.user.id)
    (gone,) = await theatre.server.wait_for(lambda _: theatre.heard.gone)
    assert set(gone) == everywhere


async def test_nothing_is_kept_of_a_place_that_is_gone(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    cellar = world.add_channel(inn.guild, "cellar")
    await theatre.say(theatre.asked(cellar), "One.")
    assert theatre.webhooks.known(cellar.id) is not None
    channels.delete(world, cellar)
    ((gone,),) = await theatre.server.wait_for(lambda _: theatre.heard.gone)
    await theatre.stage.places_gone([gone])
    assert theatre.webhooks.known(cellar.id) is None
    assert theatre.memory.kept == {}


async def test_the_gateway_is_asked_for_no_more_than_is_used(theatre: Theatre):
    expected = discord.Intents(
        guilds=True,
        emojis_and_stickers=True,
        messages=True,
        reactions=True,
        webhooks=True,
        message_content=True,
    )
    assert theatre.server.record.sessions[0].intents == expected.value
    assert list(theatre.client.cached_messages) == []
    assert len(theatre.client.guilds[0].members) <= 1  # the bot itself


async def test_without_the_privileged_intent_it_goes_on_and_says_so(
    stage_inn: Inn, caplog: pytest.LogCaptureFixture
):
    stage_inn.application.message_content = False
    async with theatre_in(stage_inn) as theatre:
        assert not theatre.client.reads_messages
        world = theatre.server.world
        mention = f"<@{stage_inn.application.user.id}> hello"
        silent = await theatre.hears(world.say(stage_inn.ada, stage_inn.lobby, "hello").id)
        spoken = await theatre.hears(world.say(stage_inn.ada, stage_inn.lobby, mention).id)
    assert (silent[0].text, spoken[0].text) == ("", "@Troupe hello")
    assert caplog.text.count("MESSAGE CONTENT") == 1


async def test_commands_are_told_only_when_they_changed(stage_inn: Inn):
    memory = MemorySync()
    route = "/applications/{application_id}/commands"

    async def connect(*names: str) -> None:
        async def set_up(client: TroupeClient) -> None:
            for name in names:
                command: discord.app_commands.Command = discord.app_commands.Command(
                    name=name, description="A test", callback=_nothing
                )
                client.tree.add_command(command)

        async with kept(stage_inn, memory=memory, set_up=set_up):
            pass

    await connect("one")
    await connect("one")
    assert len(stage_inn.server.record.sent("PUT", route)) == 1
    await connect("one", "two")
    assert len(stage_inn.server.record.sent("PUT", route)) == 2


async def _nothing(interaction: discord.Interaction) -> None:
    return None


# --- keeping it connected -------------------------------------------------------------------


@asynccontextmanager
async def kept(
    inn: Inn,
    *,
    memory=None,
    set_up=None,
    gateway_url=None,
    steady: float = 0.0,
    cancel=False,
    on_disconnect=lambda: None,
) -> AsyncIterator[list]:
    """A client kept running; gives what it heard."""
    heard: list = []
    ready = asyncio.Event()

    async def nothing(_: TroupeClient) -> None:
        return None

    def on_utterance(said, room) -> None:
        heard.append(said.text)
        inn.server.record.changed()

    client = TroupeClient(
        handlers=Handlers(
            on_utterance=on_utterance,
            on_edit=lambda *_: None,
            on_delete=lambda *_: None,
            on_webhooks_update=lambda _: None,
            on_seen=lambda *_: None,
            on_ready=ready.set,
            on_disconnect=on_disconnect,
        ),
        set_up=set_up or nothing,
        sync_memory=memory or MemorySync(),
        api_base=inn.server.api_base,
        gateway_url=gateway_url,
        guild_ready_timeout=0.05,
    )
    async with Tasks("kept") as tasks:
        token = inn.application.user.token
        task = tasks.start("run", running.run(client, token, backoff=0.01, steady=steady))
        waiting = tasks.start("ready", ready.wait())
        await asyncio.wait({task, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        assert ready.is_set()
        yield heard
        async with asyncio.timeout(5):
            await (tasks.close() if cancel else client.close())
            await asyncio.wait({task})
        assert cancel or task.exception() is None


async def test_closing_the_client_ends_its_run(stage_inn: Inn):
    async with kept(stage_inn) as heard:
        assert heard == []


async def test_a_run_that_is_cancelled_ends_soon_though_the_line_is_dead(stage_inn: Inn):
    through = DeadLine(stage_inn.server.gateway_url)
    async with through as line, kept(stage_inn, gateway_url=line.url, cancel=True):
        line.die()


async def test_a_run_that_is_cancelled_while_it_connects_again_ends_too(stage_inn: Inn):
    lost = asyncio.Event()

    def lose() -> None:
        line.die()
        lost.set()

    line = DeadLine(stage_inn.server.gateway_url)
    async with line, kept(stage_inn, gateway_url=line.url, cancel=True, on_disconnect=lose) as _:
        stage_inn.server.faults.gateway.reconnect()
        async with asyncio.timeout(5):
            await lost.wait()


async def test_a_first_connection_that_fails_is_tried_again(
    stage_inn: Inn, caplog: pytest.LogCaptureFixture
):
    stage_inn.server.faults.answer(403, path="/gateway/bot")
    stage_inn.server.faults.reset(path="/users/@me", times=2)
    async with kept(stage_inn) as heard:
        stage_inn.server.world.say(stage_inn.ada, stage_inn.lobby, "There?")
        await stage_inn.server.wait_for(lambda _: heard)
    assert heard == ["There?"]
    assert "retrying in" in caplog.text


@pytest.mark.parametrize(("steady", "number"), [(0.0, 2), (60.0, 5)])
async def test_waits_begin_anew_after_a_session_that_was_good(
    stage_inn: Inn, caplog: pytest.LogCaptureFixture, steady: float, number: int
):
    stage_inn.server.faults.answer(403, path="/gateway/bot", times=3)
    async with kept(stage_inn, steady=steady):
        stage_inn.server.faults.gateway.close(4014)
        sessions = stage_inn.server.record.sessions
        await stage_inn.server.wait_for(lambda _: len(sessions) == 2, timeout=10)
    tries = [line for line in caplog.messages if "retrying in" in line]
    assert [int(line[-2]) for line in tries] == [2, 3, 4, number]


async def test_after_an_invalid_session_it_comes_back_to_the_same_discord(stage_inn: Inn):
    async with kept(stage_inn, gateway_url=None) as heard:
        stage_inn.server.faults.gateway.invalidate(resumable=False)
        sessions = stage_inn.server.record.sessions
        await stage_inn.server.wait_for(lambda _: len(sessions) == 2, timeout=10)
        stage_inn.server.world.say(stage_inn.ada, stage_inn.lobby, "There?")
        await stage_inn.server.wait_for(lambda _: heard)


async def test_a_wrong_token_is_an_error_that_says_where_to_get_one(stage_inn: Inn):
    stage_inn.application.user.token = "wrong.token.here"
    with pytest.raises(SettingsError, match=r"discord\.com/developers") as told:
        async with kept(stage_inn):
            pass
    assert told.value.setting == "DISCORD_TOKEN"


async def test_an_intent_refused_by_the_gateway_is_given_up(
    stage_inn: Inn, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.WARNING)
    async with kept(stage_inn) as heard:
        stage_inn.server.faults.gateway.close(4014)
        sessions = stage_inn.server.record.sessions
        await stage_inn.server.wait_for(lambda _: len(sessions) == 2, timeout=10)
        stage_inn.server.world.say(stage_inn.ada, stage_inn.lobby, "There?")
        await stage_inn.server.wait_for(lambda _: heard)
    assert heard == [""]
    assert "MESSAGE CONTENT" in caplog.text
