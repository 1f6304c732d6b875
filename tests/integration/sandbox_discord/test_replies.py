"""What people do with a message: buttons and menus on a webhook's, forms, files, polls."""

from __future__ import annotations

import datetime
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.discord import ApiError, ChannelType
from sandbox.discord.world.model import Message
from tests.fixtures_discord import Inn, connected, discord
from tests.integration.sandbox_discord.clients import NotingBot, Person

NOBODY = discord.AllowedMentions.none()


class Rewrite(discord.ui.Modal, title="Edit reply"):
    """A form that rewrites the message that it came from."""

    text: Any = discord.ui.Label(
        text="New words", component=discord.ui.TextInput(custom_id="text", default="old")
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=self.text.component.value)


class Tools(discord.ui.View):
    """Buttons as a character's message has them."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(emoji="🔁", custom_id="again")
    async def again(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="said anew", allowed_mentions=NOBODY)
        told = await interaction.followup.send("done", ephemeral=True, wait=True)
        await told.delete()

    @discord.ui.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Rewrite())


@pytest.fixture
async def bot(inn: Inn) -> AsyncIterator[NotingBot]:
    client = NotingBot()

    @client.tree.context_menu(name="Regenerate")
    async def regenerate(interaction: discord.Interaction, message: discord.Message) -> None:
        whose = f"{message.webhook_id}:{message.author.name}:{message.content}"
        await interaction.response.send_message(whose, ephemeral=True)

    async with connected(client, inn.application.token):
        await client.tree.sync()
        yield client


async def spoken(inn: Inn, bot: NotingBot, **more: Any) -> Message:
    hook = await bot.place(inn.lobby.id).create_webhook(name="Troupe")
    sent = await hook.send(
        "old", username="Mira", wait=True, allowed_mentions=NOBODY, view=Tools(), **more
    )
    return inn.lobby.messages[sent.id]


async def test_a_button_on_a_webhooks_message_edits_it_and_whispers(
    inn: Inn, bot: NotingBot
) -> None:
    message = await spoken(inn, bot)
    assert message.application_id == inn.application.id
    async with Person(inn, inn.bob.token) as bob:
        inn.server.world.press(inn.bob, message, "again")
        heard = await bot.next("interaction")
        assert (heard.message.id, heard.message.webhook_id) == (message.id, message.webhook_id)
        assert (await bob.next("MESSAGE_UPDATE"))["content"] == "said anew"
        told = await bob.next("MESSAGE_CREATE")
        assert (told["content"], told["flags"]) == ("done", 64)
        assert (await bob.next("MESSAGE_DELETE"))["id"] == told["id"]
    assert (message.author.username, message.content) == ("Mira", "said anew")


async def test_a_button_opens_a_form_whose_answer_changes_the_message(
    inn: Inn, bot: NotingBot
) -> None:
    message = await spoken(inn, bot)
    world = inn.server.world
    asked = world.press(inn.bob, message, "edit")
    await inn.server.wait_for(lambda _: asked.form)
    assert asked.form is not None
    sent = world.submit(inn.bob, inn.lobby, asked.form.id, text="rewritten")
    await inn.server.wait_for(lambda _: sent.answer)
    assert message.content == "rewritten"
    with pytest.raises(ApiError, match="50035"):
        world.submit(inn.bob, inn.lobby, asked.form.id, text="once more")


async def test_buttons_are_taken_away_by_an_edit(inn: Inn, bot: NotingBot) -> None:
    message = await spoken(inn, bot)
    assert [len(row["components"]) for row in message.components] == [2]
    [hook] = await bot.place(inn.lobby.id).webhooks()
    await hook.edit_message(message.id, view=None, allowed_mentions=NOBODY)
    assert message.components == []
    with pytest.raises(ApiError, match="50035"):
        inn.server.world.press(inn.bob, message, "again")


async def test_a_menu_works_on_what_a_webhook_said(inn: Inn, bot: NotingBot) -> None:
    message = await spoken(inn, bot)
    world = inn.server.world
    asked = world.run_command(inn.bob, inn.lobby, inn.application, "Regenerate", target=message)
    await inn.server.wait_for(lambda _: asked.original)
    assert asked.original is not None
    assert asked.original.content == f"{message.webhook_id}:Mira:old"
    assert asked.original.only_for == inn.bob.id


async def test_a_webhook_sends_files_and_changes_them(inn: Inn, bot: NotingBot) -> None:
    def file(name: str, data: bytes) -> discord.File:
        return discord.File(io.BytesIO(data), name)

    message = await spoken(inn, bot, files=[file("one.txt", b"1"), file("two.txt", b"2")])
    [hook] = await bot.place(inn.lobby.id).webhooks()
    shown = await hook.fetch_message(message.id)
    assert [one.content_type for one in shown.attachments] == ["text/plain; charset=utf-8"] * 2
    kept = shown.attachments[0]
    changed = await hook.edit_message(
        message.id, attachments=[kept, file("three.txt", b"3")], allowed_mentions=NOBODY
    )
    assert [one.filename for one in changed.attachments] == ["one.txt", "three.txt"]
    assert await bot.http.get_from_cdn(changed.attachments[1].url) == b"3"


async def test_a_poll_is_put_voted_in_and_ended(inn: Inn, bot: NotingBot) -> None:
    world = inn.server.world
    async with Person(inn, inn.ada.token) as ada:
        poll = discord.Poll("Tea or ale?", datetime.timedelta(hours=1))
        poll.add_answer(text="tea").add_answer(text="ale", emoji="🍺")
        sent = await bot.place(inn.lobby.id).send(poll=poll)
        message = inn.lobby.messages[sent.id]
        world.vote(inn.bob, message, "ale")
        assert (await bot.next("raw_poll_vote_add")).answer_id == 2
        path = f"/channels/{inn.lobby.id}/polls/{sent.id}/answers/@me"
        assert (await ada.request("PUT", path, json={"answer_ids": ["1"]}))[0] == 204
        assert (await ada.request("PUT", path, json={"answer_ids": []}))[0] == 204
        assert (await bot.next("raw_poll_vote_remove")).answer_id == 1
        fetched = await bot.place(inn.lobby.id).fetch_message(sent.id)
        assert [one.id async for one in fetched.poll.answers[1].voters()] == [inn.bob.id]
        await fetched.end_poll()
        result = await ada.next("MESSAGE_CREATE", lambda told: told["type"] == 46)
        fields = {one["name"]: one["value"] for one in result["embeds"][0]["fields"]}
        assert fields["victor_answer_text"] == "ale"
        with pytest.raises(ApiError, match="520001"):
            world.vote(inn.bob, message, "tea")


async def test_what_a_bot_says_of_itself_reaches_people(inn: Inn, bot: NotingBot) -> None:
    async with Person(inn, inn.ada.token) as ada:
        [guild] = ada.ready["guilds"]
        assert [one["status"] for one in guild["presences"]] == ["online"]
        await bot.change_presence(activity=discord.CustomActivity("Minding the kettle"))
        told = await ada.next("PRESENCE_UPDATE")
        assert told["user"]["id"] == str(inn.application.user.id)
        assert told["activities"][0]["state"] == "Minding the kettle"
        await bot.close()
        told = await ada.next("PRESENCE_UPDATE")
        assert told["status"] == "offline"


@pytest.mark.parametrize("kind", [ChannelType.ANNOUNCEMENT, ChannelType.VOICE])
async def test_a_character_speaks_in_announcement_and_voice_channels(
    inn: Inn, bot: NotingBot, kind: ChannelType
) -> None:
    place = inn.server.world.add_channel(inn.guild, "elsewhere", kind)
    await bot.next("guild_channel_create")
    hook = await bot.place(place.id).create_webhook(name="Troupe")
    sent = await hook.send("here", wait=True, allowed_mentions=NOBODY)
    assert sent.id in place.messages


async def test_a_menu_in_a_direct_message_knows_whom_the_bot_talks_to(
    inn: Inn, bot: NotingBot
) -> None:
    channel = await (await bot.fetch_user(inn.bob.id)).create_dm()
    message = inn.server.world.say(inn.bob, inn.server.world.channels[channel.id], "psst")
    place = inn.server.world.channels[channel.id]
    inn.server.world.run_command(inn.bob, place, inn.application, "Regenerate", target=message)
    heard = await bot.next("interaction")
    assert (heard.guild, heard.channel.recipient.id) == (None, inn.bob.id)


async def test_edits_and_deletions_by_people_reach_the_bot(inn: Inn, bot: NotingBot) -> None:
    world = inn.server.world
    first, second, third = (world.say(inn.bob, inn.lobby, f"line {n}") for n in range(3))
    world.edit(inn.bob, first, "line zero")
    told = await bot.next("raw_message_edit")
    assert (told.message_id, told.data["content"]) == (first.id, "line zero")
    world.delete(first)
    assert (await bot.next("raw_message_delete")).message_id == first.id
    world.delete_many(inn.ada, [second, third])
    assert (await bot.next("raw_bulk_message_delete")).message_ids == {second.id, third.id}
