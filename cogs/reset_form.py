"""The confirmation of `/room reset`: its text, buttons and custom ids.

`cogs.room` handles the buttons by custom id alone, so they work after a restart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import discord

PREFIX: Final = "troupe-reset"
"""Prefix of the buttons' custom ids."""

ASKS = (
    "Characters will forget everything that was said here so far. You can undo that for a day "
    "with the same command."
)
KEPT = "Nothing was forgotten."
DONE = "**Forgotten**: characters know nothing of what was said here before."
UNDONE = "**Undone**: characters remember what was said here before the reset."
TOO_LATE = "There is no reset of the last day to undo."


def told_all(name: str, *, undone: bool) -> str:
    """Return the announcement for the room. `name` is the person who did it, as Markdown."""
    return f"{UNDONE} **{name}** undid it." if undone else f"{DONE} **{name}** reset this room."


class ResetButton(StrEnum):
    """What a button of the confirmation does."""

    FORGET = "forget"
    KEEP = "keep"
    UNDO = "undo"


def form(*, can_undo: bool) -> discord.ui.View:
    """Return the buttons of the confirmation, with Undo if the last reset can be undone."""
    view = discord.ui.View(timeout=None)
    view.add_item(_button(ResetButton.FORGET, "Make them forget", discord.ButtonStyle.danger))
    view.add_item(_button(ResetButton.KEEP, "Cancel", discord.ButtonStyle.secondary))
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
    return _button(ResetButton.UNDO, "Undo the last reset", discord.ButtonStyle.secondary)


def _button(
    button: ResetButton, label: str, style: discord.ButtonStyle
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(style=style, label=label, custom_id=f"{PREFIX}:{button.value}")
