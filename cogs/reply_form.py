"""The form of *Edit reply*: splits a reply over text fields, and joins them again.

A text field holds 4,000 characters and a form five fields, so a longer reply is spread over
several. Discord's API counts code points, as for messages (discord-api-docs issue 1315); its
clients count UTF-16 units, two for an emoji, and send nothing longer. A field fits both limits.
A submission is recognised by the form's custom id, so it works after a restart.
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
    """Return the form for the reply `text`. Raises `RefusedError` when it is too long.

    `message_id` is any message of the reply.
    """
    # Splitting a long reply can take a tenth of a second.
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
    made.stop()  # keeps discord.py from storing the modal
    return made


def _fields(text: str) -> list[str]:
    """Split the text into as few fields as possible; the smallest limit always fits."""
    # `body` leaves out the markup that `pieces` closes and reopens at each cut for messages.
    splits = (
        [piece.body for piece in pieces(text, limit)] or [""]
        for limit in (FIELD_LIMIT, 3_000, 2_400, FIELD_LIMIT // 2)
    )
    parts: list[str] = []
    for parts in splits:
        if all(_utf16_length(part) <= FIELD_LIMIT for part in parts):
            break
    return parts


def _utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_in(interaction: Interaction) -> str:
    """Return the text of the submitted form, fields joined."""
    fields = {name: text for name, text in texts(interaction).items() if name.startswith(_FIELD)}
    return sound(_joined([fields[key] for key in sorted(fields) if fields[key].strip()]))


def _joined(fields: Sequence[str]) -> str:
    """Join the fields, with a line break wherever neither side has white space."""
    text = ""
    for field in fields:
        parted = not text or text[-1].isspace() or field[0].isspace()
        text += field if parted else f"\n{field}"
    return text
