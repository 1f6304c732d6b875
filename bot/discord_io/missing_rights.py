"""Tells a channel, in the bot's own voice, which permission its characters lack."""

from __future__ import annotations

from bot.discord_io.bot_api import BotApi
from bot.discord_io.parts import Part
from bot.domain.room import Room
from bot.messages.hints import SpeaksUnderBotsName
from bot.messages.rendering import render


class MissingRights:
    """Sends the notice; the stage decides how often."""

    def __init__(self, bot: BotApi) -> None:
        self._bot = bot

    async def tell(self, room: Room, lacking: str) -> None:
        """Say that the permission `lacking` is missing in the room. Raises `DeliveryError`."""
        await self._bot.send(room.id, Part(render(SpeaksUnderBotsName(lacking))))
