"""The events of one running turn, between the reader that makes them and the one who listens.

Owns the order of events, their conflation for a slow listener, and what is void after a
retried stream. Knows no wire: `router` reads the messages and calls in here.

However slow the listener, what waits for it stays small: words that follow each other are one
event, and words that are void again before they were heard are never shown.
"""

from __future__ import annotations

import asyncio
from collections import deque

from bot.domain.speech import SPEECH_LIMIT
from bot.domain.turn import Began, Finished, MindEvent, Retracted, Settled, Usage, Words

# Requests to the model in one turn: each lets it use tools once more. Who needs so many for an
# answer in a chat goes in circles.
REQUESTS_LIMIT = 40
# Characters of one piece of speech that are handed on: one more than anybody will read, so that it
# is known to be too long. An endpoint can send a megabyte at once, which would keep whoever reads
# it from all else.
LONGEST = SPEECH_LIMIT + 1


class TurnStream:
    """An async iterator over the events of one turn; ends with `Finished`, or raises.

    Made before the turn is asked for, so that nothing is missed. Has one listener. `bound` is
    set when the turn has its id, `ended` when it is over; both, when it never began. `endless` is
    set when the model was asked too often. `total` is what the thread has cost in tokens, as Codex
    counts; `usage` is this turn's own.
    """

    def __init__(self, thread_id: str, total: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self.thread_id = thread_id
        self.turn_id: str | None = None
        self.bound = asyncio.Event()
        self.ended = asyncio.Event()
        self.endless = asyncio.Event()
        self.last_event = loop.time()
        self.total = total
        self.usage = Usage()
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
        """Whether there are words of it, heard or not, that were not taken back."""
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

    # --- what happens in the turn ------------------------------------------------------------

    def touch(self) -> None:
        """Something of this turn was heard: it is not silent."""
        self.last_event = self._loop.time()

    def used(self, request: Usage, total: int) -> None:
        """A request to the model was counted. Where one is cut short by what is steered in, Codex
        tells the last count once more (measured): the same total is no news.
        """
        if total != self.total:
            self.total = total
            self.usage = _sum(self.usage, request)
            self._requests += 1
            if self._requests > REQUESTS_LIMIT:
                self.endless.set()

    def begin(self, turn_id: str) -> None:
        """The turn runs under this id. Said twice: by the answer and by the notification."""
        if self.turn_id is None and not self._closed:
            self.turn_id = turn_id
            self._put(Began(turn_id))
            self.bound.set()

    def words(self, text: str) -> None:
        """More speech."""
        text = text[: LONGEST - self._length]
        if text and not self._closed:
            self._length += len(text)
            self._words.append(text)
            self._shown = True
            self._wake()

    def retract(self) -> None:
        """The words since the last `Settled` are void."""
        self._words.clear()
        self._length = 0
        if self._shown:
            self._shown = False
            if not self._events or not isinstance(self._events[-1], Retracted):
                self._put(Retracted())

    def retry(self) -> None:
        """The model's stream was cut, and the model is asked again."""
        self._retried = True
        self.retract()

    def settle(self, text: str) -> None:
        """The text of record of one piece of speech.

        A stream can be cut after its message was whole (seen with 0.163.0): the model is asked
        again and may say the very same. Once is enough.
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
        """The turn is over and was good."""
        self._put(Finished(self.usage))
        self._close()

    def fail(self, error: Exception) -> None:
        """The turn is over; what was said before `error` can still be heard."""
        if not self._closed:
            self.error = self._blamed or error
            self._close()

    def blame(self, error: Exception) -> None:
        """Should the turn fail from here on, then because of this: we are about to end it."""
        self._blamed = error

    # --- inside ------------------------------------------------------------------------------

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


def _sum(one: Usage, two: Usage) -> Usage:
    return Usage(
        input_tokens=one.input_tokens + two.input_tokens,
        cached_input_tokens=one.cached_input_tokens + two.cached_input_tokens,
        output_tokens=one.output_tokens + two.output_tokens,
        total_tokens=one.total_tokens + two.total_tokens,
        context_window=two.context_window,
        held=two.held,
    )
