"""What rooms need of a model: leased minds and the events of their turns. Protocols only."""

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
    """The events of one turn while it runs: an async iterator with one listener."""

    @property
    def usage(self) -> Usage:
        """Tokens that the turn is known to have used so far, also when it fails or is left."""
        ...

    def __aiter__(self) -> AsyncIterator[MindEvent]:
        """Itself."""
        ...

    async def __anext__(self) -> MindEvent:
        """The next event."""
        ...


class LeasedMind(Protocol):
    """A mind held for one turn: it is not evicted while it is held."""

    async def resume(self, seat: Seat, thread_id: str) -> Sequence[str]:
        """Make the thread ready to speak; nothing is sent when it already is.

        Gives the ids of its newest turns, oldest first, when it may hold some that nobody knows of:
        another process had it before, and may have died in the middle of one, or a turn was left
        before it had begun. Raises `SessionRecoveryError(thread_id)` when the thread is lost, and
        only then.
        """
        ...

    async def begin(self, seat: Seat, history: Sequence[Line]) -> str:
        """Start a new thread, tell it `history` with true roles, and give its id.

        Without history the thread is not on disk before its first turn has ended.
        """
        ...

    async def revert(self, thread_id: str, codex_turn_id: str) -> None:
        """Make the thread forget that turn and all after it. Unknown turns are no error.

        What was injected before the turn stays, what was injected after it goes with it.
        """
        ...

    async def inject(self, thread_id: str, lines: Sequence[Line]) -> None:
        """Tell the thread `lines` with true roles, after what it holds; no turn is made of it.

        Waits while a turn of the thread runs. Raises `SessionRecoveryError` when it is lost.
        """
        ...

    async def steer(self, thread_id: str, codex_turn_id: str, words: str) -> bool:
        """Add `words` to the question of the turn that runs: it is answered with them.

        False, and nothing was added: the turn is not that one, is over, or speaks already. True
        once the thread holds them; they go with the turn when it is reverted. Raises
        `TransportClosedError` when nobody knows which, because the process did not answer.
        """
        ...

    def speak(
        self, thread_id: str, words: str, images: Sequence[Image] = ()
    ) -> AbstractAsyncContextManager[MindEvents]:
        """Ask the thread to answer `words`, seen with `images`. Leaving early interrupts the turn.

        The events start with `Began` and end with `Finished`. Raises `TurnFailedError` when the
        turn fails, `TransportClosedError` when the process dies, `SessionRecoveryError` when
        the thread is gone.
        """
        ...


class Mind(Protocol):
    """What thinks for characters."""

    def fingerprint(self, character: Character) -> str:
        """What a thread of this character is started with; another one needs a new thread."""
        ...

    def profile(self, character: Character) -> ModelProfile:
        """What the character's model can take. Known for certain once it was leased."""
        ...

    def learn_window(self, character: Character, tokens: int) -> None:
        """An answer told how many tokens the character's model holds: `profile` says so now."""
        ...

    def lease(
        self, character: Character, *, on_wait: Callable[[int], None] | None = None
    ) -> AbstractAsyncContextManager[LeasedMind]:
        """Hold the character's app-server, starting one if need be.

        `on_wait` is told the place in the queue (from 1) when all are busy. Raises
        `PoolBusyError` after the queue's deadline, `CodexError` when none can be started.
        """
        ...
