"""Formats numbers and rows as text for Discord. `bot.domain.markup` escapes names."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.domain.character import Character
from bot.domain.graphemes import is_inside
from bot.domain.markup import plain
from bot.domain.splitting import pieces
from bot.domain.visible import sound
from bot.messages.commands import AndMore
from bot.messages.rendering import render

# Discord's limit on the length of a message.
MESSAGE_LIMIT = 2_000
# Discord's limit on the label of a choice.
CHOICE_LIMIT = 100


def name_of(user: discord.User | discord.Member) -> str:
    """Return the person's display name in this server."""
    return user.display_name


def named(character: Character, *, limit: int = CHOICE_LIMIT) -> str:
    """Return the label of a choice: name and description, truncated to `limit`."""
    if not character.description:
        return character.name
    whole = f"{character.name} · {character.description}"
    if len(whole) <= limit:
        return whole
    place = limit - 1
    while is_inside(whole, place, 0):
        place -= 1
    return f"{whole[:place].rstrip(' ·')}…"


def command_shown(command: str, ids: Mapping[str, int]) -> str:
    """Return a command (`room why`) as a clickable mention; as text if its id is unknown."""
    number = ids.get(command.split(" ", maxsplit=1)[0])
    if number is not None:
        return f"</{command}:{number}>"
    return f"*{plain(command)}*" if command[:1].isupper() else f"`/{command}`"


def shortened(text: str) -> str:
    """Truncate `text` to one message, marked with “…”."""
    whole = sound(text)
    if len(whole) <= MESSAGE_LIMIT:
        return whole
    return f"{next(pieces(whole[: 2 * MESSAGE_LIMIT], MESSAGE_LIMIT - 2)).text.rstrip()} …"


def fullest(*forms: list[str], limit: int = MESSAGE_LIMIT) -> list[str]:
    """Return the first of these versions that fits in a message, else the last (shortest) one."""
    fitting = (rows for rows in forms if sum(len(row) + 1 for row in rows) <= limit - 40)
    return next(fitting, forms[-1])


def fitted(rows: list[str], *, limit: int = MESSAGE_LIMIT) -> str:
    """Join the rows that fit in a message; a last line counts the rows left out."""
    shown: list[str] = []
    room = limit - 40
    for place, row in enumerate(rows):
        if len(row) + 1 > room:
            shown.append(render(AndMore(len(rows) - place)))
            break
        shown.append(row)
        room -= len(row) + 1
    return "\n".join(shown)
