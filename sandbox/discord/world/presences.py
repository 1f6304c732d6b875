"""Presences: what a bot says of itself (op 3), and who is told. People here are always there."""

from __future__ import annotations

from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Json, User
from sandbox.discord.world.state import State

_OFFLINE: Json = {"status": "offline", "activities": []}


def show(state: State, user: User, raw: Json | None) -> None:
    """Take a presence as the gateway got it (None: the account went away) and tell its guilds."""
    if raw is None:
        state.presences.pop(user.id, None)
    else:
        state.presences[user.id] = {
            "status": raw.get("status") or "online",
            "activities": raw.get("activities") or [],
        }
    for guild in state.guilds.values():
        if user.id in guild.members:
            data = payload(state, user.id) | {"guild_id": str(guild.id)}
            state.emit(Event("PRESENCE_UPDATE", data, guild.id))


def payload(state: State, user_id: int) -> Json:
    """How an account is now."""
    about = state.presences.get(user_id, _OFFLINE)
    return about | {"user": {"id": str(user_id)}, "client_status": {}}
