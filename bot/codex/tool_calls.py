"""Tool calls as requests of Codex (`item/tool/call`), for endpoints without tool namespaces.

Answers each request exactly once: with the tool's result, at the deadline, or when the turn or the
app-server ends. Runs in the transport's reader, so it only starts tasks and never waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from pydantic import ValidationError

from bot.codex import protocol
from bot.codex.profile import TOOL_SECONDS
from bot.domain.tool_calls import ServeTool, ToolAnswer, ToolCall
from bot.tasks import Tasks

log = logging.getLogger(__name__)

RequestId: TypeAlias = str | int
Answer: TypeAlias = Callable[[RequestId, Mapping[str, object]], None]

METHOD = "item/tool/call"
# Calls in flight in one app-server, whose rooms run their turns in parallel, with a few calls each.
IN_FLIGHT = 100

_FAILED = ToolAnswer("This failed, and not by your fault.", success=False)
_LATE = ToolAnswer("This took too long. It may have been done all the same.", success=False)
_OVER = ToolAnswer("This turn is over: nothing can be done in the room any more.", success=False)
_CROWDED = ToolAnswer("Too many tools are being used at once.", success=False)


class ToolCalls:
    """The running tool calls of one app-server. `serve` runs a call; with None all are declined."""

    def __init__(self, serve: ServeTool | None, answer: Answer) -> None:
        """`answer(request_id, result)` sends an answer and must return at once."""
        self._serve = serve
        self._answer = answer
        self._running: dict[RequestId, tuple[str, asyncio.Task[ToolAnswer]]] = {}
        self._tasks = Tasks("codex-tools")

    def __len__(self) -> int:
        return len(self._running)

    def take(self, request_id: RequestId, method: str, params: dict[str, Any]) -> bool:
        """Start a tool call and return True; False for any other request, or without `serve`."""
        if self._serve is None or method != METHOD:
            return False
        if request_id in self._running:
            return True  # a repeated request gets the same answer
        try:
            asked = protocol.ToolCallAsked.model_validate(params)
        except ValidationError as error:
            log.warning("malformed tool call: %s", error.errors(include_input=False))
            return False
        if len(self._running) >= IN_FLIGHT:
            self._send(request_id, _CROWDED)
            return True
        call = ToolCall(asked.thread_id, asked.turn_id, asked.tool, asked.arguments)
        run = _with_deadline(self._serve, call)
        task = self._tasks.start(f"call {asked.tool[:50]}", run, apart=True)
        self._running[request_id] = (asked.turn_id, task)
        # A callback, because a task that is cancelled before it starts runs none of its own code.
        task.add_done_callback(partial(self._done, request_id))
        return True

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """Handle a notification: the end of a turn cancels its running calls."""
        turn = params.get("turn")
        if method == "turn/completed" and isinstance(turn, dict):
            ended = turn.get("id")
            self._cancel(lambda turn_id: turn_id == ended)

    def cancel(self) -> None:
        """Cancel every call: the app-server has ended."""
        self._cancel(lambda _: True)

    async def close(self) -> None:
        """Cancel every call and wait for the tasks to end."""
        await self._tasks.close()

    def _cancel(self, where: Callable[[str], bool]) -> None:
        for turn_id, task in tuple(self._running.values()):
            if where(turn_id):
                task.cancel()

    def _done(self, request_id: RequestId, task: asyncio.Task[ToolAnswer]) -> None:
        del self._running[request_id]
        if task.cancelled():
            self._send(request_id, _OVER)
        elif task.exception() is not None:  # logged by `Tasks`
            self._send(request_id, _FAILED)
        else:
            self._send(request_id, task.result())

    def _send(self, request_id: RequestId, answer: ToolAnswer) -> None:
        self._answer(request_id, protocol.tool_answer(answer))


async def _with_deadline(serve: ServeTool, call: ToolCall) -> ToolAnswer:
    try:
        async with asyncio.timeout(TOOL_SECONDS):
            return await serve(call)
    except TimeoutError:
        log.warning("the tool %s took longer than %g s", call.name[:50], TOOL_SECONDS)
        return _LATE
