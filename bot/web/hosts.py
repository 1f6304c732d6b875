"""Checks the `Host` header, against DNS rebinding.

A malicious page, once open in a browser, can make its own host name resolve to this machine. The
browser then treats our answers as the page's own origin, so the page can read them, but sends the
page's name in `Host`. So only known names and IP addresses are answered. Addresses are safe, for
nobody can rebind one, and probes in containers use them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_REFUSAL = (
    "The bot does not answer to this host name. If it is yours, such as a proxy's, name it in the "
    "setting HTTP_NAMES and start the bot again.\n"
)


class KnownHosts:
    """Answers 421 to requests for a host that is neither an address nor one of `names`."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = {
            "localhost",
            *(_normalised(_without_setting_port(name)) for name in names),
        } - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 421 or pass the request on."""
        if scope["type"] == "http" and not self._knows(Headers(scope=scope).get("host")):
            await PlainTextResponse(_REFUSAL, 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, host: str | None) -> bool:
        if host is None:  # HTTP/1.0, which some probes use; browsers always send it
            return True
        name = _without_port(host)
        return _normalised(name) in self._names or _is_address(name)


def _without_setting_port(name: str) -> str:
    """Return a name from the settings without its port; an IPv6 address has several colons."""
    return _without_port(name) if name.count(":") == 1 else name


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _normalised(name: str) -> str:
    return name.strip().casefold().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
