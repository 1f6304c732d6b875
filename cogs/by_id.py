"""The one way in for what people press and send: buttons, menus and forms, known by their ids.

discord.py would find a view or a form by an object in memory. A restart forgets those, and a form
is stored only after Discord has shown it, so one that is sent back at once finds nobody. Ours are
stopped before they are sent, which keeps them out of that memory, and come back through here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import discord
from discord.ext import commands

from cogs.authority import Interaction
from cogs.errors import answer_failure
from cogs.presses import Presses


class ByIdCog(commands.Cog):
    """A cog with buttons, menus or forms of its own.

    Their ids begin with one of `PREFIXES` and a colon, which no other cog's do.
    """

    PREFIXES: ClassVar[frozenset[str]]

    def __init__(self, presses: Presses | None = None) -> None:
        """`presses` counts what each person does with the bot."""
        super().__init__()
        self._presses = presses or Presses()

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:
        """A button of this id was pressed, or a choice made in a menu of this id."""

    async def submitted(self, interaction: Interaction, custom_id: str) -> None:
        """A form of this id was sent."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Handle an interaction whose id is this cog's; a failure is answered as a command's is."""
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        prefix, colon, _ = custom_id.partition(":")
        if not colon or prefix not in self.PREFIXES:
            return
        try:
            self._presses.take(interaction)
            if interaction.type is discord.InteractionType.component:
                await self.pressed(interaction, custom_id)
            elif interaction.type is discord.InteractionType.modal_submit:
                await self.submitted(interaction, custom_id)
        except Exception as error:  # noqa: BLE001 discord.py asks no command's error handler here
            await answer_failure(interaction, error)


def chosen(interaction: Interaction) -> list[str]:
    """The values that were chosen in a menu."""
    data: Mapping[str, Any] = interaction.data or {}
    return [str(value) for value in data.get("values") or ()]


def texts(interaction: Interaction) -> dict[str, str]:
    """What was written into a form, by the ids of its fields."""
    data: Mapping[str, Any] = interaction.data or {}
    return {
        str(field["custom_id"]): str(field.get("value") or "")
        for field in _walk(data.get("components") or ())
        if field.get("custom_id")
    }


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every component, in whatever it is wrapped."""
    for component in components:
        yield component
        yield from _walk(component.get("components") or ())
        if isinstance(component.get("component"), dict):
            yield from _walk([component["component"]])
