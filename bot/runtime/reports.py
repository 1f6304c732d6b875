"""Collects the bot's current state for the web pages and `/diagnose`. Owns no state and no layout.

A *problem*, reported by `bot.runtime.adapters.Vitals`, means that nobody gets an answer; anything
else that is wrong or switched off is a *note*.
"""

from __future__ import annotations

import time

from bot.characters.library import Library
from bot.codex.pool import Pool
from bot.discord_io.client import TroupeClient
from bot.endpoint.models import Models
from bot.rooms.state.casting import Casting
from bot.runtime.adapters import Vitals, pool_view
from bot.runtime.fault_reports import brief
from bot.version import version
from bot.web.views import BotView, FailedTurnView, ModelView, StoreView

INTENT_OFF = (
    "off: only mentions of the bot, replies to it and commands are understood. Turn it on at "
    "https://discord.com/developers/applications → Bot → Privileged Gateway Intents, and start the "
    "bot again."
)


class Reporting:
    """Builds the views, from the state of each part at that moment."""

    def __init__(
        self,
        *,
        client: TroupeClient,
        library: Library,
        models: Models,
        vitals: Vitals,
        pool: Pool,
        codex_version: str,
        casting: Casting,
    ) -> None:
        self._client = client
        self._library = library
        self._models = models
        self._turns = vitals.turns
        self._store = vitals.store
        self._pool = pool
        self._codex_version = codex_version
        self._casting = casting
        self._began = time.monotonic()

    def view(self) -> BotView:
        """Return the state for the status page and the metrics."""
        return BotView(
            version=version(),
            codex_version=self._codex_version,
            uptime=time.monotonic() - self._began,
            rooms=len(self._casting.rooms()),
            pool=pool_view(self._pool.stats()),
            store=self._store_view(),
            models=tuple(ModelView(name, rows) for name, rows in self._models.tables()),
            notes=tuple(self._notes()),
            characters=tuple((who.name, who.description) for who in self._library.all()),
        )

    def failed_turn(self) -> FailedTurnView | None:
        """Return the last failed turn, if none has succeeded since."""
        last = self._turns.last
        return None if last is None else FailedTurnView(last.reason.value, last.text, last.at)

    def character_faults(self) -> list[str]:
        """Return the faults of character files, one line each."""
        return [brief(fault) for fault in self._library.faults]

    def reads_messages(self) -> bool:
        """Return whether the Message Content Intent is on."""
        return self._client.reads_messages

    def _store_view(self) -> StoreView:
        memory = self._store.memory
        used, limit = (memory.used, memory.limit) if memory is not None else (None, None)
        return StoreView(writable=self._store.error is None, used=used, limit=limit or None)

    def _notes(self) -> list[tuple[str, str]]:
        notes: list[tuple[str, str]] = []
        if not self._client.reads_messages:
            notes.append(("Message Content Intent", INTENT_OFF))
        if (warning := self._store.warning) is not None:
            notes.append(("Redis", warning))
        if (last := self._turns.last) is not None:
            notes.append(("Last answer", f"failed at {last.at:%H:%M} UTC: {last.text}."))
        if (problem := self._models.problem) is not None:
            notes.append(("Model", problem))
        return notes + [("Character file", fault) for fault in self.character_faults()]
