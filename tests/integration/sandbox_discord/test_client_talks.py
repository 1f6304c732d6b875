"""A real discord.py client logs in to the stand-in and talks."""

from __future__ import annotations

import asyncio
import io

import pytest

from sandbox.discord import ChannelType, Permission
from tests.fixtures_discord import Inn, connected, discord
from tests.integration.sandbox_discord.clients import INTENTS, NotingBot

NOBODY = discord.AllowedMentions.none()


async def test_a_client_logs_in_and_knows_its_guild(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        guild = bot.get_guild(inn.guild.id)
        assert guild is not None
        assert [one.name for one in guild.text_channels] == ["lobby"]
        assert guild.me.guild_permissions.manage_webhooks
        assert bot.application_flags.gateway_message_content_limited


async def test_a_message_arrives_and_is_answered(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        inn.server.world.say(inn.ada, inn.lobby, "good evening")
        heard = await bot.next("message")
        assert (heard.content, heard.author.display_name) == ("good evening", "Ada")
        sent = await heard.reply("welcome")
        assert inn.lobby.messages[sent.id].mentions == [inn.ada.id]
        fetched = await heard.channel.fetch_message(sent.id)
        assert fetched.reference is not None
        assert fetched.reference.message_id == heard.id
        edited = await sent.edit(content="welcome in")
        assert edited.edited_at is not None


async def test_a_webhook_speaks_edits_and_deletes_under_another_name(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        channel = bot.place(inn.lobby.id)
        hook = await channel.create_webhook(name="Troupe")
        await bot.next("webhooks_update")
        assert [one.token for one in await channel.webhooks()] == [hook.token]
        avatar = "https://example.org/mira.png"
        sent = await hook.send(
            "Come in!", username="Mira", avatar_url=avatar, wait=True, allowed_mentions=NOBODY
        )
        heard = await bot.next("message", lambda one: one.webhook_id == hook.id)
        assert (heard.author.name, heard.application_id) == ("Mira", inn.application.id)
        await hook.edit_message(sent.id, content="Come in, come in!", allowed_mentions=NOBODY)
        assert (await channel.fetch_message(sent.id)).content == "Come in, come in!"
        await hook.delete_message(sent.id)
        with pytest.raises(discord.NotFound):
            await channel.fetch_message(sent.id)


async def test_a_webhook_works_in_threads_only_with_the_thread_named(inn: Inn) -> None:
    bot = NotingBot()
    thread = inn.server.world.start_thread(inn.ada, inn.lobby, "corner table")
    async with connected(bot, inn.application.token):
        hook = await bot.place(inn.lobby.id).create_webhook(name="Troupe")
        place = discord.Object(thread.id)
        sent = await hook.send("here", thread=place, wait=True, allowed_mentions=NOBODY)
        assert sent.id in thread.messages
        with pytest.raises(discord.NotFound) as missed:
            await hook.fetch_message(sent.id)
        assert missed.value.code == 10008
        assert (await hook.fetch_message(sent.id, thread=place)).content == "here"
        await hook.edit_message(sent.id, content="there", thread=place, allowed_mentions=NOBODY)
        await hook.delete_message(sent.id, thread=place)
        assert sent.id not in thread.messages


async def test_a_forum_post_is_opened_by_people_and_by_webhooks(inn: Inn) -> None:
    world = inn.server.world
    forum = world.add_channel(inn.guild, "tales", ChannelType.FORUM)
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        post = world.start_post(inn.bob, forum, "The old road", "Who knows it?")
        heard = await bot.next("message")
        assert (heard.id, heard.channel.name) == (post.id, "The old road")
        hook = await bot.place(forum.id).create_webhook(name="Troupe")
        opened = await hook.send(
            "A new tale", thread_name="Rain", wait=True, allowed_mentions=NOBODY
        )
        assert world.channels[opened.id].name == "Rain"
        made = await bot.place(forum.id).create_thread(name="Mine", content="first")
        assert made.message.id == made.thread.id


async def test_threads_are_made_joined_and_archived(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        source = inn.server.world.say(inn.ada, inn.lobby, "let us talk apart")
        heard = await bot.next("message")
        inn.server.world.install(inn.application, inn.guild, int(Permission.ADMINISTRATOR))
        thread = await heard.create_thread(name="apart")
        assert thread.id == source.id
        await thread.send("here we are")
        said = await thread.send("and one more")
        await thread.edit(archived=True)
        with pytest.raises(discord.HTTPException, match="50083"):
            await said.edit(content="too late")
        assert thread.id in [one.id async for one in heard.channel.archived_threads()]
        await thread.send("awake again")
        stored = inn.guild.threads[thread.id].thread
        assert stored is not None
        assert not stored.archived


async def test_reactions_typing_pins_and_history_work(inn: Inn) -> None:
    world, bot = inn.server.world, NotingBot()
    written = [world.say(inn.ada, inn.lobby, f"line {number}") for number in range(130)]
    async with connected(bot, inn.application.token):
        channel = bot.place(inn.lobby.id)
        read = [one.content async for one in channel.history(limit=None, oldest_first=True)]
        assert read == [f"line {number}" for number in range(130)]
        later = [one async for one in channel.history(after=discord.Object(written[120].id))]
        assert [one.content for one in later] == [f"line {number}" for number in range(121, 130)]
        message = later[-1]
        await message.add_reaction("🔥")
        assert (await bot.next("raw_reaction_add")).emoji.name == "🔥"
        assert [
            one.id async for one in (await channel.fetch_message(message.id)).reactions[0].users()
        ]
        await channel.typing()
        assert (await bot.next("raw_typing")).user_id == inn.application.user.id
        world.type_in(inn.ada, inn.lobby)
        assert (await bot.next("raw_typing")).user_id == inn.ada.id
        world.install(inn.application, inn.guild, int(Permission.ADMINISTRATOR))
        await message.pin()
        assert [one.id async for one in channel.pins()] == [message.id]


async def test_files_go_up_and_come_back(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        channel = bot.place(inn.lobby.id)
        file = discord.File(io.BytesIO(b"face"), "mira.png", description="a face")
        embed = discord.Embed(title="Mira", description="who keeps the inn", colour=0x336699)
        sent = await channel.send("look", file=file, embed=embed.add_field(name="a", value="b"))
        assert sent.embeds[0].title == "Mira"
        assert sent.attachments[0].content_type == "image/png"
        assert await bot.http.get_from_cdn(sent.attachments[0].url) == b"face"


async def test_a_direct_message_goes_both_ways(inn: Inn) -> None:
    bot = NotingBot()
    async with connected(bot, inn.application.token):
        direct = inn.server.world.direct(inn.ada, inn.application.user)
        inn.server.world.say(inn.ada, direct, "psst")
        heard = await bot.next("message")
        assert (heard.guild, heard.content) == (None, "psst")
        await heard.channel.send("yes?")
        user = await bot.fetch_user(inn.ada.id)
        assert (await user.create_dm()).id == direct.id


async def test_without_the_intent_text_shows_only_where_the_bot_is_meant(inn: Inn) -> None:
    bot = NotingBot(discord.Intents.default())
    async with connected(bot, inn.application.token):
        world = inn.server.world
        world.say(inn.ada, inn.lobby, "a secret")
        world.say(inn.ada, inn.lobby, f"{inn.application.user.mention} not secret")
        assert (await bot.next("message")).content == ""
        assert "not secret" in (await bot.next("message")).content


async def test_a_wrong_token_and_a_forbidden_intent_are_refused(inn: Inn) -> None:
    with pytest.raises(discord.LoginFailure):
        async with connected(NotingBot(), "wrong"):
            pass
    inn.application.message_content = False
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(NotingBot(INTENTS), inn.application.token):
            pass


async def test_a_missing_permission_is_50013_and_a_hidden_channel_50001(inn: Inn) -> None:
    world, bot = inn.server.world, NotingBot()
    bot_id = inn.application.user.id
    async with connected(bot, inn.application.token):
        channel = bot.place(inn.lobby.id)
        world.permit(inn.lobby, bot_id, deny=int(Permission.SEND_MESSAGES))
        await bot.next("guild_channel_update")
        assert not channel.permissions_for(channel.guild.me).send_messages
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("may I?")
        assert refused.value.code == 50013
        world.permit(inn.lobby, bot_id, deny=int(Permission.VIEW_CHANNEL))
        with pytest.raises(discord.Forbidden) as hidden:
            await channel.send("may I?")
        assert hidden.value.code == 50001
        world.say(inn.ada, inn.lobby, "unheard")
        world.permit(inn.lobby, bot_id)
        world.say(inn.ada, inn.lobby, "heard")
        assert (await bot.next("message")).content == "heard"


async def test_two_shards_each_get_their_own_guild(inn: Inn) -> None:
    world = inn.server.world
    other = world.add_guild("Elsewhere", inn.ada, guild_id=inn.guild.id + (1 << 22))
    square = world.add_channel(other, "square")
    world.install(inn.application, other)

    class Sharded(discord.AutoShardedClient):
        async def before_identify_hook(
            self, shard_id: int | None, *, initial: bool = False
        ) -> None:
            """No waiting between identifies."""

    bot = Sharded(intents=INTENTS, shard_count=2, guild_ready_timeout=0.05)
    heard: asyncio.Queue[discord.Message] = asyncio.Queue()

    @bot.event
    async def on_message(message: discord.Message) -> None:
        heard.put_nowait(message)

    async with connected(bot, inn.application.token):
        assert {one.id: one.shard_id for one in bot.guilds} == {
            one.id: (one.id >> 22) % 2 for one in (inn.guild, other)
        }
        world.say(inn.ada, inn.lobby, "here")
        world.say(inn.ada, square, "there")
        texts = {(await asyncio.wait_for(heard.get(), 5)).content for _ in range(2)}
        assert texts == {"here", "there"}
        assert heard.empty()
