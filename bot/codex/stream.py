"""The event stream of one running turn, between the reader and its only listener.

Owns the order of events, their coalescing for a slow listener, and the retraction of words after a
retried stream. Knows no protocol: `router` reads the messages and calls the methods here.

The buffer stays small however slow the listener is: consecutive words are coalesced into one event,
and words that are retracted before the listener took them are dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque

from bot.domain.speech import SPEECH_LIMIT
from bot.domain.turn import Began, Finished, MindEvent, Retracted, Settled, Usage, Words

# Requests to the model in one turn, each with another round of tool calls. A model that needs more
# for a chat answer is in a loop.
REQUESTS_LIMIT = 40
# Characters passed on of one piece of speech: one over the limit, so that it counts as too long.
# An endpoint can send a megabyte at once, which would block the event loop.
LONGEST = SPEECH_LIMIT + 1


class TurnStream:
    """An async iterator over the events of one turn; ends with `Finished`, or raises.

    Created before the turn is requested, so that no event is missed. For a single listener.
    """

    def __init__(self, thread_id: str, total: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self.thread_id = thread_id
        self.turn_id: str | None = None
        self.bound = asyncio.Event()
        """Set once `turn_id` is known, or the turn ended without an id."""
        self.ended = asyncio.Event()
        """Set once the turn is over."""
        self.endless = asyncio.Event()
        """Set after more than `REQUESTS_LIMIT` requests to the model."""
        self.last_event = loop.time()
        self.total = total
        """Codex's token count of the whole Codex thread."""
        self.usage = Usage()
        """Tokens of this turn alone."""
        self._requests = 0
        self._loop = loop
        self._events: deque[MindEvent] = deque()
        self._words: list[str] = []
        self._length = 0
        self.error: Exception | None = None
        self._blamed: Exception | None = None
        self._closed = False
        self._shown = False
        self._retried = False
        self._last_settled: str | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def spoken(self) -> bool:
        """Whether the turn has words, taken by the listener or not, that were not retracted."""
        return self._shown or self._last_settled is not None

    # --- listening ---------------------------------------------------------------------------

    def __aiter__(self) -> TurnStream:
        return self

    async def __anext__(self) -> MindEvent:
        while True:
            if self._events:
                return self._events.popleft()
            if self._words:
                return self._join()
            if self.error is not None:
                raise self.error
            if self._closed:
                raise StopAsyncIteration
            self._waiter = self._loop.create_future()
            await self._waiter

    # --- events of the turn ------------------------------------------------------------------

    def touch(self) -> None:
        """Note the time of a notification: the turn is not silent."""
        self.last_event = self._loop.time()

    def used(self, request: Usage, total: int) -> None:
        """Add the tokens of a request to the model; a repeated `total` is ignored.

        Codex repeats the last count when steering cuts a request short (measured).
        """
        if total != self.total:
            self.total = total
            self.usage = _sum(self.usage, request)
            self._requests += 1
            if self._requests > REQUESTS_LIMIT:
                self.endless.set()

    def begin(self, turn_id: str) -> None:
        """Set the turn id. Called twice, for the answer and for the notification."""
        if self.turn_id is None and not self._closed:
            self.turn_id = turn_id
            self._put(Began(turn_id))
            self.bound.set()

    def words(self, text: str) -> None:
        """Append words, up to `LONGEST` characters since the last `Settled`."""
        text = text[: LONGEST - self._length]
        if text and not self._closed:
            self._length += len(text)
            self._words.append(text)
            self._shown = True
            self._wake()

    def retract(self) -> None:
        """Drop the words since the last `Settled`."""
        self._words.clear()
        self._length = 0
        if self._shown:
            self._shown = False
            if not self._events or not isinstance(self._events[-1], Retracted):
                self._put(Retracted())

    def retry(self) -> None:
        """Drop the partial words: the model's stream was cut and Codex asks the model again."""
        self._retried = True
        self.retract()

    def settle(self, text: str) -> None:
        """Replace the streamed words by the final text of the message.

        A stream can be cut after a complete message (seen with 0.163.0); the model is asked again
        and may repeat the same text, which is then dropped.
        """
        text = text[:LONGEST]
        if self._retried and text == self._last_settled:
            self.retract()
            return
        self._last_settled = text
        self._words.clear()
        self._length = 0
        self._shown = False
        self._put(Settled(text))

    def finish(self) -> None:
        """End the turn with `Finished`."""
        self._put(Finished(self.usage))
        self._close()

    def fail(self, error: Exception) -> None:
        """End the turn with `error`, after the events that are still buffered."""
        if not self._closed:
            self.error = self._blamed or error
            self._close()

    def blame(self, error: Exception) -> None:
        """Set the error of a later failure: the turn is about to be interrupted because of it."""
        self._blamed = error

    # --- internals ---------------------------------------------------------------------------

    def _put(self, event: MindEvent) -> None:
        if self._closed:
            return
        if self._words:
            self._events.append(self._join())
        self._events.append(event)
        self._wake()

    def _join(self) -> Words:
        words = Words("".join(self._words))
        self._words.clear()
        return words

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _close(self) -> None:
        self._closed = True
        self.bound.set()
        self.ended.set()
        self._wake()


def _sum(turn: Usage, request: Usage) -> Usage:
    return Usage(
        input_tokens=turn.input_tokens + request.input_tokens,
        cached_input_tokens=turn.cached_input_tokens + request.cached_input_tokens,
        output_tokens=turn.output_tokens + request.output_tokens,
        total_tokens=turn.total_tokens + request.total_tokens,
        context_window=request.context_window,
        held=request.held,
    )
