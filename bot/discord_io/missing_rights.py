"""Tells a channel, in the bot's own voice, what the bot lacks to give characters their faces."""

from __future__ import annotations

from bot.discord_io.bot_api import BotApi
from bot.discord_io.parts import Part
from bot.domain.room import Room


class MissingRights:
    """Owns the words; how often they are said is the stage's."""

    def __init__(self, bot: BotApi) -> None:
        self._bot = bot

    async def tell(self, room: Room, lacking: str) -> None:
        """Say that the right `lacking` is missing there. Raises `DeliveryError`."""
        text = (
            f"I’m missing **{lacking}** in this channel, so characters speak under my name. "
            "An admin can change that in the channel’s settings; `/diagnose` shows more."
        )
        await self._bot.send(room.id, Part(text))
