"""A bot to look at, and its HTTP app."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import httpx2

from bot.log import Redactor
from bot.web.app import create_app
from bot.web.metrics import Metrics
from bot.web.server import WebServer
from bot.web.views import BotView, FailedTurnView, InstanceView, PoolView
from mcp_servers import action
from mcp_servers.bearers import Bearers
from mcp_servers.callers import RoomsByThread
from mcp_servers.http import McpDoor

MIRA = InstanceView(
    character="Mira",
    state="busy",
    pid=4711,
    age=3_723,
    idle=0.0,
    rooms=12,
    threads=12,
    turns=1_234,
    tokens=5_678_901,
    memory=90 * 1024 * 1024,
)
JOE = replace(MIRA, character="Joe", state="idle", pid=4712, idle=42.0, threads=3)


class Web:
    """The app with everything that it asks, open to change."""

    def __init__(self) -> None:
        self.view = BotView(
            version="0.1.0",
            codex_version="0.163.0",
            uptime=93_784,
            rooms=321,
            pool=PoolView(max_instances=10, queued=2, starts=5, instances=(MIRA, JOE)),
        )
        self.problems: dict[str, str | None] = dict.fromkeys(("discord", "redis", "pool", "model"))
        self.failed: FailedTurnView | None = None
        self.metrics = Metrics()
        self.bearers = Bearers()
        self.redactor = Redactor()
        rooms = RoomsByThread(lambda bearer, thread, turn: None)
        tools = action.create_server(
            rooms, rng=random.SystemRandom(), now=lambda: datetime.now(UTC)
        )
        self.app = create_app(
            view=lambda: self.view,
            probes={name: partial(self.problems.__getitem__, name) for name in self.problems},
            metrics=self.metrics,
            mcp=McpDoor({"action": tools}, self.bearers),
            redact=self.redactor.cut,
            failed_turn=lambda: self.failed,
            names=("127.0.0.1", "bots.example.net", "panel.example.net:8443"),
        )
        self.server = WebServer("127.0.0.1", 0, self.app)

    def change_pool(self, **changes) -> None:
        self.view = replace(self.view, pool=replace(self.view.pool, **changes))

    async def get(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient() as http:
            return await http.get(self.server.url + path)
