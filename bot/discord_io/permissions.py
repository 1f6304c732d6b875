"""The permissions that the bot needs, and why: the table for invite, doctor and /diagnose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import discord

from bot.domain.room import Place

SCOPES: Final = ("bot", "applications.commands")


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that the bot needs: discord.py's name, Discord's name, and the purpose."""

    flag: str
    name: str
    why: str


NEEDS: Final = (
    Need("view_channel", "View Channels", "to see the channel at all"),
    Need("send_messages", "Send Messages", "to speak as the bot itself"),
    Need("send_messages_in_threads", "Send Messages in Threads", "to speak in threads and posts"),
    Need("manage_webhooks", "Manage Webhooks", "to give each character its own name and face"),
    Need(
        "read_message_history", "Read Message History", "to know what was said, and resend safely"
    ),
    Need("add_reactions", "Add Reactions", "to let characters react"),
    Need("embed_links", "Embed Links", "to show commands' answers"),
    Need("attach_files", "Attach Files", "to send long texts, and what characters write as files"),
    Need("use_external_emojis", "Use External Emojis", "to react with emojis of other servers"),
    Need("create_public_threads", "Create Public Threads", "to let characters open threads"),
    Need("send_polls", "Create Polls", "to let characters start polls"),
    Need("manage_messages", "Manage Messages", "to clear away what a deleted webhook began to say"),
    Need("pin_messages", "Pin Messages", "to let characters pin what those who may ask them to"),
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
