"""The confirmation of `/room reset`: its buttons and custom ids.

`cogs.room` handles the buttons by custom id alone, so they work after a restart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import discord

from bot.messages.rendering import render
from bot.messages.rooms import (
    BUTTON_CANCEL,
    BUTTON_FORGET,
    BUTTON_UNDO,
    RESET_DONE,
    RESET_UNDONE,
    ResetBy,
    ResetUndoneBy,
)

PREFIX: Final = "troupe-reset"
"""Prefix of the buttons' custom ids."""


def told_all(name: str, *, undone: bool) -> str:
    """Return the announcement for the room. `name` is the person who did it."""
    if undone:
        return render(ResetUndoneBy(RESET_UNDONE, name))
    return render(ResetBy(RESET_DONE, name))


class ResetButton(StrEnum):
    """What a button of the confirmation does."""

    FORGET = "forget"
    KEEP = "keep"
    UNDO = "undo"


def form(*, can_undo: bool) -> discord.ui.View:
    """Return the buttons of the confirmation, with Undo if the last reset can be undone."""
    view = discord.ui.View(timeout=None)
    view.add_item(_button(ResetButton.FORGET, render(BUTTON_FORGET), discord.ButtonStyle.danger))
    view.add_item(_button(ResetButton.KEEP, render(BUTTON_CANCEL), discord.ButtonStyle.secondary))
    if can_undo:
        view.add_item(_undo())
    view.stop()  # keeps discord.py from storing the view
    return view


def undo_form() -> discord.ui.View:
    """Return the Undo button shown after a reset."""
    view = discord.ui.View(timeout=None)
    view.add_item(_undo())
    view.stop()
    return view


def parse(custom_id: str) -> ResetButton | None:
    """Return the button with that custom id; None for other buttons."""
    name = custom_id.removeprefix(f"{PREFIX}:")
    known = custom_id.startswith(f"{PREFIX}:") and name in set(ResetButton)
    return ResetButton(name) if known else None


def _undo() -> discord.ui.Button[discord.ui.View]:
    return _button(ResetButton.UNDO, render(BUTTON_UNDO), discord.ButtonStyle.secondary)


def _button(
    button: ResetButton, label: str, style: discord.ButtonStyle
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(style=style, label=label, custom_id=f"{PREFIX}:{button.value}")
