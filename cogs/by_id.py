"""Dispatches buttons, menus and forms to their cog by custom id.

discord.py finds the callback of a view or a modal by an object in memory. A restart loses those
objects, and discord.py stores a modal only after Discord has shown it, so a quick submission finds
no callback. Our views and modals are stopped before they are sent, so discord.py never stores them;
their interactions arrive here.
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
    """A cog with buttons, menus or forms.

    Their custom ids start with one of `PREFIXES` and a colon. No two cogs share a prefix.
    """

    PREFIXES: ClassVar[frozenset[str]]

    def __init__(self, presses: Presses | None = None) -> None:
        """`presses` is the rate limit on each person."""
        super().__init__()
        self._presses = presses or Presses()

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:
        """Handle a pressed button or a choice from a menu."""

    async def submitted(self, interaction: Interaction, custom_id: str) -> None:
        """Handle a submitted form."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Handle an interaction of this cog; answer a failure as for commands."""
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
        except Exception as error:  # noqa: BLE001 discord.py calls no error handler for a listener
            await answer_failure(interaction, error)


def chosen(interaction: Interaction) -> list[str]:
    """Return the values chosen from a menu."""
    data: Mapping[str, Any] = interaction.data or {}
    return [str(value) for value in data.get("values") or ()]


def texts(interaction: Interaction) -> dict[str, str]:
    """Return the texts of a submitted form: custom id of the field → text."""
    data: Mapping[str, Any] = interaction.data or {}
    return {
        str(field["custom_id"]): str(field.get("value") or "")
        for field in _walk(data.get("components") or ())
        if field.get("custom_id")
    }


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield every component, including nested ones."""
    for component in components:
        yield component
        yield from _walk(component.get("components") or ())
        if isinstance(component.get("component"), dict):
            yield from _walk([component["component"]])
