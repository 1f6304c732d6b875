"""Where the bot may be used at all: by its host's settings, not by anybody in Discord."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.room import Place, Room


@dataclass(frozen=True, slots=True)
class Access:
    """Which rooms may have characters."""

    direct_messages: bool = True
    servers: frozenset[int] = frozenset()
    """Ids of the servers that may use the bot; empty: all that invite it."""

    def refusal(self, room: Room) -> str | None:
        """Why nobody speaks in that room, for people; None where characters may."""
        if room.place is Place.DIRECT:
            if self.direct_messages:
                return None
            return "This bot doesn’t take direct messages. Talk to characters in a server."
        if self.servers and room.guild_id not in self.servers:
            return "This bot isn’t open to this server. Whoever runs it can add the server."
        return None
