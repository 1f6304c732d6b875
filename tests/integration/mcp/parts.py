"""Parts for the MCP tests: servers on a real socket, a client of a real Codex, a model by rote."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from bot.action_refusals import TURN_OVER
from bot.domain.actions import Action, ActionResult, React, ReplyTo, Skip
from bot.domain.room import Seat
from bot.errors import NotPermittedError, RefusedError
from bot.tasks import Tasks
from bot.web.server import WebServer
from mcp_servers import action, guidelines
from mcp_servers.bearers import Bearers
from mcp_servers.callers import RoomsByThread
from mcp_servers.http import McpDoor
from mcp_servers.ports import Guidelines

SOON = 5.0


class WrittenTurn:
    """A running turn in memory: writes down the actions that it is asked for."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.actions: list[Action] = []
        self.rules = Guidelines("Be kind.", "Speak in rhymes.")
        self.may_react = True

    @property
    def reactions(self) -> list[str]:
        return [action.emoji for action in self.actions if isinstance(action, React)]

    @property
    def skips(self) -> list[str]:
        return [action.reason for action in self.actions if isinstance(action, Skip)]

    async def perform(self, action: Action) -> ActionResult:
        if isinstance(action, React) and not self.may_react:
            raise NotPermittedError("Add Reactions")
        self.actions.append(action)
        return ActionResult(author="Ann" if isinstance(action, ReplyTo) else "")

    async def guidelines(self) -> Guidelines:
        return self.rules


class House:
    """The servers over HTTP, with the running turns of some processes' Codex threads."""

    def __init__(self, listens_on: str = "127.0.0.1") -> None:
        self.bearers = Bearers()
        self.running_turns: dict[tuple[str, str], WrittenTurn] = {}
        self.turns_are_over = False
        self.turns_named: list[str | None] = []
        rooms = RoomsByThread(self.find)
        self.servers = {
            "action": action.create_server(
                rooms, rng=random.SystemRandom(), now=lambda: datetime.now(UTC)
            ),
            "guidelines": guidelines.create_server(rooms),
        }
        self.door = McpDoor(self.servers, self.bearers, host=listens_on)
        self.app = Starlette(routes=self.door.routes, lifespan=lambda _: self.door.run())
        self.server = WebServer("127.0.0.1", 0, self.app)

    def find(self, bearer: str, thread_id: str, turn_id: str | None) -> WrittenTurn | None:
        process = self.bearers.process(bearer)
        self.turns_named.append(turn_id)
        if self.turns_are_over:
            raise RefusedError(TURN_OVER)
        return self.running_turns.get((process or "", thread_id))

    def start(self, process: str) -> str:
        """A new process; its bearer."""
        bearer = secrets.token_urlsafe(32)
        self.bearers.admit(bearer, process)
        return bearer

    def seat(self, process: str, thread_id: str) -> WrittenTurn:
        scene = WrittenTurn(Seat(7, process))
        self.running_turns[process, thread_id] = scene
        return scene


Step = dict[str, Any]


def says(text: str) -> Step:
    return {
        "type": "message",
        "role": "assistant",
        "id": "msg_1",
        "content": [{"type": "output_text", "text": text}],
    }


def calls(server: str, tool: str, **arguments: Any) -> Step:
    return {
        "type": "function_call",
        "call_id": f"call_{tool}",
        "name": tool,
        "namespace": f"mcp__{server}",
        "arguments": json.dumps(arguments),
    }


class Model:
    """A Responses API that does one written step for each request, and keeps the requests."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.requests: list[dict[str, Any]] = []
        self.app = Starlette(routes=[Route("/v1/responses", self._answer, methods=["POST"])])
        self.server = WebServer("127.0.0.1", 0, self.app)

    async def _answer(self, request: Request) -> StreamingResponse:
        self.requests.append(await request.json())
        item = self.steps.pop(0)
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": {"id": "r"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"id": "r", "usage": usage}},
        ]
        body = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
        return StreamingResponse(iter([body]), media_type="text/event-stream")

    def tools(self) -> list[dict[str, Any]]:
        """The tools of the last request, wherever Codex put them."""
        last = self.requests[-1]
        found = list(last.get("tools") or [])
        for item in last["input"]:
            if item.get("type") == "additional_tools":
                found += item["tools"]
        return found

    def output_of(self, tool: str) -> str:
        """What the model was told about its call."""
        for item in self.requests[-1]["input"]:
            if item.get("call_id") == f"call_{tool}" and "output" in item:
                return json.dumps(item["output"])
        raise AssertionError(f"no output of {tool}")


class Codex:
    """A bare client of a real app-server."""

    def __init__(self, process: asyncio.subprocess.Process, tasks: Tasks) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self.notes: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        tasks.start("read", self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            if "method" in message:
                self.notes.put_nowait(message)
            else:
                self._waiting.pop(message["id"]).set_result(message)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = future
        answer = await asyncio.wait_for(future, 4 * SOON)
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def greet(self) -> None:
        client = {"name": "test", "title": "test", "version": "0"}
        await self.ask("initialize", clientInfo=client, capabilities={"experimentalApi": True})
        self._send({"method": "initialized"})

    async def turn(self, thread_id: str, text: str) -> list[dict[str, Any]]:
        """Run a turn; the notifications up to its end."""
        words = [{"type": "text", "text": text, "text_elements": []}]
        await self.ask("turn/start", threadId=thread_id, input=words)
        notes: list[dict[str, Any]] = []
        while not notes or notes[-1]["method"] != "turn/completed":
            notes.append(await asyncio.wait_for(self.notes.get(), 4 * SOON))
        return notes


LEAN = [
    'web_search="disabled"',
    "include_environment_context=false",
    "include_permissions_instructions=false",
    "skills.include_instructions=false",
    "skills.bundled.enabled=false",
    "tools.update_plan.enabled=false",
    "agents.enabled=false",
    "project_doc_max_bytes=0",
    "features.shell_tool=false",
    "features.unified_exec=false",
    "analytics.enabled=false",
    "check_for_update_on_startup=false",
    "features.unbounded_connection_retries=false",
]


def overrides(house: House, model: Model, servers: tuple[str, ...]) -> list[str]:
    found = [
        *LEAN,
        'model_provider="fake"',
        f'model_providers.fake={{name="fake", base_url="{model.server.url}/v1", '
        'wire_api="responses", request_max_retries=0, stream_max_retries=0}}'.replace("}}", "}"),
    ]
    found += [
        f'mcp_servers.{name}={{url="{house.server.url}/mcp/{name}", '
        'bearer_token_env_var="TROUPE_BEARER", required=true, '
        'default_tools_approval_mode="approve"}'
        for name in servers
    ]
    return [part for pair in found for part in ("-c", pair)]
