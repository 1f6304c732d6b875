"""What rooms need from a model: leased minds and the events of their turns. Protocols only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.character import Character
from bot.domain.model_profile import ModelProfile
from bot.domain.room import Seat
from bot.domain.turn import Line, MindEvent, Usage
from bot.domain.utterance import Image


class MindEvents(Protocol):
    """The events of a running turn: an async iterator with a single listener."""

    @property
    def usage(self) -> Usage:
        """Tokens used by the turn so far, also if it fails or is abandoned."""
        ...

    def __aiter__(self) -> AsyncIterator[MindEvent]:
        """Return the iterator itself, as `async for` requires."""
        ...

    async def __anext__(self) -> MindEvent:
        """Return the next event."""
        ...


class LeasedMind(Protocol):
    """A mind leased for one turn: its app-server is not evicted during the lease."""

    async def resume(self, seat: Seat, thread_id: str) -> Sequence[str]:
        """Resume the Codex thread; no request is sent if the app-server has it loaded.

        Returns the ids of its newest Codex turns, oldest first, if some may be unknown: a previous
        process may have died in the middle of a turn, or a turn was abandoned before it had begun.
        Raises `SessionRecoveryError(thread_id)` if the Codex thread is lost, and only then.
        """
        ...

    async def begin(self, seat: Seat, history: Sequence[Line]) -> str:
        """Start a new Codex thread, inject `history` with true roles, and return its id.

        Without history the Codex thread is not on disk before its first turn has ended.
        """
        ...

    async def revert(self, thread_id: str, codex_turn_id: str) -> None:
        """Roll the Codex thread back to before that turn. An unknown turn is no error.

        Lines injected before the turn stay; lines injected later are removed with the turn.
        """
        ...

    async def inject(self, thread_id: str, lines: Sequence[Line]) -> None:
        """Append `lines` with true roles to the Codex thread, without starting a turn.

        Waits while a turn of the Codex thread runs. Raises `SessionRecoveryError` if it is lost.
        """
        ...

    async def steer(self, thread_id: str, codex_turn_id: str, words: str) -> bool:
        """Add `words` to the question of the running turn, which answers them as well.

        Returns True once the Codex thread holds the words; a rollback of the turn removes them.
        Returns False, with nothing added, if another turn runs, the turn is over, or it already
        speaks. Raises `TransportClosedError` if the process did not answer, so that neither is
        known.
        """
        ...

    def speak(
        self, thread_id: str, words: str, images: Sequence[Image] = ()
    ) -> AbstractAsyncContextManager[MindEvents]:
        """Start a turn that answers `words` and `images`; leaving the context early interrupts it.

        The events start with `Began` and end with `Finished`. Raises `TurnFailedError` when the
        turn fails, `TransportClosedError` when the process dies, `SessionRecoveryError` when
        the Codex thread is gone.
        """
        ...


class Mind(Protocol):
    """The models of all characters."""

    def fingerprint(self, character: Character) -> str:
        """Return a digest of what the character's Codex thread starts with; a change needs a new
        Codex thread."""
        ...

    def profile(self, character: Character) -> ModelProfile:
        """Return the capabilities of the character's model; certain only after the first lease."""
        ...

    def learn_window(self, character: Character, tokens: int) -> None:
        """Record the context window (tokens) of the character's model, as an answer reported it."""
        ...

    def lease(
        self, character: Character, *, on_wait: Callable[[int], None] | None = None
    ) -> AbstractAsyncContextManager[LeasedMind]:
        """Lease the character's app-server; start it if necessary.

        `on_wait` gets the position in the queue (from 1) while all app-servers are busy. Raises
        `PoolBusyError` after the queue's deadline, `CodexError` if no app-server can be started.
        """
        ...
