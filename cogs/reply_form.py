"""The form that a reply is edited in. Owns its shape: what it shows, and what comes back.

A text field of Discord's takes 4,000 characters and a form five fields, so a longer reply is spread
over several. Discord's API counts code points, as for messages (discord-api-docs issue 1315); its
clients, which send nothing longer, count as JavaScript does: an emoji is two. A field fits both.
What is sent comes by the form's id, not by an object: it works after a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import discord

from bot import refusals
from bot.discord_io import controls
from bot.domain.splitting import pieces
from bot.domain.visible import sound
from bot.errors import RefusedError
from bot.messages.rendering import render
from bot.messages.replies import FORM_FIELD, FORM_TITLE, FormPart
from cogs.authority import Interaction
from cogs.by_id import texts

FIELD_LIMIT: Final = 4_000
FIELDS_LIMIT: Final = 5
_FIELD: Final = "part:"


async def form(message_id: int, text: str) -> discord.ui.Modal:
    """The form for the reply that this message is part of. Raises `RefusedError` when too long."""
    # A reply can be of any form, and a long one takes a tenth of a second to be cut.
    parts = await asyncio.to_thread(_fields, text)
    if len(parts) > FIELDS_LIMIT:
        raise RefusedError(refusals.REPLY_TOO_LONG_FOR_FORM)
    made = discord.ui.Modal(title=render(FORM_TITLE), custom_id=controls.edit_id(message_id))
    for number, part in enumerate(parts):
        made.add_item(
            discord.ui.TextInput(
                label=render(FORM_FIELD if len(parts) == 1 else FormPart(number + 1)),
                custom_id=f"{_FIELD}{number}",
                style=discord.TextStyle.paragraph,
                default=part,
                required=False,
                max_length=FIELD_LIMIT,
            )
        )
    made.stop()  # discord.py keeps nothing of it
    return made


def _fields(text: str) -> list[str]:
    """The text in parts that a field takes, few of them: the last way always fits."""
    # Slices of the text alone: what closes and reopens markup for messages would stay in it.
    ways = (
        [piece.body for piece in pieces(text, limit)] or [""]
        for limit in (FIELD_LIMIT, 3_000, 2_400, FIELD_LIMIT // 2)
    )
    parts: list[str] = []
    for parts in ways:
        if all(_units(part) <= FIELD_LIMIT for part in parts):
            break
    return parts


def _units(text: str) -> int:
    """Its length in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_in(interaction: Interaction) -> str:
    """What was written into the form, as one text."""
    fields = {name: text for name, text in texts(interaction).items() if name.startswith(_FIELD)}
    return sound(_joined([fields[key] for key in sorted(fields) if fields[key].strip()]))


def _joined(fields: Sequence[str]) -> str:
    """The text that was spread over `fields`; a line's end stands where no space was left."""
    text = ""
    for field in fields:
        parted = not text or text[-1].isspace() or field[0].isspace()
        text += field if parted else f"\n{field}"
    return text
