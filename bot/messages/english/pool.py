"""English: app-servers."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Plural, Texts

TEXTS: Final[Texts] = {
    "pool.row_drained": "It is **drained**: no new answers are started.",
    "pool.nothing_runs": "No app-server is running right now.",
    "pool.nobody_awake": "No character is awake for this server right now.",
    "pool.admits": "New turns are taken again.",
    "pool.drains": (
        "The pool is **drained**: running answers are finished, no new turns are taken. "
        "Use `/pool drain` again to take new turns."
    ),
    "pool.awake_here": "**{name}** · {rooms} here",
    "pool.has_new_server": "**{name}** has a new app-server.",
    "pool.sleeps": "**{name}** sleeps until somebody speaks to it.",
    "pool.turns": Plural(by="count", one="{count} turn", other="{count:,} turns"),
    "pool.threads": Plural(by="count", one="{count} thread", other="{count:,} threads"),
    "pool.tokens": Plural(by="count", one="{count} token", other="{count:,} tokens"),
    "pool.rooms": Plural(by="count", one="{count} room", other="{count:,} rooms"),
    "pool.characters": Plural(by="count", one="{count} character", other="{count:,} characters"),
    "pool.running": "**{active} of {most}** app-servers run, {healthy} healthy; {waiting} waiting.",
    "pool.used": "{threads}, {turns}, {tokens}, {memory} of memory.",
    "pool.since_start": (
        "Since the bot was started: {starts}, {evictions} put to sleep, {failures}."
    ),
    "pool.starts": Plural(by="count", one="{count} start", other="{count:,} starts"),
    "pool.failed_starts": Plural(
        by="count", one="{count} failed start", other="{count:,} failed starts"
    ),
    "pool.problem": "⚠️ {problem}",
    "pool.awake_in_server": "Awake in this server: {characters}, in {rooms}.",
    "pool.instance": (
        "**{name}** · {state} · pid {pid} · up {age:duration} · {rooms} · {turns} · {tokens} · "
        "{memory}"
    ),
    "pool.state": "{state}",
    "pool.resting": "{state} for {idle:duration}",
    "pool.last_error": "{instance}\n-# last error: {error}",
}
