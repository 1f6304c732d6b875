"""The in-memory twin of `bot.codex.mind.CodexMind`: minds that speak by a script.

Keeps the rules of the real part: a Codex thread belongs to a process until the process dies, only
Codex threads on disk survive that, an interrupted or killed turn leaves its question in the Codex
thread, and leaving a turn early ends it. `tests/contract/test_mind_contract.py` runs against both.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count

from bot.domain.character import Character
from bot.domain.model_profile import ModelProfile
from bot.domain.room import Seat
from bot.domain.tokens import estimate
from bot.domain.turn import (
    Began,
    Finished,
    Line,
    MindEvent,
    Retracted,
    Settled,
    Usage,
    Words,
)
from bot.domain.utterance import Image
from bot.errors import (
    PoolError,
    RpcError,
    SessionRecoveryError,
    TransportClosedError,
    TurnFailedError,
    TurnFailure,
)


@dataclass(frozen=True, slots=True)
class Play:
    """The script of a turn. Without a script a turn says `to WORDS`."""

    text: str = ""
    """The answer."""
    cut: str = ""
    """Words shown first and then retracted."""
    gate: asyncio.Event | None = None
    """Awaited before the first word."""
    hangs: bool = False
    """Whether the turn stays silent after `text`."""
    fails: TurnFailure | None = None
    """How the turn fails after `text`."""
    settles: bool = False
    """Whether `text` is settled before the turn fails."""
    dies: bool = False
    """Whether the process dies after `text`."""
    spends: int = 0
    """Tokens used, however the turn ends."""


@dataclass
class FakeTurn:
    """A turn in a Codex thread."""

    id: str
    words: str
    """The question."""
    said: str | None = None
    """The answer; None unless the turn succeeded."""
    steered: list[str] = field(default_factory=list)
    """Words added to the question while the turn ran."""
    after: list[Line] = field(default_factory=list)
    """Lines injected after the turn."""
    anew: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when words were steered in, so that the model is asked again."""
    spoken: bool = False
    """Whether the first word was shown."""
    over: bool = False


@dataclass
class FakeThread:
    """A Codex thread."""

    id: str
    seat: Seat
    history: tuple[Line, ...]
    kept: bool
    """Whether it is on disk, so that another process can resume it."""
    turns: list[FakeTurn] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def lines(self) -> list[Line]:
        """The whole input of a model, in order."""
        lines = list(self.history)
        for turn in self.turns:
            lines += [Line(words, own=False) for words in (turn.words, *turn.steered)]
            if turn.said:
                lines.append(Line(turn.said, own=True))
            lines += turn.after
        return lines


class FakeEvents:
    """The events of a turn, and its token usage so far."""

    def __init__(self, events: AsyncGenerator[MindEvent, None]) -> None:
        self.usage = Usage()
        self._events = events

    def __aiter__(self) -> FakeEvents:
        return self

    async def __anext__(self) -> MindEvent:
        event = await anext(self._events)
        if isinstance(event, Finished):
            self.usage = event.usage
        return event

    async def aclose(self) -> None:
        await self._events.aclose()


class _Process:
    def __init__(self) -> None:
        self.dead = asyncio.Event()
        self.loaded: set[str] = set()

    def check(self) -> None:
        if self.dead.is_set():
            raise TransportClosedError("the app-server has ended")


class ScriptedMind:
    """A `Mind`. Plays `script` in order, a play per turn."""

    def __init__(self, *script: Play, silence: float = 30.0) -> None:
        self.script = deque(script)
        self.silence = silence
        """Seconds that a turn may hang."""
        self.threads: dict[str, FakeThread] = {}
        self.asked: list[tuple[str, str]] = []
        """(Codex thread id, question) of every turn."""
        self.steered: list[tuple[str, str]] = []
        """(Codex thread id, words) of every addition to a running turn."""
        self.seen: list[tuple[Image, ...]] = []
        """The images of every turn."""
        self.leases = 0
        self.starts = 0
        self.places: tuple[int, ...] = ()
        """Positions in the queue that a lease reports first."""
        self.refusal: PoolError | None = None
        """Raised instead of a lease."""
        self.model = ModelProfile()
        self.holds: int | None = None
        """The model's context window in tokens; None for no limit."""
        self.tells_window = True
        """Whether the error of a full context tells the window."""
        self.refuses: TurnFailedError | None = None
        """Raised for a question with images."""
        self._processes: dict[str, _Process] = {}
        self._numbers = count(1)

    # --- faults that tests cause -------------------------------------------------------------

    def kill(self, character: str) -> None:
        """Kill the character's process."""
        process = self._processes.pop(character, None)
        if process is not None:
            process.dead.set()
        for thread in list(self.threads.values()):
            if thread.seat.character == character and not thread.kept:
                del self.threads[thread.id]

    def lose(self, thread_id: str) -> None:
        """Kill the Codex thread's process and delete its session file."""
        self.kill(self.threads[thread_id].seat.character)
        self.threads.pop(thread_id, None)

    # --- the port ----------------------------------------------------------------------------

    def fingerprint(self, character: Character) -> str:
        form = (self.model.style, self.model.tools)
        parts = repr((character.persona, character.model, character.effort, form))
        return hashlib.sha256(parts.encode()).hexdigest()[:32]

    def profile(self, character: Character) -> ModelProfile:
        """Return `model`, for all characters."""
        return self.model

    def learn_window(self, character: Character, tokens: int) -> None:
        """Set the window for all characters."""
        self.model = replace(self.model, window=tokens)

    @asynccontextmanager
    async def lease(
        self, character: Character, *, on_wait: Callable[[int], None] | None = None
    ) -> AsyncIterator[ScriptedLease]:
        """Report `places`, then give a lease or raise `refusal`."""
        if on_wait is not None:
            for place in self.places:
                on_wait(place)
        if self.refusal is not None:
            raise self.refusal
        if character.key not in self._processes:
            self._processes[character.key] = _Process()
            self.starts += 1
        self.leases += 1
        try:
            yield ScriptedLease(self, self._processes[character.key])
        finally:
            self.leases -= 1

    def next_play(self, words: str) -> Play:
        play = self.script.popleft() if self.script else Play()
        # In round brackets, since a transcript's header would not count as speech.
        return play if play.text else replace(play, text=f"to {words.replace('[', '(')}")

    def refusal_of(self, thread: FakeThread, images: Sequence[Image]) -> TurnFailedError | None:
        """Return the error by which the model's endpoint refuses the turn; None if it does not."""
        if images and self.refuses is not None:
            return self.refuses
        if (
            self.holds is None
            or estimate("".join(line.text for line in thread.lines)) <= self.holds
        ):
            return None
        window = self.holds if self.tells_window else None
        return TurnFailedError(TurnFailure.CONTEXT_FULL, "scripted", window=window)

    def new_id(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"


class ScriptedLease:
    """A `LeasedMind`."""

    def __init__(self, mind: ScriptedMind, process: _Process) -> None:
        self._mind = mind
        self._process = process

    async def resume(self, seat: Seat, thread_id: str) -> tuple[str, ...]:
        known = thread_id in self._process.loaded
        thread = self._thread(thread_id)
        thread.seat = seat
        return () if known else tuple(turn.id for turn in thread.turns)

    async def begin(self, seat: Seat, history: Sequence[Line]) -> str:
        self._process.check()
        thread = FakeThread(self._mind.new_id("thread"), seat, tuple(history), kept=bool(history))
        self._mind.threads[thread.id] = thread
        self._process.loaded.add(thread.id)
        return thread.id

    async def revert(self, thread_id: str, codex_turn_id: str) -> None:
        thread = self._thread(thread_id)
        if not thread.kept:
            # As in Codex: a rollback of a Codex thread that is not on disk drops it.
            del self._mind.threads[thread_id]
            raise SessionRecoveryError(thread_id)
        ids = [turn.id for turn in thread.turns]
        if codex_turn_id in ids:
            del thread.turns[ids.index(codex_turn_id) :]

    async def inject(self, thread_id: str, lines: Sequence[Line]) -> None:
        if not lines:
            raise RpcError("thread/inject_items", -32600, "items must not be empty")
        thread = self._thread(thread_id)
        async with thread.lock:
            self._process.check()
            if thread.turns:
                thread.turns[-1].after += lines
            else:
                thread.history += tuple(lines)
            thread.kept = True

    async def steer(self, thread_id: str, codex_turn_id: str, words: str) -> bool:
        thread = self._mind.threads.get(thread_id)
        turn = thread.turns[-1] if thread is not None and thread.turns else None
        if turn is None or turn.id != codex_turn_id or turn.spoken or turn.over:
            return False
        if self._process.dead.is_set():
            return False
        self._mind.steered.append((thread_id, words))
        turn.steered.append(words)
        turn.anew.set()
        return True

    @asynccontextmanager
    async def speak(
        self, thread_id: str, words: str, images: Sequence[Image] = ()
    ) -> AsyncIterator[FakeEvents]:
        thread = self._thread(thread_id)
        async with thread.lock:
            self._process.check()
            self._mind.asked.append((thread_id, words))
            self._mind.seen.append(tuple(images))
            play = self._mind.next_play(words)
            turn = FakeTurn(self._mind.new_id("turn"), words)
            thread.turns.append(turn)
            refused = self._mind.refusal_of(thread, images)
            events = FakeEvents(self._play(play, turn, thread, refused))
            events.usage = Usage(total_tokens=play.spends)
            try:
                yield events
            finally:
                turn.over = True
                await events.aclose()

    async def _play(
        self, play: Play, turn: FakeTurn, thread: FakeThread, refused: TurnFailedError | None
    ) -> AsyncGenerator[MindEvent, None]:
        yield Began(turn.id)
        # About now Codex writes the question down, whatever becomes of the answer (measured: a
        # process killed at `Began` may have lost a first turn's thread, one killed later not).
        thread.kept = True
        if refused is not None:
            raise refused
        play = await self._opened(play, turn)
        for text in (play.cut, play.text):
            if text == "":
                continue
            for piece in re.findall(r"\s*\S+|\s+$", text):
                await self._step()
                turn.spoken = True
                yield Words(piece)
            if text is play.cut:
                yield Retracted()
        if play.dies:
            self._mind.kill(thread.seat.character)
        if play.hangs or play.dies:
            await self._until(asyncio.Event())
        if play.settles:
            yield Settled(play.text)
        if play.fails is not None:
            raise TurnFailedError(play.fails, "scripted")
        await self._step()
        turn.spoken = turn.over = True
        turn.said = play.text
        yield Settled(play.text)
        tokens = sum(len(line.text) for line in thread.lines[:-1])
        held = estimate("".join(line.text for line in thread.lines))
        yield Finished(Usage(tokens, 0, len(play.text), tokens + len(play.text), held=held))

    async def _opened(self, play: Play, turn: FakeTurn) -> Play:
        """Wait for the play's gate and return the play; steered words take the next play."""
        while play.gate is not None:
            await self._until(play.gate, turn.anew)
            if not turn.anew.is_set():
                break
            turn.anew.clear()
            play = self._mind.next_play(turn.steered[-1])
        return play

    async def _step(self) -> None:
        await asyncio.sleep(0)
        self._process.check()

    async def _until(self, *events: asyncio.Event) -> None:
        """Wait for an event; raise if the process dies or the turn is silent for too long."""
        waits = [asyncio.ensure_future(event.wait()) for event in (*events, self._process.dead)]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=self._mind.silence, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        self._process.check()
        if not done:
            raise TurnFailedError(TurnFailure.SILENT, "scripted")

    def _thread(self, thread_id: str) -> FakeThread:
        self._process.check()
        thread = self._mind.threads.get(thread_id)
        if thread is None or not (thread.kept or thread_id in self._process.loaded):
            raise SessionRecoveryError(thread_id)
        self._process.loaded.add(thread_id)
        return thread
