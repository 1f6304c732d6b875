"""The mind on Codex: implements `bot.rooms.ports.mind.Mind`.

Owns the settings that a Codex thread is started with, and their fingerprint. The pool owns the
processes, the instance the protocol and the turns; the caller decides what follows from a lost
Codex thread.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.codex.instance import Instance
from bot.codex.pool import Pool
from bot.codex.protocol import Question, ThreadSettings
from bot.codex.stream import TurnStream
from bot.domain.character import Character
from bot.domain.model_profile import ModelProfile, ToolRoute
from bot.domain.room import Seat
from bot.domain.tool_calls import ToolSpec
from bot.domain.turn import Line
from bot.domain.utterance import Image

log = logging.getLogger(__name__)


async def _at_once(_: Character) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of the models; a thread's profile says which form of them it gets."""

    version: str
    """Another one when the tools change: threads made with other tools are not gone on with."""
    functions: tuple[ToolSpec, ...] = ()
    """The tools as plain functions."""
    mcp_servers: tuple[str, ...] = ()
    """The names of the MCP servers that offer the same tools."""


@dataclass(frozen=True, slots=True)
class ThreadDefaults:
    """What Codex threads are started with where the character says nothing else."""

    work_dir: Path
    """An empty folder."""
    model: str | None = None
    """For characters that name no model; None leaves Codex's own."""
    effort: str | None = None
    """The reasoning effort, likewise."""


class CodexMind:
    """Leases the characters' app-servers, with the settings of their Codex threads.

    `prompt(character, profile)` makes the instructions of a Codex thread. `profile_of(character)`
    gives the profile of the model; `ready(character)` is awaited before a lease, in case the model
    is still being probed.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        prompt: Callable[[Character, ModelProfile], str],
        tools: Tools,
        defaults: ThreadDefaults,
        profile_of: Callable[[Character], ModelProfile] = lambda _: ModelProfile(),
        ready: Callable[[Character], Awaitable[None]] = _at_once,
    ) -> None:
        self._pool = pool
        self._prompt = prompt
        self._tools = tools
        self._defaults = defaults
        self._profile_of = profile_of
        self._windows: dict[str | None, int] = {}
        self._ready = ready

    def fingerprint(self, character: Character) -> str:
        """Hash the settings of the character's Codex threads, to be replaced when they change."""
        settings = self._settings(character)
        profile = self._profile_of(character)
        # The transcript style and the tool route. A Codex thread keeps the functions that it was
        # started with, whatever a resume says.
        form = [profile.style.value, profile.tools.value]
        parts = [settings.instructions, settings.model, settings.effort, self._tools.version, *form]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def profile(self, character: Character) -> ModelProfile:
        """Return the profile of the character's model, with a window learned from its endpoint."""
        profile = self._profile_of(character)
        learned = self._windows.get(self._model_of(character))
        if learned is None:
            return profile
        return replace(profile, window=min(learned, profile.window or learned))

    def learn_window(self, character: Character, tokens: int) -> None:
        """Store the context window that the endpoint reported for the character's model."""
        model = self._model_of(character)
        if tokens != self._windows.get(model):
            log.warning(
                "the endpoint of model %s reports a window of %d tokens", model or "", tokens
            )
            self._windows[model] = tokens

    @asynccontextmanager
    async def lease(
        self, character: Character, *, on_wait: Callable[[int], None] | None = None
    ) -> AsyncIterator[CodexLease]:
        """Lease the character's app-server; see `Pool.lease`."""
        await self._ready(character)
        async with self._pool.lease(character, on_wait=on_wait) as instance:
            yield CodexLease(instance, self._settings(character))

    def _settings(self, character: Character) -> ThreadSettings:
        profile = self._profile_of(character)
        route = profile.tools
        return ThreadSettings(
            instructions=self._prompt(character, profile),
            cwd=str(self._defaults.work_dir),
            model=self._model_of(character),
            effort=character.effort or self._defaults.effort,
            window=self.profile(character).window,
            functions=self._tools.functions if route is ToolRoute.FUNCTIONS else (),
            without_servers=() if route is ToolRoute.MCP else self._tools.mcp_servers,
        )

    def _model_of(self, character: Character) -> str | None:
        return character.model or self._defaults.model


class CodexLease:
    """A character's app-server, leased for one turn: a `bot.rooms.ports.mind.LeasedMind`."""

    def __init__(self, instance: Instance, settings: ThreadSettings) -> None:
        self._instance = instance
        self._settings = settings

    async def resume(self, seat: Seat, thread_id: str) -> tuple[str, ...]:
        """Load the Codex thread. Raises `SessionRecoveryError` when it is lost.

        Returns the ids of its newest Codex turns, oldest first, if some may be missing from the
        session; otherwise an empty tuple.
        """
        return await self._instance.load(seat, thread_id, self._settings)

    async def begin(self, seat: Seat, history: Sequence[Line]) -> str:
        """Start a Codex thread for `seat` that contains `history`; return its id."""
        return await self._instance.begin(seat, history, self._settings)

    async def revert(self, thread_id: str, codex_turn_id: str) -> None:
        """Roll the Codex thread back to before that Codex turn."""
        await self._instance.revert(thread_id, codex_turn_id, self._settings)

    async def inject(self, thread_id: str, lines: Sequence[Line]) -> None:
        """Append `lines` to the Codex thread without asking the model."""
        await self._instance.inject(thread_id, lines, self._settings)

    async def steer(self, thread_id: str, codex_turn_id: str, words: str) -> bool:
        """Add `words` to the running turn's question; False once its answer has begun.

        Raises `TransportClosedError` when Codex did not acknowledge the request.
        """
        return await self._instance.steer(thread_id, codex_turn_id, words)

    def speak(
        self, thread_id: str, words: str, images: Sequence[Image] = ()
    ) -> AbstractAsyncContextManager[TurnStream]:
        """Start a turn that answers `words`; see the port for the events and errors."""
        return self._instance.turn(thread_id, Question(words, images), self._settings)
