"""English: a store that is unavailable, refuses writes, or is nearly full."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "store_state.full": "is full",
    "store_state.read_only": "can only be read",
    "store_state.disk": "can’t be written to its disk",
    "store_state.replicas": "waits for replicas that aren’t there",
    "store_state.rights": "doesn’t let the bot write",
    "store_state.busy": "is busy with somebody else’s script",
    "store_state.cluster": "is a Redis Cluster, and those aren’t supported yet",
    "store_state.away": "can’t be reached",
    "store_state.one": "refuses one of its records",
    "store_fix.full": (
        "Give Redis more memory (`maxmemory`); `docs/operations.md` says how much is kept."
    ),
    "store_fix.read_only": (
        "Point REDIS_URL to the primary: this server is a replica, or was made one."
    ),
    "store_fix.disk": (
        "Free some disk space where Redis keeps its files; its own log says what failed."
    ),
    "store_fix.replicas": "Bring the replicas back, or lower `min-replicas-to-write`.",
    "store_fix.rights": (
        "Let the user of REDIS_URL read and write keys that begin with `troupe:`, and run scripts."
    ),
    "store_fix.busy": "Send Redis `SCRIPT KILL`, or wait until that script ends.",
    "store_fix.cluster": (
        "Set REDIS_URL to a single Redis or Valkey (a primary with replicas is fine), or to none."
    ),
    "store_fix.away": "Start Redis, or correct REDIS_URL; the bot goes on by itself.",
    "store_fix.one": "The bot’s log names the record.",
    "store.for_admin": (
        "**Memory**: mine {state}, and nobody is answered until that’s fixed. Fix: {fix}"
    ),
    "store.refusing": (
        "The bot’s memory {state}, so that didn’t work. Whoever runs the bot has to fix it."
    ),
    "store.away": "The bot’s memory can’t be reached right now. Try again in a moment.",
    "store.refuses_one": (
        "The bot’s memory refuses one of its records. Whoever runs the bot will find the reason "
        "in its log."
    ),
    "store.waits_for_repair": (
        "The bot’s memory {state}, so nobody can answer yet. Whoever runs the bot has to fix it;"
        " you’ll be answered if that happens within a quarter of an hour."
    ),
    "store.waits": (
        "The bot’s memory can’t be reached right now. You’ll be answered when it’s back."
    ),
    "store.nearly_full": (
        "Redis holds {used:,.0f} of the {allowed:,.0f} MB that it may use (`maxmemory`): "
        "{share:.0%}. When it’s full, nobody is answered any more."
    ),
    "store.nearly_full_host": (
        "Redis holds {used:,.0f} of the {allowed:,.0f} MB that this machine can give it: "
        "{share:.0%}. When it’s full, nobody is answered any more."
    ),
    "store.more_memory": (
        "Raise `maxmemory`; `docs/operations.md` says how much is kept, and for how long."
    ),
    "store.more_memory_host": "Free some memory there, or move Redis to a machine with more.",
    "store.nearly_full_for_admin": (
        "**Memory**: mine is {share:.0%} full. When it’s full, nobody is answered any more. Fix: "
        "whoever runs me gives Redis more memory."
    ),
}
