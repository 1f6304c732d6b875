"""Numbers and rows → Discord's text, for commands. Names are `bot.domain.markup`'s."""

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

# Discord's limit for a message.
MESSAGE_LIMIT = 2_000
# And for one entry of a list to choose from.
CHOICE_LIMIT = 100


def name_of(user: discord.User | discord.Member) -> str:
    """What people see this person called, here."""
    return user.display_name


def named(character: Character, *, limit: int = CHOICE_LIMIT) -> str:
    """Its name and who it is, as one entry of a list to choose from; what does not fit is cut."""
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
    """A command (`room why`) as Discord makes it clickable; as text where its id is not known."""
    number = ids.get(command.split(" ", maxsplit=1)[0])
    if number is not None:
        return f"</{command}:{number}>"
    return f"*{plain(command)}*" if command[:1].isupper() else f"`/{command}`"


def shortened(text: str) -> str:
    """`text` in one message; what does not fit is left out, which is said."""
    whole = sound(text)
    if len(whole) <= MESSAGE_LIMIT:
        return whole
    return f"{next(pieces(whole[: 2 * MESSAGE_LIMIT], MESSAGE_LIMIT - 2)).text.rstrip()} …"


def fullest(*forms: list[str], limit: int = MESSAGE_LIMIT) -> list[str]:
    """The first of these forms of the same rows that fits in a message; else the last, barest."""
    fitting = (rows for rows in forms if sum(len(row) + 1 for row in rows) <= limit - 40)
    return next(fitting, forms[-1])


def fitted(rows: list[str], *, limit: int = MESSAGE_LIMIT) -> str:
    """The rows in one message; when they do not fit, the last line says how many are left out."""
    shown: list[str] = []
    room = limit - 40
    for place, row in enumerate(rows):
        if len(row) + 1 > room:
            shown.append(render(AndMore(len(rows) - place)))
            break
        shown.append(row)
        room -= len(row) + 1
    return "\n".join(shown)
