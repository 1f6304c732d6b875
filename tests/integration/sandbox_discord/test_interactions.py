"""Commands, autocompletion, components and modals between a person and a real discord.py bot."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.discord import ApiError
from tests.fixtures_discord import Inn, connected, discord
from tests.integration.sandbox_discord.clients import NotingBot, Person

CHARACTERS = ["mira", "boris", "the archivist"]


class Summons(discord.ui.Modal, title="Write a character"):
    """A form with one field."""

    name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Name", custom_id="name")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"wrote {self.name.value}", ephemeral=True)


class Buttons(discord.ui.View):
    """Two buttons: one updates its message, one opens the form."""

    @discord.ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.edit_message(content="more!", view=self)

    @discord.ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Summons())
        interaction.client.dispatch("form_open")


def add_commands(tree: discord.app_commands.CommandTree[Any]) -> None:
    async def complete(
        _: discord.Interaction, typed: str
    ) -> list[discord.app_commands.Choice[str]]:
        fitting = [one for one in CHARACTERS if typed in one]
        return [discord.app_commands.Choice(name=one.title(), value=one) for one in fitting]

    @tree.command(description="Bring a character in")
    @discord.app_commands.autocomplete(character=complete)
    async def summon(interaction: discord.Interaction, character: str) -> None:
        await interaction.response.send_message(f"{character} comes in", view=Buttons())

    @tree.command(description="Ask someone in secret")
    async def whisper(interaction: discord.Interaction, who: discord.Member) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"to {who.display_name}")
        await interaction.followup.send("and more", ephemeral=True)

    @tree.command(description="Never answers")
    async def silence(_: discord.Interaction) -> None:
        return

    @tree.context_menu(name="Why this reply?")
    async def why(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"because of {message.content}", ephemeral=True)

    pool = discord.app_commands.Group(
        name="pool",
        description="The pool",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @pool.command(description="Its state")
    async def stats(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("all is well")
        await interaction.edit_original_response(content="all is very well")
        await interaction.delete_original_response()

    tree.add_command(pool)


@pytest.fixture
async def bot(inn: Inn) -> AsyncIterator[NotingBot]:
    client = NotingBot()
    add_commands(client.tree)
    async with connected(client, inn.application.token):
        await client.tree.sync()
        yield client


async def test_a_command_is_answered_and_its_button_changes_the_message(
    inn: Inn, bot: NotingBot
) -> None:
    world = inn.server.world
    world.run_command(inn.ada, inn.lobby, inn.application, "summon", character="mira")
    await bot.next("app_command_completion")
    said = list(inn.lobby.messages.values())
    assert (said[0].content, said[0].type) == ("mira comes in", 20)
    world.press(inn.bob, said[0], "more")
    await inn.server.wait_for(lambda _: said[0].content == "more!")


async def test_a_group_command_edits_and_deletes_its_answer(inn: Inn, bot: NotingBot) -> None:
    inn.server.world.run_command(inn.ada, inn.lobby, inn.application, "pool stats")
    await inn.server.wait_for(
        lambda _: inn.server.record.writes[-1:] and inn.server.record.writes[-1].kind == "delete"
    )
    texts = [(one.kind, one.message.content) for one in inn.server.record.writes]
    assert texts == [
        ("create", "all is well"),
        ("edit", "all is very well"),
        ("delete", "all is very well"),
    ]


async def test_members_without_the_permission_neither_see_nor_run_a_command(
    inn: Inn, bot: NotingBot
) -> None:
    async with Person(inn, inn.bob.token) as bob:
        _, index = await bob.request("GET", f"/guilds/{inn.guild.id}/application-command-index")
        names = {one["name"] for one in index["application_commands"]}
        assert names == {"summon", "whisper", "silence", "Why this reply?"}
    with pytest.raises(ApiError) as refused:
        inn.server.world.run_command(inn.bob, inn.lobby, inn.application, "pool stats")
    assert refused.value.code == 50013


async def test_choices_come_back_to_the_person_who_types(inn: Inn, bot: NotingBot) -> None:
    command = inn.server.world.command(inn.application, "summon")
    async with Person(inn, inn.ada.token) as ada:
        status, _ = await ada.request("POST", "/interactions", json={
            "type": 4,
            "application_id": str(inn.application.id),
            "guild_id": str(inn.guild.id),
            "channel_id": str(inn.lobby.id),
            "session_id": ada.ready["session_id"],
            "nonce": "n1",
            "data": {"id": str(command.id), "name": "summon", "type": 1, "options": [
                {"name": "character", "type": 3, "value": "r", "focused": True}
            ]},
        })  # fmt: skip
        assert status == 204
        told = await ada.next("APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE")
        assert told["nonce"] == "n1"
        assert [one["value"] for one in told["choices"]] == CHARACTERS


async def test_what_is_ephemeral_reaches_one_person_alone(inn: Inn, bot: NotingBot) -> None:
    async with Person(inn, inn.ada.token) as ada, Person(inn, inn.bob.token) as bob:
        inn.server.world.run_command(
            inn.ada, inn.lobby, inn.application, "whisper", who=str(inn.bob.id)
        )
        thinking = await ada.next("MESSAGE_CREATE")
        assert thinking["flags"] == 64 | 128
        filled = await ada.next("MESSAGE_UPDATE")
        assert (filled["id"], filled["content"]) == (thinking["id"], "to Bob")
        assert (await ada.next("MESSAGE_CREATE"))["content"] == "and more"
        inn.server.world.say(inn.ada, inn.lobby, "aloud")
        assert (await bob.next("MESSAGE_CREATE"))["content"] == "aloud"
        assert not inn.server.world.channels[inn.lobby.id].messages.keys() & {int(filled["id"])}


async def test_a_form_is_opened_filled_in_and_answered(inn: Inn, bot: NotingBot) -> None:
    world = inn.server.world
    world.run_command(inn.ada, inn.lobby, inn.application, "summon", character="boris")
    await bot.next("app_command_completion")
    said = list(inn.lobby.messages.values())
    async with Person(inn, inn.ada.token) as ada:
        world.press(inn.ada, said[0], "form")
        shown = await ada.next("INTERACTION_MODAL_CREATE")
        assert shown["title"] == "Write a character"
        await bot.next("form_open")
        world.submit(inn.ada, inn.lobby, int(shown["id"]), name="Ilse")
        assert (await ada.next("MESSAGE_CREATE"))["content"] == "wrote Ilse"


class Picks(discord.ui.View):
    """Two select menus and a form with a select and a file field."""

    @discord.ui.select(
        custom_id="mood",
        options=[discord.SelectOption(label="Calm"), discord.SelectOption(label="Wild")],
    )
    async def mood(self, interaction: discord.Interaction, select: Any) -> None:
        await interaction.response.send_message(f"mood {select.values[0]}")

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
    async def who(self, interaction: discord.Interaction, select: Any) -> None:
        await interaction.response.send_modal(Import(select.values[0].display_name))
        interaction.client.dispatch("form_open")


class Import(discord.ui.Modal, title="Import"):
    """A form of Components V2."""

    card: Any = discord.ui.Label(text="Card", component=discord.ui.FileUpload(custom_id="card"))

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    async def on_submit(self, interaction: discord.Interaction) -> None:
        [file] = self.card.component.values
        raw = await file.read()
        await interaction.response.send_message(f"{self._name} imports {raw.decode()}")


async def test_menus_and_a_file_field_carry_what_was_chosen(inn: Inn, bot: NotingBot) -> None:
    @bot.tree.command(description="Pick")
    async def pick(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("pick", view=Picks())

    await bot.tree.sync()
    world = inn.server.world
    world.run_command(inn.ada, inn.lobby, inn.application, "pick")
    await bot.next("app_command_completion")
    [shown] = inn.lobby.messages.values()
    async with Person(inn, inn.ada.token) as ada:
        world.press(inn.ada, shown, "mood", ["Wild"])
        assert (await ada.next("MESSAGE_CREATE"))["content"] == "mood Wild"
        world.press(inn.ada, shown, "who", [str(inn.bob.id)])
        form = await ada.next("INTERACTION_MODAL_CREATE")
        await bot.next("form_open")
        body = {
            "type": 5,
            "application_id": str(inn.application.id),
            "channel_id": str(inn.lobby.id),
            "data": {"id": form["id"], "components": [
                {"type": 18, "component": {"type": 19, "custom_id": "card", "values": ["0"]}}
            ]},
        }  # fmt: skip
        upload = aiohttp.FormData(quote_fields=False)
        upload.add_field("payload_json", json.dumps(body))
        upload.add_field("files[0]", b"Ilse", filename="card.txt")
        assert (await ada.request("POST", "/interactions", data=upload))[0] == 204
        assert (await ada.next("MESSAGE_CREATE"))["content"] == "Bob imports Ilse"


async def test_a_menu_carries_its_message(inn: Inn, bot: NotingBot) -> None:
    message = inn.server.world.say(inn.bob, inn.lobby, "the weather")
    async with Person(inn, inn.ada.token) as ada:
        inn.server.world.run_command(
            inn.ada, inn.lobby, inn.application, "Why this reply?", target=message
        )
        assert (await ada.next("MESSAGE_CREATE"))["content"] == "because of the weather"


async def test_a_second_answer_is_refused_with_40060(inn: Inn, bot: NotingBot) -> None:
    inn.server.world.run_command(inn.ada, inn.lobby, inn.application, "silence")
    got = await bot.next("interaction")
    first, second = (
        discord.http.Route(
            "POST",
            "/interactions/{id}/{token}/callback",
            id=got.id,
            token=got.token,
        )
        for _ in range(2)
    )
    await bot.http.request(first, json={"type": 4, "data": {"content": "once"}})
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(second, json={"type": 4, "data": {"content": "twice"}})
    assert refused.value.code == 40060


async def test_no_answer_within_three_seconds_is_a_failure(inn: Inn, bot: NotingBot) -> None:
    async with Person(inn, inn.ada.token) as ada:
        inn.server.world.run_command(inn.ada, inn.lobby, inn.application, "silence")
        await ada.next("INTERACTION_FAILURE")
    late = await bot.next("interaction")
    with pytest.raises(discord.NotFound) as refused:
        await late.response.send_message("sorry")
    assert refused.value.code == 10062


async def test_a_sync_of_the_same_commands_keeps_their_ids(inn: Inn, bot: NotingBot) -> None:
    before = {one.name: one.id for one in await bot.tree.fetch_commands()}
    after = {one.name: one.id for one in await bot.tree.sync()}
    assert before == after
    assert len(after) == 5
