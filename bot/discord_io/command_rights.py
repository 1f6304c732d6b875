"""Command permissions, as set by a server under *Server Settings → Integrations*.

Discord enforces these permissions for commands only. Other ways to the same action, such as a
button under a message, must check them here. Owns the request and Discord's rule, no messages to
people.
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
"""(Kind, id of a role, user or channel) → whether the command is allowed."""


@dataclass(frozen=True, slots=True)
class Asker:
    """The member who wants to use a command, and the channel."""

    guild_id: int
    channel_id: int
    """For a Discord thread, the parent channel."""
    user_id: int
    role_ids: frozenset[int]


class CommandRights:
    """A server's grants by command id; the application's id stands for all its commands."""

    def __init__(self, application_id: int, grants: Mapping[int, Grants]) -> None:
        self._application_id = application_id
        self._grants = grants

    def allow(self, command_id: int, asker: Asker) -> bool:
        """Return whether the asker may use the command."""
        ids = (command_id, self._application_id)
        return may_use([self._grants.get(grant_id, {}) for grant_id in ids], asker)


async def rights_in(client: discord.Client, guild_id: int) -> CommandRights:
    """Fetch the server's command permissions with a single request.

    Raises `discord.HTTPException`, `aiohttp.ClientError` and `OSError`.
    """
    application_id = client.application_id or 0
    rows = await client.http.get_guild_application_command_permissions(application_id, guild_id)
    grants = {int(row["id"]): _grants(row["permissions"]) for row in rows}
    return CommandRights(application_id, grants)


def _grants(rows: Iterable[Mapping[str, Any]]) -> Grants:
    return {(int(row["type"]), int(row["id"])): bool(row["permission"]) for row in rows}


def may_use(levels: Sequence[Grants], asker: Asker) -> bool:
    """Apply Discord's rule (“Application Command Permissions”).

    Both the channel and the member must be allowed. `levels` are in order of precedence: grants of
    the command come before grants of the application. No grant means allowed.
    """
    for_channel = (_for_channel(level, asker) for level in levels)
    for_member = (_for_member(level, asker) for level in levels)
    return _first(for_channel) and _first(for_member)


def _first(verdicts: Iterable[bool | None]) -> bool:
    return next((verdict for verdict in verdicts if verdict is not None), True)


def _for_channel(level: Grants, asker: Asker) -> bool | None:
    # Discord's id for “All Channels” is the server's id minus 1.
    return level.get((_CHANNEL, asker.channel_id), level.get((_CHANNEL, asker.guild_id - 1)))


def _for_member(level: Grants, asker: Asker) -> bool | None:
    own = level.get((_USER, asker.user_id))
    if own is not None:
        return own
    roles = [level[_ROLE, role] for role in asker.role_ids if (_ROLE, role) in level]
    return any(roles) if roles else level.get((_ROLE, asker.guild_id))
