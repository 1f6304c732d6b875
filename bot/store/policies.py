"""The rooms' own policies, and the characters that rooms are bound to, in Redis.

Implements `bot.rooms.state.policies.PolicyStore` and
`bot.rooms.decisions.decision_inputs.BindingStore`. Owns no inheritance: `bot.rooms` decides the
policy of a room without its own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import time, timedelta

from bot.domain.policy import Mode, Policy, Quiet
from bot.store import keys
from bot.store.connection import Store
from bot.store.records import RecordError

log = logging.getLogger(__name__)

# As long as `ledger.MESSAGE_KEPT`: a Discord thread that is silent for 90 days loses its binding.
BINDING_KEPT = timedelta(days=90)


class RedisPolicies:
    """Room id → policy; room id → the character that the room is bound to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def policies(self) -> dict[int, Policy]:
        """Return room id → its own policy; unreadable records are logged and skipped."""
        async with self._store.reached() as redis:
            rows: dict[str, str] = await redis.hgetall(keys.POLICIES)
        found: dict[int, Policy] = {}
        for room_id, text in rows.items():
            try:
                found[int(room_id)] = policy_from_text(text)
            except ValueError:
                log.exception("skipping the policy of room %s: it cannot be read", room_id)
        return found

    async def keep_policy(self, room_id: int, policy: Policy) -> None:
        """Write a room's own policy."""
        async with self._store.reached() as redis:
            await redis.hset(keys.POLICIES, str(room_id), policy_to_text(policy))

    async def drop_policy(self, room_id: int) -> None:
        """Delete a room's own policy. Idempotent."""
        async with self._store.reached() as redis:
            await redis.hdel(keys.POLICIES, str(room_id))

    async def binding(self, room_id: int) -> str | None:
        """Return the key of the character that the room is bound to; None without a binding."""
        async with self._store.reached() as redis:
            character: str | None = await redis.get(keys.bound(room_id))
        return character

    async def bind(self, room_id: int, character: str) -> None:
        """Bind the room to a character for `BINDING_KEPT`."""
        async with self._store.reached() as redis:
            await redis.set(keys.bound(room_id), character, ex=BINDING_KEPT)


def policy_to_text(policy: Policy) -> str:
    """Encode a policy as JSON."""
    quiet = policy.quiet
    row = {
        "mode": policy.mode.value,
        "chance": policy.chance,
        "chain": policy.chain,
        "cooldown": policy.cooldown,
        "quiet": None
        if quiet is None
        else [quiet.start.isoformat(), quiet.end.isoformat(), quiet.zone],
        "denied": sorted(policy.denied),
        "paused": policy.paused,
        "since": policy.since,
        "follows": policy.follows,
        "askers_edit": policy.askers_edit,
        "since_before": policy.since_before,
    }
    return json.dumps(row, separators=(",", ":"))


def policy_from_text(text: str) -> Policy:
    """Decode the output of `policy_to_text`. Raises `RecordError`."""
    try:
        row = json.loads(text)
        return Policy(
            mode=Mode(row["mode"]),
            chance=int(row["chance"]),
            chain=int(row["chain"]),
            cooldown=int(row["cooldown"]),
            quiet=_quiet(row["quiet"]),
            denied=frozenset(map(str, row["denied"])),
            paused=bool(row["paused"]),
            since=int(row["since"]),
            follows=bool(row.get("follows", False)),
            askers_edit=bool(row.get("askers_edit", False)),
            since_before=int(row.get("since_before", 0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"not a policy: {error!r}") from error


def _quiet(row: Sequence[str] | None) -> Quiet | None:
    if row is None:
        return None
    start, end, zone = row
    return Quiet(time.fromisoformat(start), time.fromisoformat(end), zone)
