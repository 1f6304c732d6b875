"""Notifications to turns, by thread id, from the moment a turn is asked for.

Owns what each notification means for a turn. A turn can be over before its `turn/start` is
answered (measured), so a stream is opened first and bound to its turn by whatever names it
first; what comes before that waits. Never blocks: it runs in the reader.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.codex.failures import turn_failure
from bot.codex.fresh import fresh
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
from bot.codex.stream import TurnStream
from bot.codex.trickle import Trickle
from bot.domain.turn import Usage
from bot.errors import TurnFailedError, TurnFailure

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Wire)

# Phases of a message that are not for people. The others are: `final_answer`, none at all, and
# `partial_answer`, which the schema calls stable answer text; and so is what is yet unknown.
NOT_SPEECH = frozenset({"commentary"})
# Messages kept for a turn whose id is not known yet.
EARLY_KEPT = 10_000


class Router:
    """The turns that run in one app-server.

    `on_unloaded(thread_id)`: Codex let a thread go. `on_total(thread_id, total)`: what a thread has
    cost in tokens, told beside any turn: when one is loaded that had turns (measured).
    """

    def __init__(
        self, *, on_unloaded: Callable[[str], None], on_total: Callable[[str, int], None]
    ) -> None:
        self._routes: dict[str, _Route] = {}
        self._on_unloaded = on_unloaded
        self._on_total = on_total
        self._odd = Trickle(log, logging.WARNING)

    def __len__(self) -> int:
        return len(self._routes)

    def open(self, thread_id: str, total: int = 0) -> TurnStream:
        """Listen to the next turn of this thread. One at a time: see `Instance.turn`.

        `total` is what the thread has cost in tokens so far, 0 when that is not known.
        """
        if thread_id in self._routes:
            raise RuntimeError(f"a turn of thread {thread_id} is already routed")
        route = _Route(TurnStream(thread_id, total))
        self._routes[thread_id] = route
        return route.stream

    def bind(self, stream: TurnStream, turn_id: str) -> None:
        """`turn/start` was answered with this id."""
        route = self._routes.get(stream.thread_id)
        if route is not None and route.stream is stream:
            route.bind(turn_id)

    def waiting(self, thread_id: str, turn_id: str) -> bool:
        """Whether that turn runs and nothing was said in it yet."""
        route = self._routes.get(thread_id)
        if route is None or route.stream.turn_id != turn_id:
            return False
        return not (route.stream.spoken or route.stream.ended.is_set())

    def close(self, stream: TurnStream) -> None:
        """Nobody listens to this turn any more."""
        route = self._routes.get(stream.thread_id)
        if route is not None and route.stream is stream:
            del self._routes[stream.thread_id]

    def fail_all(self, error: Exception) -> None:
        """The app-server is gone: every turn ends with `error`."""
        for route in self._routes.values():
            route.stream.fail(fresh(error))

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """One notification."""
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
            self._odd.log("a %s is not as expected: %s", method, error.errors(include_input=False))
            if route is not None and method == "turn/completed":
                # Nothing more will be told of it.
                route.stream.fail(TurnFailedError(TurnFailure.OTHER, "its end is not understood"))


class _Route:
    """One running turn: its stream, its early messages, which of its items are not speech."""

    def __init__(self, stream: TurnStream) -> None:
        self.stream = stream
        self._early: list[tuple[str, dict[str, Any]]] = []
        self._silent_items: set[str] = set()
        self._cause: TurnError | None = None

    def bind(self, turn_id: str) -> None:
        """From here on the turn has a name; what came before and bears it is heard now."""
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
            # Only its end tells that it was none: what was shown of it is taken back.
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
    """The id of the turn that a notification belongs to, wherever it bears it."""
    turn = params.get("turn")
    return turn.get("id") if isinstance(turn, dict) else params.get("turnId")
