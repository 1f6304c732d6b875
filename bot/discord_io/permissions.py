"""The permissions that the bot needs, and why: the table for invite, doctor and /diagnose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import discord

from bot.domain.room import Place
from bot.message_data import Fixed, Message

SCOPES: Final = ("bot", "applications.commands")


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that the bot needs: discord.py's name, Discord's name, and the purpose."""

    flag: str
    name: str
    why: Message


NEEDS: Final = (
    Need("view_channel", "View Channels", Fixed("need.view_channel")),
    Need("send_messages", "Send Messages", Fixed("need.send_messages")),
    Need(
        "send_messages_in_threads",
        "Send Messages in Threads",
        Fixed("need.send_messages_in_threads"),
    ),
    Need("manage_webhooks", "Manage Webhooks", Fixed("need.manage_webhooks")),
    Need("read_message_history", "Read Message History", Fixed("need.read_message_history")),
    Need("add_reactions", "Add Reactions", Fixed("need.add_reactions")),
    Need("embed_links", "Embed Links", Fixed("need.embed_links")),
    Need("attach_files", "Attach Files", Fixed("need.attach_files")),
    Need("use_external_emojis", "Use External Emojis", Fixed("need.use_external_emojis")),
    Need("create_public_threads", "Create Public Threads", Fixed("need.create_public_threads")),
    Need("send_polls", "Create Polls", Fixed("need.send_polls")),
    Need("manage_messages", "Manage Messages", Fixed("need.manage_messages")),
    Need("pin_messages", "Pin Messages", Fixed("need.pin_messages")),
)

# For `NotPermittedError`: Discord's error codes do not name the permission, the caller does.
VIEW = "View Channels"
SEND = "Send Messages"
SEND_IN_THREADS = "Send Messages in Threads"
FILES = "Attach Files"
WEBHOOKS = "Manage Webhooks"
HISTORY = "Read Message History"
REACT = "Add Reactions"
MANAGE = "Manage Messages"
PIN = "Pin Messages"
THREAD = "Create Public Threads"
# What people need, for their commands.
MANAGE_CHANNELS = "Manage Channels"
MANAGE_SERVER = "Manage Server"


def missing(permissions: discord.Permissions, place: Place = Place.CHANNEL) -> list[Need]:
    """Return the needs that the bot's `permissions` in a channel lack, in the table's order.

    In a Discord thread, *Send Messages* is not needed. In direct messages nothing is missing.
    """
    if permissions.administrator or place is Place.DIRECT:
        return []
    return [
        need
        for need in NEEDS
        if not getattr(permissions, need.flag)
        and not (place is Place.THREAD and need.flag == "send_messages")
    ]


def needed() -> discord.Permissions:
    """Return all permissions of the table."""
    return discord.Permissions(**{need.flag: True for need in NEEDS})


def invite_url(application_id: int) -> str:
    """Return the URL that invites the bot with exactly the permissions of the table."""
    return discord.utils.oauth_url(application_id, permissions=needed(), scopes=SCOPES)
