"""Reads what Discord's REST API says about a token, for `doctor` and `invite`. No gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import discord

from bot.errors import DiscordDownError, SettingsError

REFUSED_TEXT: Final = (
    "Discord refuses the token. Copy it again, or reset it, at "
    "https://discord.com/developers/applications (your application → Bot), and put it into "
    "DISCORD_TOKEN in .env."
)
TIMEOUT = aiohttp.ClientTimeout(total=10)
# Servers to check: enough to find permissions that an invite lacked, without fetching thousands.
GUILDS = 20
# `flags` of an application (reference: “Application Flags” in Discord's documentation): the intent
# is granted fully to verified applications, or limited to applications in fewer than 100 servers.
MESSAGE_CONTENT = 1 << 18 | 1 << 19


@dataclass(frozen=True, slots=True)
class GuildReport:
    """A server that the bot is a member of."""

    name: str
    permissions: discord.Permissions
    """The bot's permissions in the server, without channel overwrites."""


@dataclass(frozen=True, slots=True)
class TokenReport:
    """The bot and application of a token."""

    bot_name: str
    application_id: int
    message_content: bool
    """Whether the MESSAGE CONTENT intent is granted."""
    guilds: tuple[GuildReport, ...]
    """The bot's servers, at most `GUILDS`."""


async def inspect(token: str, api_base: str) -> TokenReport:
    """Read the token's report. Raises `SettingsError` for a refused token, `DiscordDownError`."""
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (troupe, 1)"}
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=TIMEOUT) as http:
            me = await _get(http, f"{api_base}/users/@me")
            application = await _get(http, f"{api_base}/applications/@me")
            guilds = await _get(http, f"{api_base}/users/@me/guilds?limit={GUILDS}")
    except (aiohttp.ClientError, TimeoutError) as error:
        # Only the type of the exception: it can contain the headers, and with them the token.
        raise DiscordDownError(
            None, f"Discord cannot be reached at {api_base} ({type(error).__name__})."
        ) from None
    return TokenReport(
        bot_name=me["username"],
        application_id=int(application["id"]),
        message_content=bool(int(application.get("flags") or 0) & MESSAGE_CONTENT),
        guilds=tuple(
            GuildReport(guild["name"], discord.Permissions(int(guild.get("permissions") or 0)))
            for guild in guilds
        ),
    )


async def _get(http: aiohttp.ClientSession, url: str) -> Any:  # noqa: ANN401 JSON
    async with http.get(url) as answer:
        if answer.status == 401:
            raise SettingsError("DISCORD_TOKEN", REFUSED_TEXT)
        if answer.status != 200:
            raise DiscordDownError(answer.status, f"Discord answered {answer.status} to {url}.")
        return await answer.json()
