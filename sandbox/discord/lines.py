"""TCP lines below uvicorn: which connection a request came by, so that it can be cut."""

from __future__ import annotations

import asyncio
import socket
import struct
from weakref import WeakValueDictionary

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

# l_onoff 1, l_linger 0: closing sends RST at once instead of a clean end (socket(7)).
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Lines:
    """Open connections by the far end's address, as ASGI's `scope["client"]` gives it."""

    def __init__(self) -> None:
        self._open: WeakValueDictionary[tuple[str, int], asyncio.BaseTransport] = (
            WeakValueDictionary()
        )

    def protocol(self) -> type[H11Protocol]:
        """uvicorn's HTTP protocol, which also notes each connection here."""
        known = self._open

        class Noted(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
                super().connection_made(transport)
                known[tuple(transport.get_extra_info("peername")[:2])] = transport

        return Noted

    def cut(self, scope: Scope) -> None:
        """Reset the connection that `scope` came by: the far end sees ECONNRESET."""
        transport = self._open.get(tuple(scope["client"]))
        if not isinstance(transport, asyncio.Transport):
            return
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
        )
        transport.abort()
