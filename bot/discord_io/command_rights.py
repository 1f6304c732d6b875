"""Whom a server lets use a command, as it is set under *Server Settings → Integrations*.

Discord applies that to commands alone. What does the same as a command by another way, such as a
menu under a message, has to ask for it. Owns the question and Discord's rule, no answer to people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

_ROLE: Final = 1
_USER: Final = 2
_CHANNEL: Final = 3

Grants = Mapping[tuple[int, int], bool]
"""(Kind, id) → whether the command may be used there, or by them."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who would use a command, and where. `channel_id` is a thread's parent."""

    guild_id: int
    channel_id: int
    user_id: int
    role_ids: frozenset[int]


class CommandRights:
    """What one server has set: by command id, and by the application's for all commands."""

    def __init__(self, application_id: int, grants: Mapping[int, Grants]) -> None:
        self._application_id = application_id
        self._grants = grants

    def allow(self, command_id: int, asker: Asker) -> bool:
        """Whether that person may use the command there."""
        ids = (command_id, self._application_id)
        return may_use([self._grants.get(number, {}) for number in ids], asker)


async def rights_in(client: discord.Client, guild_id: int) -> CommandRights:
    """What the server has set, by one request.

    Raises `discord.HTTPException`, `aiohttp.ClientError` and `OSError`.
    """
    application_id = client.application_id or 0
    rows = await client.http.get_guild_application_command_permissions(application_id, guild_id)
    grants = {int(row["id"]): _grants(row["permissions"]) for row in rows}
    return CommandRights(application_id, grants)


def _grants(rows: Iterable[Mapping[str, Any]]) -> Grants:
    return {(int(row["type"]), int(row["id"])): bool(row["permission"]) for row in rows}


def may_use(levels: Sequence[Grants], asker: Asker) -> bool:
    """Discord's rule (“Application Command Permissions”): the place and the person both have to be
    allowed; what is set for the command counts before what is set for the application.
    """
    places = (_place(level, asker) for level in levels)
    persons = (_person(level, asker) for level in levels)
    return _first(places) and _first(persons)


def _first(verdicts: Iterable[bool | None]) -> bool:
    return next((verdict for verdict in verdicts if verdict is not None), True)


def _place(level: Grants, asker: Asker) -> bool | None:
    # Discord's number for all channels of a server is the server's less one.
    return level.get((_CHANNEL, asker.channel_id), level.get((_CHANNEL, asker.guild_id - 1)))


def _person(level: Grants, asker: Asker) -> bool | None:
    own = level.get((_USER, asker.user_id))
    if own is not None:
        return own
    roles = [level[_ROLE, role] for role in asker.role_ids if (_ROLE, role) in level]
    return any(roles) if roles else level.get((_ROLE, asker.guild_id))
