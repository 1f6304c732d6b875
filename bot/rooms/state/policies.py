"""The cache of room policies: a room's own policy, else its parent's, else the default.

A room whose memory was only reset still inherits everything else.

Every message needs the policy, so policies are served from memory: read from the store at start,
and written through.
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
    """Persistent policies."""

    async def policies(self) -> dict[int, Policy]:
        """Return room id → own policy, without unreadable ones."""
        ...

    async def keep_policy(self, room_id: int, policy: Policy) -> None:
        """Write a room's own policy."""
        ...

    async def drop_policy(self, room_id: int) -> None:
        """Delete a room's own policy. Idempotent."""
        ...


class Policies:
    """The policies of all rooms."""

    def __init__(self, store: PolicyStore) -> None:
        self._store = store
        self._own: dict[int, Policy] = {}
        # Serialises changes, which are rare.
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Read every policy. Idempotent."""
        self._own = await self._store.policies()

    def of(self, room: Room) -> Policy:
        """Return the policy in force in the room."""
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
        """Return the position (a snowflake) of the room's last reset; 0 if none."""
        return self.of(room).since

    def has_own(self, room: Room) -> bool:
        """Return whether the room has its own policy and inherits none."""
        own = self._own.get(room.id)
        return own is not None and not own.follows

    def rooms(self) -> set[int]:
        """Return the ids of the rooms with a stored policy."""
        return set(self._own)

    async def change(self, room: Room, how: Callable[[Policy], Policy]) -> Policy:
        """Replace the room's policy by `how(policy)` and return the new one.

        A room that ends up with its parent's policy inherits again.
        """
        async with self._lock:
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
        """Delete the policies of deleted rooms."""
        async with self._lock:
            for room_id in room_ids:
                await self._drop(room_id)

    def _inherited(self, room: Room) -> Policy:
        above = self._own.get(room.parent_id or 0, DEFAULT)
        return replace(above, follows=False) if above.follows else above

    async def _drop(self, room_id: int) -> None:
        if room_id in self._own:
            await self._store.drop_policy(room_id)
            del self._own[room_id]
