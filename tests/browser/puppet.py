"""A small bot on discord.py for the page's tests: what the page must show, said on purpose."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.fixtures_discord import discord

CHARACTERS = ("Mira", "Rask", "Tally", "Marten")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763b8c6ec0d0002ed0136cb45b3850000000049454e44ae426082"
)


class Puppet(discord.Client):
    """Commands and menus of every kind; `speak` talks through the channel's webhook."""

    def __init__(self) -> None:
        intents = discord.Intents.default() | discord.Intents(message_content=True)
        super().__init__(intents=intents, guild_ready_timeout=0.05)
        self.tree = discord.app_commands.CommandTree(self)
        self._heard: list[str] = []
        self._news = asyncio.Condition()
        _add_commands(self.tree)

    async def setup_hook(self) -> None:
        """Register the commands, as the real bot does before it connects."""
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord wants five seconds between identifies; this server does not."""

    async def on_message(self, message: Any) -> None:
        """Note what people say."""
        if not message.author.bot:
            async with self._news:
                self._heard.append(message.content)
                self._news.notify_all()

    async def hears(self, text: str) -> None:
        """Wait until a person has said exactly that."""
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: text in self._heard)

    async def webhook(self, channel_id: int) -> Any:
        """This channel's webhook, made on first use."""
        channel = self.get_channel(channel_id)
        hooks = [one for one in await channel.webhooks() if one.token]
        return hooks[0] if hooks else await channel.create_webhook(name="Troupe", avatar=PNG)

    async def speak(self, channel_id: int, name: str, text: str, **more: Any) -> Any:
        """Say `text` as `name`."""
        hook = await self.webhook(channel_id)
        return await hook.send(text, username=name, wait=True, **more)


class Diary(discord.ui.Modal, title="Write a line"):
    """A form with one field."""

    line: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Your line", placeholder="Once upon a time"
    )

    async def on_submit(self, interaction: Any) -> None:
        """Say back what was written."""
        await interaction.response.send_message(f"Written: {self.line.value}")


class Rewrite(discord.ui.Modal, title="Edit reply"):
    """A form with the words of a message, which it changes."""

    def __init__(self, message: discord.Message) -> None:
        super().__init__()
        self._message = message
        self.text: Any = discord.ui.Label(
            text="New words",
            component=discord.ui.TextInput(
                default=message.content, style=discord.TextStyle.paragraph, max_length=2000
            ),
        )
        self.add_item(self.text)

    async def on_submit(self, interaction: Any) -> None:
        """Edit through the webhook that spoke."""
        hook = await interaction.client.webhook(self._message.channel.id)
        await hook.edit_message(self._message.id, content=self.text.component.value)
        await interaction.response.send_message("Changed.", ephemeral=True)


class Panel(discord.ui.View):
    """A button that answers, one that opens a form, and a select menu."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Ring the bell", style=discord.ButtonStyle.primary)
    async def ring(self, interaction: Any, _: Any) -> None:
        await interaction.response.edit_message(content="The bell rang.")

    @discord.ui.button(label="Open the diary")
    async def diary(self, interaction: Any, _: Any) -> None:
        await interaction.response.send_modal(Diary())

    @discord.ui.select(
        placeholder="Choose a drink",
        options=[discord.SelectOption(label=one) for one in ("Ale", "Tea")],
    )
    async def drink(self, interaction: Any, select: Any) -> None:
        await interaction.response.send_message(f"Served: {select.values[0]}")


def _add_commands(tree: Any) -> None:
    @tree.command(description="Bring a character here")
    @discord.app_commands.describe(character="Who shall come", quietly="Without a greeting")
    async def summon(interaction: Any, character: str, quietly: bool = False) -> None:
        await interaction.response.send_message(f"{character} is here. quietly={quietly}")

    @summon.autocomplete("character")
    async def characters(_: Any, typed: str) -> list[Any]:
        return [
            discord.app_commands.Choice(name=one, value=one.lower())
            for one in CHARACTERS
            if typed.lower() in one.lower()
        ]

    @tree.command(description="Tell me alone")
    async def secret(interaction: Any) -> None:
        await interaction.response.send_message("Between us: the soup.", ephemeral=True)

    @tree.command(description="Ring it")
    async def ring(interaction: Any, times: discord.app_commands.Range[int, 1, 6]) -> None:
        await interaction.response.send_message(f"Rang {times} times.")

    @tree.command(description="Show the panel")
    async def panel(interaction: Any) -> None:
        await interaction.response.send_message("The panel.", view=Panel())

    @tree.command(description="Nobody answers this one")
    @discord.app_commands.default_permissions(manage_guild=True)
    async def silence(_: Any) -> None:
        return

    @tree.context_menu(name="Shout it")
    async def shout(interaction: Any, message: discord.Message) -> None:
        await interaction.response.send_message(message.content.upper())

    @tree.context_menu(name="Edit reply")
    async def rewrite(interaction: Any, message: discord.Message) -> None:
        await interaction.response.send_modal(Rewrite(message))

    pool = discord.app_commands.Group(name="pool", description="The engine")

    @pool.command(name="stats", description="How the engine is")
    async def stats(interaction: Any) -> None:
        embed = discord.Embed(title="Pool", description="**2** of 10", colour=0x3D6B3A)
        embed.add_field(name="Busy", value="1").add_field(name="Idle", value="1")
        await interaction.response.send_message(embed=embed, ephemeral=True)

    tree.add_command(pool)
