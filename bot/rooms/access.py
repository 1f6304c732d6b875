"""Where the host's settings allow the bot to be used. Nothing in Discord overrides them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.room import Place, Room


@dataclass(frozen=True, slots=True)
class Access:
    """Decides which rooms may have characters."""

    direct_messages: bool = True
    servers: frozenset[int] = frozenset()
    """Ids of the servers that may use the bot; empty means every server."""

    def refusal(self, room: Room) -> str | None:
        """Return the reason, in words for people, if characters may not speak in the room."""
        if room.place is Place.DIRECT:
            if self.direct_messages:
                return None
            return "This bot doesn’t take direct messages. Talk to characters in a server."
        if self.servers and room.guild_id not in self.servers:
            return "This bot isn’t open to this server. Whoever runs it can add the server."
        return None
