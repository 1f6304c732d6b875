"""Which names the listener answers to: against a web page that points its own name at us.

A page of a stranger can have its name resolve to this machine once it is open in somebody's browser
(DNS rebinding), and then read whatever answers here, as a page of its own origin. The browser sends
that name in `Host`. So only addresses and names that we know are answered: an address in `Host` is
the page's own origin, which nobody can point elsewhere, and what probes in containers use.
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
        self._names = {"localhost", *(_plain(_named(name)) for name in names)} - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and not self._knows(Headers(scope=scope).get("host")):
            await PlainTextResponse(_REFUSAL, 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, host: str | None) -> bool:
        if host is None:  # HTTP/1.0, as some probes speak it; no browser leaves it out
            return True
        name = _without_port(host)
        return _plain(name) in self._names or _is_address(name)


def _named(name: str) -> str:
    """A name of the settings, where somebody may have left its port; an address has more colons."""
    return _without_port(name) if name.count(":") == 1 else name


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _plain(name: str) -> str:
    return name.strip().casefold().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
