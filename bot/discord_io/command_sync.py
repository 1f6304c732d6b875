"""Telling Discord our slash commands, only when they changed: it allows few such calls a day."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.errors import StoreError

log = logging.getLogger(__name__)


class SyncMemory(Protocol):
    """What Discord was told last, kept over restarts."""

    async def get(self) -> str | None:
        """The digest of what was told last; None when nothing was."""
        ...

    async def set(self, digest: str) -> None:
        """Remember it."""
        ...


async def sync(tree: app_commands.CommandTree[Any], memory: SyncMemory) -> bool:
    """Tell Discord the commands of `tree` if they differ from last time; whether it was told."""
    digest = _digest(tree)
    try:
        if await memory.get() == digest:
            return False
    except StoreError as error:
        log.warning("whether the commands changed cannot be told: %s", error)
    commands = await tree.sync()
    log.info("told Discord %s commands", len(commands))
    try:
        await memory.set(digest)
    except StoreError as error:
        log.warning("that the commands were told cannot be remembered: %s", error)
    return True


def _digest(tree: app_commands.CommandTree[Any]) -> str:
    kinds = (discord.AppCommandType.chat_input, *_MENUS)
    payload = [one.to_dict(tree) for kind in kinds for one in tree.get_commands(type=kind)]
    payload.sort(key=lambda command: (command["type"], command["name"]))
    # Another application must be told anew, whatever was remembered.
    whole = {"application": tree.client.application_id, "commands": payload}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


_MENUS = (discord.AppCommandType.user, discord.AppCommandType.message)
