"""Routes notifications to running turns, by Codex thread id.

Owns what each notification means for a turn. A turn can be over before its `turn/start` is answered
(measured), so the stream is opened before the request. The answer or the first notification with a
turn id binds it; earlier notifications are buffered. Never blocks: it runs in the reader.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.codex.failures import turn_failure
from bot.codex.protocol import (
    Delta,
    ErrorNotice,
    Item,
    ItemNotice,
    TurnError,
    TurnNotice,
    UsageNotice,
    Wire,
)
from bot.codex.rate_limited_log import RateLimitedLog
from bot.codex.stream import TurnStream
from bot.copied_errors import copied
from bot.domain.turn import Usage
from bot.errors import TurnFailedError, TurnFailure

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Wire)

# Phases of a message that people do not see. They see `final_answer`, `partial_answer` (“stable
# answer text” in the schema), messages without a phase, and phases added later.
NOT_SPEECH = frozenset({"commentary"})
# Notifications buffered for a turn whose id is not known yet.
EARLY_KEPT = 10_000


class Router:
    """The running turns of an app-server, by Codex thread id.

    `on_unloaded(thread_id)` is called when Codex unloads a Codex thread; `on_total(thread_id,
    total)` with a token count that comes outside a turn, as after a load (measured).
    """

    def __init__(
        self, *, on_unloaded: Callable[[str], None], on_total: Callable[[str, int], None]
    ) -> None:
        self._routes: dict[str, _Route] = {}
        self._on_unloaded = on_unloaded
        self._on_total = on_total
        self._malformed = RateLimitedLog(log, logging.WARNING)

    def __len__(self) -> int:
        return len(self._routes)

    def open(self, thread_id: str, total: int = 0) -> TurnStream:
        """Open the stream of the Codex thread's next turn; one at a time, see `Instance.turn`.

        `total` is the Codex thread's token count so far, 0 when unknown.
        """
        if thread_id in self._routes:
            raise RuntimeError(f"a turn of Codex thread {thread_id} is already routed")
        route = _Route(TurnStream(thread_id, total))
        self._routes[thread_id] = route
        return route.stream

    def bind(self, stream: TurnStream, turn_id: str) -> None:
        """Bind the stream to the turn id that `turn/start` was answered with."""
        route = self._routes.get(stream.thread_id)
        if route is not None and route.stream is stream:
            route.bind(turn_id)

    def waiting(self, thread_id: str, turn_id: str) -> bool:
        """Return whether the turn is running and has no words yet."""
        route = self._routes.get(thread_id)
        if route is None or route.stream.turn_id != turn_id:
            return False
        return not (route.stream.spoken or route.stream.ended.is_set())

    def close(self, stream: TurnStream) -> None:
        """Stop routing notifications to the stream."""
        route = self._routes.get(stream.thread_id)
        if route is not None and route.stream is stream:
            del self._routes[stream.thread_id]

    def fail_all(self, error: Exception) -> None:
        """End every turn with a copy of `error`: the app-server has ended."""
        for route in self._routes.values():
            route.stream.fail(copied(error))

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """Route a notification."""
        thread_id = params.get("threadId")
        if method == "thread/closed" and isinstance(thread_id, str):
            self._on_unloaded(thread_id)
        route = self._routes.get(thread_id) if isinstance(thread_id, str) else None
        try:
            if route is not None:
                route.heard(method, params)
            elif method == "thread/tokenUsage/updated":
                notice = UsageNotice.model_validate(params)
                self._on_total(notice.thread_id, notice.token_usage.total.total_tokens)
        except ValidationError as error:
            self._malformed.log("malformed %s: %s", method, error.errors(include_input=False))
            if route is not None and method == "turn/completed":
                # No further notification of this turn will come.
                route.stream.fail(TurnFailedError(TurnFailure.OTHER, "malformed turn/completed"))


class _Route:
    """One running turn: its stream, its buffered notifications, and its items without speech."""

    def __init__(self, stream: TurnStream) -> None:
        self.stream = stream
        self._early: list[tuple[str, dict[str, Any]]] = []
        self._silent_items: set[str] = set()
        self._cause: TurnError | None = None

    def bind(self, turn_id: str) -> None:
        """Set the turn id, and handle the buffered notifications that carry it."""
        if self.stream.turn_id is not None:
            return
        self.stream.begin(turn_id)
        early, self._early = self._early, []
        for method, params in early:
            self.heard(method, params)

    def heard(self, method: str, params: dict[str, Any]) -> None:
        if self.stream.turn_id is None:
            if method == "turn/started":
                self.bind(TurnNotice.model_validate(params).turn.id)
            elif len(self._early) < EARLY_KEPT:
                self._early.append((method, params))
            return
        if _turn_of(params) != self.stream.turn_id:
            return
        self.stream.touch()
        handle = _HANDLERS.get(method)
        if handle is not None:
            handle(self, params)

    def delta(self, params: dict[str, Any]) -> None:
        notice = Delta.model_validate(params)
        if notice.item_id not in self._silent_items:
            self.stream.words(notice.delta)

    def item_started(self, params: dict[str, Any]) -> None:
        item = ItemNotice.model_validate(params).item
        if not _is_speech(item):
            self._silent_items.add(item.id)

    def item_completed(self, params: dict[str, Any]) -> None:
        item = ItemNotice.model_validate(params).item
        if item.type != "agentMessage":
            return
        if _is_speech(item):
            self.stream.settle(item.text)
        elif item.id not in self._silent_items:
            # The phase came only at the end of the item: retract the words shown so far.
            self.stream.retract()

    def error(self, params: dict[str, Any]) -> None:
        notice = ErrorNotice.model_validate(params)
        self._cause = notice.error
        if notice.will_retry:
            log.info("Codex asks the model again: %s", notice.error.message[:500])
            self.stream.retry()

    def usage(self, params: dict[str, Any]) -> None:
        used = UsageNotice.model_validate(params).token_usage
        request = Usage(
            input_tokens=used.last.input_tokens,
            cached_input_tokens=used.last.cached_input_tokens,
            output_tokens=used.last.output_tokens,
            total_tokens=used.last.total_tokens,
            context_window=used.model_context_window,
            held=used.last.total_tokens,
        )
        self.stream.used(request, used.total.total_tokens)

    def completed(self, params: dict[str, Any]) -> None:
        turn = TurnNotice.model_validate(params).turn
        if turn.status == "completed":
            self.stream.finish()
        elif turn.status == "interrupted":
            self.stream.fail(TurnFailedError(TurnFailure.INTERRUPTED))
        else:
            self.stream.fail(turn_failure(turn.error or self._cause))


_HANDLERS: Mapping[str, Callable[[_Route, dict[str, Any]], None]] = {
    "item/agentMessage/delta": _Route.delta,
    "item/started": _Route.item_started,
    "item/completed": _Route.item_completed,
    "error": _Route.error,
    "thread/tokenUsage/updated": _Route.usage,
    "turn/completed": _Route.completed,
}


def _is_speech(item: Item) -> bool:
    return item.type == "agentMessage" and item.phase not in NOT_SPEECH


def _turn_of(params: dict[str, Any]) -> object:
    """Return the notification's turn id, from `turn.id` or `turnId`."""
    turn = params.get("turn")
    return turn.get("id") if isinstance(turn, dict) else params.get("turnId")
