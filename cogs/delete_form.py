"""The confirmation of *Delete reply*: its buttons and custom ids.

A deletion cannot be undone: the reply also leaves the record and the character's memory, and a
restored one would appear at the end of the channel. `cogs.replies` handles the buttons by custom
id alone, so they work after a restart. Each press checks the person's permissions again.
"""

from __future__ import annotations

from typing import Final

import discord

from bot.messages.rendering import render
from bot.messages.replies import (
    BUTTON_CANCEL,
    BUTTON_DELETE,
    AsksToDelete,
    AsksToDeleteApart,
)

PREFIX: Final = "troupe-delete"
"""Prefix of the buttons' custom ids."""
_KEEP: Final = "keep"

KEEP: Final = 0
"""What `parse` returns for the *Cancel* button."""


def asks(name: str, *, apart: bool) -> str:
    """Return the question about a reply of the character called `name`.

    `apart` means that the message is a poll or a file, separate from the text of the reply.
    """
    return render((AsksToDeleteApart if apart else AsksToDelete)(name))


def form(message_id: int) -> discord.ui.View:
    """Return the buttons for the reply that this message belongs to."""
    view = discord.ui.View(timeout=None)
    for name, label, style in (
        (str(message_id), render(BUTTON_DELETE), discord.ButtonStyle.danger),
        (_KEEP, render(BUTTON_CANCEL), discord.ButtonStyle.secondary),
    ):
        view.add_item(discord.ui.Button(style=style, label=label, custom_id=f"{PREFIX}:{name}"))
    view.stop()  # keeps discord.py from storing the view
    return view


def parse(custom_id: str) -> int | None:
    """Return the id of the message whose reply to delete, `KEEP`, or None for other buttons."""
    name = custom_id.removeprefix(f"{PREFIX}:")
    if not custom_id.startswith(f"{PREFIX}:"):
        return None
    if name == _KEEP:
        return KEEP
    return int(name) if name.isdecimal() and len(name) <= 20 else None
