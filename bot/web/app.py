"""The routes of the bot's HTTP app, and who may use them.

    GET  /               status page      anybody who reaches the port
    GET  /healthz        is it up?        anybody who reaches the port
    GET  /health/codex   the pool         anybody who reaches the port
    GET  /metrics        Prometheus text  anybody who reaches the port
    POST /mcp/<name>     MCP              only our app-servers, by bearer (`mcp_servers.http`)

The first four are read-only: numbers, names of characters, process ids and the last errors, with
secrets cut out; no messages, people or rooms. They require no login, so HTTP_HOST is loopback by
default; on any other address, put them behind a proxy that does. All routes check the `Host` header
(`bot.web.hosts`). Owns no state.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.health import NO_STORE, Health, problems_of
from bot.web.hosts import KnownHosts
from bot.web.metrics import Metrics
from bot.web.status import StatusPage
from bot.web.views import BotView, FailedTurnView, Probe
from mcp_servers.http import McpDoor


def create_app(
    *,
    view: Callable[[], BotView],
    probes: Mapping[str, Probe],
    metrics: Metrics,
    mcp: McpDoor,
    redact: Callable[[str], str],
    failed_turn: Callable[[], FailedTurnView | None] = lambda: None,
    names: Iterable[str] = (),
) -> Starlette:
    """Return the app.

    `probes` maps a part of the bot to its probe. `redact` cuts secrets out of a text. `failed_turn`
    returns the last failed turn, if none has succeeded since. `names` are the host names of the
    listener besides IP addresses and `localhost`.

    All callables run on the event loop and must not block.
    """

    def problems() -> dict[str, str]:
        return problems_of(probes, redact)

    async def metrics_text(request: Request) -> Response:  # noqa: ARG001 Starlette's signature
        now = view()
        metrics.show(now.pool, now.rooms, now.store)
        text = await asyncio.to_thread(metrics.text)
        return Response(text, headers=NO_STORE | {"Content-Type": CONTENT_TYPE_LATEST})

    health = Health(problems, lambda: view().pool, failed_turn)
    page = StatusPage(view, problems, redact)

    return Starlette(
        lifespan=_lifespan(mcp),
        middleware=[Middleware(KnownHosts, names=tuple(names))],
        routes=[
            Route("/", page.show),
            Route("/healthz", health.healthz),
            Route("/health/codex", health.codex),
            Route("/metrics", metrics_text),
            *mcp.routes,
        ],
    )


def _lifespan(mcp: McpDoor) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Return the app's lifespan, in which the MCP servers run."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with mcp.run():
            yield

    return lifespan
