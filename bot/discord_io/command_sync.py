"""Sync of our commands to Discord, only when they changed: Discord limits such calls per day."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.errors import StoreError

log = logging.getLogger(__name__)


class SyncMemory(Protocol):
    """Stores the state of the last sync over restarts, as a text in this module's format."""

    async def get(self) -> str | None:
        """Return the stored state; None if there is none."""
        ...

    async def set(self, told: str) -> None:
        """Store the state."""
        ...


async def sync(tree: app_commands.CommandTree[Any], memory: SyncMemory) -> Mapping[str, int]:
    """Sync the commands of `tree` to Discord if they changed since the last sync.

    Returns name → Discord's id for each slash command; messages need the id for clickable mentions.
    """
    digest = _digest(tree)
    try:
        synced_ids = _ids_synced(await memory.get(), digest)
    except StoreError as error:
        log.warning("cannot read the last command sync, syncing again: %s", error)
        synced_ids = None
    if synced_ids is not None:
        return synced_ids
    commands = await tree.sync()
    log.info("synced %s commands to Discord", len(commands))
    ids = {
        command.name: command.id
        for command in commands
        if command.type is discord.AppCommandType.chat_input
    }
    try:
        await memory.set(json.dumps({"digest": digest, "ids": ids}))
    except StoreError as error:
        log.warning("cannot store the command sync: %s", error)
    return ids


def _ids_synced(state: str | None, digest: str) -> dict[str, int] | None:
    """Return the ids from the last sync; None if its digest differs or there was no sync."""
    try:
        row = json.loads(state or "")
        same = row["digest"] == digest
        ids = row["ids"].items()
        return {str(name): int(command_id) for name, command_id in ids} if same else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _digest(tree: app_commands.CommandTree[Any]) -> str:
    kinds = (discord.AppCommandType.chat_input, *_MENUS)
    payload = [command.to_dict(tree) for kind in kinds for command in tree.get_commands(type=kind)]
    payload.sort(key=lambda command: (command["type"], command["name"]))
    # With the application's id, so that another application's commands are always synced.
    whole = {"application": tree.client.application_id, "commands": payload}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


_MENUS = (discord.AppCommandType.user, discord.AppCommandType.message)
