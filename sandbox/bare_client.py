"""The barest app-server client: JSON-RPC lines, one reader, no recovery, no safety.

The measure that the bot is held against, and a probe for tests. It knows nothing of
characters and should stay too small to hide a cost.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from bot.tasks import Tasks

Json: TypeAlias = dict[str, Any]
_LINE_LIMIT = 64 * 1024 * 1024
_EXIT_SECONDS = 5.0


class BareError(Exception):
    """The app-server answered with an error, or went away. `stderr` is what it said."""


@dataclass(slots=True)
class BareTurn:
    """One turn as it was seen. Times are seconds since `turn/start` was written."""

    text: str = ""
    status: str = ""
    error: Json | None = None
    first_delta: float | None = None
    completed: float | None = None
    items: list[Json] = field(default_factory=list)


class BareClient:
    """`async with BareClient(argv, env, cwd) as codex:` gives one initialised app-server."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self._argv = tuple(argv)
        self._env = dict(env)
        self._cwd = cwd
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._turns: dict[str, asyncio.Queue[tuple[float, Json]]] = {}
        self._tasks = Tasks("bare")
        self._stderr: list[str] = []
        self.notifications: list[Json] = []

    @property
    def pid(self) -> int:
        """Of the app-server."""
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._env,
            cwd=self._cwd,
            limit=_LINE_LIMIT,
            start_new_session=True,
        )
        self._tasks.start("stdout", self._read())
        self._tasks.start("stderr", self._read_errors())
        await self.request(
            "initialize",
            clientInfo={"name": "bare", "title": "bare", "version": "0"},
            capabilities={"experimentalApi": True},
        )
        self._write({"method": "initialized"})
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _EXIT_SECONDS)
        except TimeoutError:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        await self._tasks.close()

    async def request(self, method: str, **params: object) -> Json:
        """Ask, and wait for the answer. Raises `BareError`."""
        number = next(self._ids)
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._write({"id": number, "method": method, "params": params})
        return await answer

    async def start_thread(self, persona: str, **params: object) -> str:
        """A new thread with these `baseInstructions`; its id."""
        answer = await self.request(
            "thread/start",
            baseInstructions=persona,
            approvalPolicy="never",
            sandbox="read-only",
            **params,
        )
        return str(answer["thread"]["id"])

    async def turn(self, thread_id: str, text: str) -> BareTurn:
        """Say `text` and follow the answer to its end."""
        queue = self._turns.setdefault(thread_id, asyncio.Queue())
        turn, began = BareTurn(), time.perf_counter()
        words = [{"type": "text", "text": text, "text_elements": []}]
        await self.request("turn/start", threadId=thread_id, input=words)
        while turn.completed is None:
            at, message = await queue.get()
            _note(turn, at - began, message)
        return turn

    def _write(self, message: Json) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self._take(time.perf_counter(), json.loads(line))
        await self._process.wait()
        gone = BareError("the app-server is gone: " + " | ".join(self._stderr[-5:]))
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(gone)
        end = {"turn": {"status": "gone", "error": {"message": str(gone)}}}
        for turns in self._turns.values():
            turns.put_nowait((time.perf_counter(), {"method": "turn/completed", "params": end}))

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self._stderr.append(line.decode(errors="replace").rstrip())

    def _take(self, at: float, message: Json) -> None:
        if "method" not in message:
            self._answered(message)
        elif "id" in message:  # a question of the server: nobody is here to say yes
            error = {"code": -32601, "message": "not supported"}
            self._write({"id": message["id"], "error": error})
        else:
            self.notifications.append(message)
            thread = message.get("params", {}).get("threadId")
            if thread is not None:
                self._turns.setdefault(thread, asyncio.Queue()).put_nowait((at, message))

    def _answered(self, message: Json) -> None:
        answer = self._waiting.pop(message["id"], None)
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(BareError(str(message["error"])))
        else:
            answer.set_result(message["result"])


def _note(turn: BareTurn, at: float, message: Json) -> None:
    params = message["params"]
    match message["method"]:
        case "item/agentMessage/delta":
            turn.first_delta = at if turn.first_delta is None else turn.first_delta
        case "item/completed":
            turn.items.append(params["item"])
            if params["item"]["type"] == "agentMessage":
                turn.text += params["item"]["text"]
        case "turn/completed":
            turn.completed = at
            turn.status = params["turn"]["status"]
            turn.error = params["turn"].get("error")
        case _:
            pass  # the rest is not measured
