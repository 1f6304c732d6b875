"""What holds in each room: its own policy, else its parent's, else the default. Owns the cache.

A room that was only made to forget still follows its parent in the rest.

Every message asks for it, so it is answered from memory: the store is read once at start and
written through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from bot.domain.policy import Policy
from bot.domain.room import Room

DEFAULT = Policy()


class PolicyStore(Protocol):
    """Where policies are kept."""

    async def policies(self) -> dict[int, Policy]:
        """Room id → its own policy. Unreadable ones are left out."""
        ...

    async def keep_policy(self, room_id: int, policy: Policy) -> None:
        """Write a room's own policy."""
        ...

    async def drop_policy(self, room_id: int) -> None:
        """The room has none of its own any more. Safe to repeat."""
        ...


class Policies:
    """The policies of all rooms of this process."""

    def __init__(self, store: PolicyStore) -> None:
        self._store = store
        self._own: dict[int, Policy] = {}
        # Changes are rare, and must not overtake each other.
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Read every policy. Safe to repeat."""
        self._own = await self._store.policies()

    def of(self, room: Room) -> Policy:
        """What holds there."""
        own, inherited = self._own.get(room.id), self._inherited(room)
        if own is None:
            return inherited
        if not own.follows:
            return own
        since = max(own.since, inherited.since)
        return replace(inherited, since=since, since_before=own.since_before)

    def is_paused(self, room: Room) -> bool:
        """Return whether nobody may speak there now."""
        return self.of(room).paused

    def since(self, room: Room) -> int:
        """The order before which nothing is remembered there."""
        return self.of(room).since

    def has_own(self, room: Room) -> bool:
        """Whether the room follows no parent."""
        own = self._own.get(room.id)
        return own is not None and not own.follows

    def rooms(self) -> set[int]:
        """The rooms of which something is kept."""
        return set(self._own)

    async def change(self, room: Room, how: Callable[[Policy], Policy]) -> Policy:
        """Make by `how` from what holds what holds from now on, and give it.

        A room that ends up with its parent's policy has none of its own: it follows again.
        """
        async with self._changing:
            policy, inherited = how(self.of(room)), self._inherited(room)
            if policy == inherited:
                await self._drop(room.id)
            else:
                like_parent = replace(
                    inherited, since=policy.since, since_before=policy.since_before
                )
                follows = like_parent == policy
                own = replace(policy, follows=follows)
                await self._store.keep_policy(room.id, own)
                self._own[room.id] = own
        return policy

    async def forget(self, room_ids: Iterable[int]) -> None:
        """Places are gone for good: so are their policies."""
        async with self._changing:
            for room_id in room_ids:
                await self._drop(room_id)

    def _inherited(self, room: Room) -> Policy:
        above = self._own.get(room.parent_id or 0, DEFAULT)
        return replace(above, follows=False) if above.follows else above

    async def _drop(self, room_id: int) -> None:
        if room_id in self._own:
            await self._store.drop_policy(room_id)
            del self._own[room_id]
