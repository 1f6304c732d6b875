"""What Discord says about a token, without a gateway: for `doctor` and `invite`. It only reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.errors import DiscordDownError, SettingsError

TIMEOUT = aiohttp.ClientTimeout(total=10)
# Servers looked at: enough to find what an invite forgot, without walking thousands.
GUILDS = 20
# `flags` of an application (reference: “Application Flags” in Discord's documentation): the intent
# is granted in full for verified applications, or limited for those in under 100 servers.
MESSAGE_CONTENT = 1 << 18 | 1 << 19


@dataclass(frozen=True, slots=True)
class GuildReport:
    """A server that the bot is in, and what it may do there apart from channels' own rules."""

    name: str
    permissions: discord.Permissions


@dataclass(frozen=True, slots=True)
class TokenReport:
    """Whose token it is, whether messages can be read, and where the bot is."""

    bot_name: str
    application_id: int
    message_content: bool
    guilds: tuple[GuildReport, ...]


async def inspect(token: str, api_base: str) -> TokenReport:
    """Ask Discord. Raises `SettingsError` for a token it refuses, `DiscordDownError` otherwise."""
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (troupe, 1)"}
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=TIMEOUT) as http:
            me = await _get(http, f"{api_base}/users/@me")
            application = await _get(http, f"{api_base}/applications/@me")
            guilds = await _get(http, f"{api_base}/users/@me/guilds?limit={GUILDS}")
    except (aiohttp.ClientError, TimeoutError) as error:
        # The exception can carry headers, and with them the token: only its kind is told.
        raise DiscordDownError(
            None, f"Discord cannot be reached at {api_base} ({type(error).__name__})."
        ) from None
    return TokenReport(
        bot_name=me["username"],
        application_id=int(application["id"]),
        message_content=bool(int(application.get("flags") or 0) & MESSAGE_CONTENT),
        guilds=tuple(
            GuildReport(one["name"], discord.Permissions(int(one.get("permissions") or 0)))
            for one in guilds
        ),
    )


async def _get(http: aiohttp.ClientSession, url: str) -> Any:  # noqa: ANN401 JSON
    async with http.get(url) as answer:
        if answer.status == 401:
            raise SettingsError(
                "DISCORD_TOKEN",
                "Discord refuses DISCORD_TOKEN. Copy it again, or reset it, at "
                "https://discord.com/developers/applications (your application → Bot).",
            )
        if answer.status != 200:
            raise DiscordDownError(answer.status, f"Discord answered {answer.status} to {url}.")
        return await answer.json()
