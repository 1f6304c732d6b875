"""Where the host's settings allow the bot to be used. Nothing in Discord overrides them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.room import Place, Room
from bot.message_data import Message
from bot.refusals import NO_DIRECT_MESSAGES, SERVER_NOT_ADMITTED


@dataclass(frozen=True, slots=True)
class Access:
    """Decides which rooms may have characters."""

    direct_messages: bool = True
    servers: frozenset[int] = frozenset()
    """Ids of the servers that may use the bot; empty means every server."""

    def refusal(self, room: Room) -> Message | None:
        """Return the reason if characters may not speak in the room; None if they may."""
        if room.place is Place.DIRECT:
            if self.direct_messages:
                return None
            return NO_DIRECT_MESSAGES
        if self.servers and room.guild_id not in self.servers:
            return SERVER_NOT_ADMITTED
        return None
