"""Numbers and rows → Discord's text, for commands. Names are `bot.domain.markup`'s."""

from __future__ import annotations

import discord

from bot.domain.splitting import pieces
from bot.domain.visible import sound

# Discord's limit for a message.
MESSAGE_LIMIT = 2_000


def name_of(user: discord.User | discord.Member) -> str:
    """What people see this person called, here."""
    return user.display_name


def count(number: int, thing: str) -> str:
    """`1 room`, `2 rooms`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def duration(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 5 min`, `4 d`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d"


def megabytes(count: int | None) -> str:
    """`79 MB`; a dash where it is not known."""
    return "–" if count is None else f"{count / 1_000_000:.0f} MB"


def shortened(text: str) -> str:
    """`text` in one message; what does not fit is left out, which is said."""
    whole = sound(text)
    if len(whole) <= MESSAGE_LIMIT:
        return whole
    return f"{next(pieces(whole[: 2 * MESSAGE_LIMIT], MESSAGE_LIMIT - 2)).text.rstrip()} …"


def fitted(rows: list[str], *, limit: int = MESSAGE_LIMIT) -> str:
    """The rows in one message; when they do not fit, the last line says how many are left out."""
    shown: list[str] = []
    room = limit - 40
    for place, row in enumerate(rows):
        if len(row) + 1 > room:
            shown.append(f"… and {len(rows) - place} more.")
            break
        shown.append(row)
        room -= len(row) + 1
    return "\n".join(shown)
