"""Telling Discord our slash commands, only when they changed: it allows few such calls a day."""

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
    """What Discord was told last, kept over restarts. The text is this module's alone."""

    async def get(self) -> str | None:
        """What was kept last; None when nothing was."""
        ...

    async def set(self, told: str) -> None:
        """Remember it."""
        ...


async def sync(tree: app_commands.CommandTree[Any], memory: SyncMemory) -> Mapping[str, int]:
    """Tell Discord the commands of `tree` if they differ from last time.

    Gives Discord's ids of the slash commands by name, which make them clickable in messages.
    """
    digest = _digest(tree)
    try:
        known = _ids_told(await memory.get(), digest)
    except StoreError as error:
        log.warning("whether the commands changed cannot be told: %s", error)
        known = None
    if known is not None:
        return known
    commands = await tree.sync()
    log.info("told Discord %s commands", len(commands))
    ids = {
        command.name: command.id
        for command in commands
        if command.type is discord.AppCommandType.chat_input
    }
    try:
        await memory.set(json.dumps({"digest": digest, "ids": ids}))
    except StoreError as error:
        log.warning("that the commands were told cannot be remembered: %s", error)
    return ids


def _ids_told(told: str | None, digest: str) -> dict[str, int] | None:
    """The ids of the commands with this digest; None when others, or none, were told."""
    try:
        row = json.loads(told or "")
        same = row["digest"] == digest
        return {str(name): int(number) for name, number in row["ids"].items()} if same else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _digest(tree: app_commands.CommandTree[Any]) -> str:
    kinds = (discord.AppCommandType.chat_input, *_MENUS)
    payload = [one.to_dict(tree) for kind in kinds for one in tree.get_commands(type=kind)]
    payload.sort(key=lambda command: (command["type"], command["name"]))
    # Another application must be told anew, whatever was remembered.
    whole = {"application": tree.client.application_id, "commands": payload}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


_MENUS = (discord.AppCommandType.user, discord.AppCommandType.message)
