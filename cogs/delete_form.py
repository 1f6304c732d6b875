"""The buttons that *Delete reply* asks with. Owns their ids; `cogs.replies` acts on them.

It asks because it cannot be undone: what people delete is gone, from the record and from the
character's memory too, and a reply that came back would stand at the end of the talk.
The buttons are known by their ids alone, so that they work after a restart; whose reply it is and
who may delete it is asked anew when one is pressed.
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
"""Of the ids of these buttons."""
_KEEP: Final = "keep"

KEEP: Final = 0
"""What `parse` gives for the button that keeps the reply."""


def asks(name: str, *, apart: bool) -> str:
    """The question about a reply of the character; `apart`: about a poll or a file."""
    return render((AsksToDeleteApart if apart else AsksToDelete)(name))


def form(message_id: int) -> discord.ui.View:
    """The buttons under the question about the reply that this message is part of."""
    view = discord.ui.View(timeout=None)
    for name, label, style in (
        (str(message_id), render(BUTTON_DELETE), discord.ButtonStyle.danger),
        (_KEEP, render(BUTTON_CANCEL), discord.ButtonStyle.secondary),
    ):
        view.add_item(discord.ui.Button(style=style, label=label, custom_id=f"{PREFIX}:{name}"))
    view.stop()  # discord.py keeps nothing of it
    return view


def parse(custom_id: str) -> int | None:
    """The message whose reply a button deletes, or `KEEP`; None when it is not one of these."""
    name = custom_id.removeprefix(f"{PREFIX}:")
    if not custom_id.startswith(f"{PREFIX}:"):
        return None
    if name == _KEEP:
        return KEEP
    return int(name) if name.isdecimal() and len(name) <= 20 else None
