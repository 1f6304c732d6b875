"""A gateway session: what one account's shard is told, numbered and kept for a resume."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.discord.record import SessionSeen
from sandbox.discord.world import World
from sandbox.discord.world.events import Event, Intent, intent_of
from sandbox.discord.world.model import User
from sandbox.discord.world.reading import may_read

_KEPT = 10_000
"""Dispatches kept for a resume; a gap longer than this is an invalid session."""


def new_session_id() -> str:
    """An id in the shape of Discord's: 32 hexadecimal digits."""
    return secrets.token_hex(16)


@dataclass(slots=True)
class Session:
    """One session. `sink` takes each packed dispatch while a connection is there."""

    id: str
    user: User
    intents: int
    shard: tuple[int, int]
    seen: SessionSeen
    seq: int = 0
    kept: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    sink: Callable[[str], None] | None = None
    drops: int = 0

    def dispatch(self, name: str, data: str) -> None:
        """Number a dispatch, keep it, and send it where a connection is there."""
        self.seq += 1
        if self.drops > 0:
            self.drops -= 1
            return
        text = f'{{"t":"{name}","s":{self.seq},"op":0,"d":{data}}}'
        self.kept.append((self.seq, text))
        if self.sink is not None:
            self.sink(text)

    def since(self, seq: int) -> list[str] | None:
        """The dispatches after `seq`; None when they are no longer all there."""
        if seq > self.seq:
            return None
        if self.kept and len(self.kept) == _KEPT and self.kept[0][0] > seq + 1:
            return None
        return [text for number, text in self.kept if number > seq]

    def wants(self, world: World, event: Event) -> bool:
        """Whether this session is told of `event`: person, shard, intent and sight."""
        if event.only is not None and self.user.id not in event.only:
            return False
        if self.user.bot and not self._subscribed(event):
            return False
        if event.only is not None:
            return True
        if event.guild_id is not None and self.user.id not in world.guilds[event.guild_id].members:
            return False
        if event.channel_id is None:
            return True
        channel = world.channels.get(event.channel_id)
        return channel is not None and world.can_see(self.user.id, channel)

    def _subscribed(self, event: Event) -> bool:
        if not self.owns(event.guild_id):
            return False
        if event.name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == str(self.user.id):
            # A bot learns of its own roles whatever its intents are (Discord's documentation).
            return True
        needed = intent_of(event.name, direct=event.guild_id is None)
        return not needed or bool(self.intents & needed)

    def owns(self, guild_id: int | None) -> bool:
        """Whether the guild belongs to this shard; direct messages belong to shard 0."""
        number, count = self.shard
        return number == (0 if guild_id is None else (guild_id >> 22) % count)

    def reads(self, event: Event) -> bool:
        """Whether the text of a message event shows."""
        if event.message is None or not self.user.bot or self.intents & Intent.MESSAGE_CONTENT:
            return True
        return may_read(self.user, event.message)
