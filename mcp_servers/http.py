"""The servers over streamable HTTP, behind a bearer: what Codex talks to inside the bot.

Stateless, one JSON answer for each POST: nothing is kept between calls, so nothing leaks from
one room to another, and nothing stays open. Owns who may call and which room a call is for.

Whatever address the bot listens on, a call needs the bearer of a living app-server, a Host
header that names this machine (a web page's DNS rebinding fails there), a small body, and a
thread that the bearer's process runs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_servers.bearers import Bearers
from mcp_servers.ports import FindScene, Scene
from mcp_servers.toolbox import plainly

# A call is a few hundred bytes, with Codex's own metadata a few thousand; a file that is sent is
# the largest: four bytes a character (`bot.domain.actions.FILE_LIMIT`), or a few more as escapes.
BODY_LIMIT = 256 * 1024
ID_LIMIT = 200

_BEARER = "troupe.bearer"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ANY = ("", "0.0.0.0", "::")  # noqa: S104 compared with, not bound


class RoomsByThread:
    """Finds the scene of a call by its bearer and the thread that Codex names in `_meta`."""

    def __init__(self, find: FindScene) -> None:
        self._find = find

    def scene(self, call: Context[Any, Any]) -> Scene:
        """The scene; `ToolError` for a thread that this process does not run."""
        bearer: str = cast("Request", call.request_context.request).scope[_BEARER]
        meta = call.request_context.meta
        thread = thread_of(meta)
        with plainly():
            scene = self._find(bearer, thread, turn_of(meta)) if thread else None
        if scene is None:
            raise ToolError("You are in no room that this could be done in.")
        return scene


def thread_of(meta: Mapping[str, Any] | None) -> str | None:
    """The Codex thread that a call comes from.

    Codex 0.163 sends `threadId`, and the same again within `x-codex-turn-metadata`.
    """
    if meta is None:
        return None
    for thread in (meta.get("threadId"), _turn_metadata(meta).get("thread_id")):
        if isinstance(thread, str) and 0 < len(thread) <= ID_LIMIT:
            return thread
    return None


def turn_of(meta: Mapping[str, Any] | None) -> str | None:
    """The Codex turn that a call comes from; None where it is not said."""
    turn = _turn_metadata(meta or {}).get("turn_id")
    return turn if isinstance(turn, str) and 0 < len(turn) <= ID_LIMIT else None


def _turn_metadata(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = meta.get("x-codex-turn-metadata")
    if isinstance(turn, str):
        try:
            turn = json.loads(turn)
        except ValueError:
            return {}
    return turn if isinstance(turn, Mapping) else {}


class McpDoor:
    """The HTTP routes of some MCP servers, `/mcp/<name>` each. Opened once, by `run`."""

    def __init__(
        self, servers: Mapping[str, MCPServer[Any]], bearers: Bearers, *, host: str = "127.0.0.1"
    ) -> None:
        """`host` is the address that the bot listens on, as in HTTP_HOST."""
        security = _security(host)
        self._apps = {
            f"/mcp/{name}": server.streamable_http_app(
                streamable_http_path=f"/mcp/{name}",
                json_response=True,
                stateless_http=True,
                max_request_body_size=BODY_LIMIT,
                transport_security=security,
            )
            for name, server in servers.items()
        }
        # GET would open a stream that never ends, on which nothing is ever sent.
        self.routes = [
            Route(path, BearerGate(app, bearers), methods=["POST"])
            for path, app in self._apps.items()
        ]

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Serve calls for as long as it is held."""
        async with AsyncExitStack() as stack:
            for app in self._apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield


class BearerGate:
    """Lets through only requests with the bearer of a living process (RFC 6750)."""

    def __init__(self, app: ASGIApp, bearers: Bearers) -> None:
        self._app = app
        self._bearers = bearers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: on to the server, or 401."""
        header = Headers(scope=scope).get("authorization")
        kind, _, bearer = (header or "").partition(" ")
        if kind.casefold() == "bearer" and self._bearers.process(bearer.strip()) is not None:
            scope[_BEARER] = bearer.strip()
            await self._app(scope, receive, send)
            return
        challenge = 'Bearer realm="mcp"' + (', error="invalid_token"' if header else "")
        refusal = Response(status_code=401, headers={"WWW-Authenticate": challenge})
        await refusal(scope, receive, send)


def _security(host: str) -> TransportSecuritySettings:
    """Loopback names, and the one address that the bot was told to listen on, if it names one."""
    names = list(_LOOPBACK)
    if host not in _ANY and host not in names:
        names.append(f"[{host}]" if ":" in host else host)
    return TransportSecuritySettings(
        allowed_hosts=[f"{name}:*" for name in names],
        allowed_origins=[f"http://{name}:*" for name in names],
    )
