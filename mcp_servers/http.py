"""The servers over streamable HTTP, behind a bearer: Codex calls them inside the bot.

Stateless, with one JSON answer for each POST: nothing is stored between calls, so nothing leaks
from one room to another, and no stream stays open. Owns who may call; `callers` finds the running
turn of a call.

Whatever address the bot listens on, a call needs the bearer of a running app-server, a Host
header that names this machine (a web page's DNS rebinding fails there), a small body, and a
Codex thread of the bearer's process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_servers.bearers import Bearers
from mcp_servers.callers import BEARER_SCOPE

# Bytes. A call has a few hundred, with Codex's own metadata a few thousand. The largest sends a
# file: four bytes a character (`bot.domain.action_arguments.FILE_LIMIT`), or a few more as escapes.
BODY_LIMIT = 256 * 1024

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ANY = ("", "0.0.0.0", "::")  # noqa: S104 compared with, not bound


class McpDoor:
    """The HTTP routes of some MCP servers, `/mcp/<name>` for each. Opened once, by `run`."""

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
        # GET would open a stream that never ends and carries nothing.
        self.routes = [
            Route(path, BearerGate(app, bearers), methods=["POST"])
            for path, app in self._apps.items()
        ]

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Serve calls while the context is open."""
        async with AsyncExitStack() as stack:
            for app in self._apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield


class BearerGate:
    """Lets through only requests with the bearer of a running process (RFC 6750)."""

    def __init__(self, app: ASGIApp, bearers: Bearers) -> None:
        self._app = app
        self._bearers = bearers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to the server, or answer 401."""
        header = Headers(scope=scope).get("authorization")
        kind, _, bearer = (header or "").partition(" ")
        if kind.casefold() == "bearer" and self._bearers.process(bearer.strip()) is not None:
            scope[BEARER_SCOPE] = bearer.strip()
            await self._app(scope, receive, send)
            return
        challenge = 'Bearer realm="mcp"' + (', error="invalid_token"' if header else "")
        refusal = Response(status_code=401, headers={"WWW-Authenticate": challenge})
        await refusal(scope, receive, send)


def _security(host: str) -> TransportSecuritySettings:
    """Allow the loopback names and `host`, unless `host` means every address."""
    names = list(_LOOPBACK)
    if host not in _ANY and host not in names:
        names.append(f"[{host}]" if ":" in host else host)
    return TransportSecuritySettings(
        allowed_hosts=[f"{name}:*" for name in names],
        allowed_origins=[f"http://{name}:*" for name in names],
    )
