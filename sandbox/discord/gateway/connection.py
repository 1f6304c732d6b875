"""One websocket: an outbox that sends in order, and a reader."""

from __future__ import annotations

import asyncio
import json
from collections import deque

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.discord.gateway.codec import Codec
from sandbox.discord.gateway.session import Session


class Connection:
    """A connection; `session` is None until it has identified or resumed."""

    def __init__(self, socket: WebSocket, codec: Codec, open_gate: asyncio.Event) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.acks = True
        self.closing = False
        self._codec = codec
        self._gate = open_gate
        self._outbox: deque[str | int] = deque()
        self._filled = asyncio.Event()

    def send(self, text: str) -> None:
        """Queue a packed message."""
        self._outbox.append(text)
        self._filled.set()

    def send_op(self, op: int, data: object = None) -> None:
        """Queue a message that is no dispatch."""
        self.send(json.dumps({"t": None, "s": None, "op": op, "d": data}))

    def close(self, code: int) -> None:
        """Close with `code` after what is queued; nothing is queued later."""
        self.closing = True
        self._outbox.append(code)
        self._filled.set()

    async def write(self) -> None:
        """Send what is queued until the socket closes. A held gateway waits here."""
        while True:
            while self._outbox:
                await self._gate.wait()
                try:
                    if not await self._send(self._outbox.popleft()):
                        return
                except (WebSocketDisconnect, RuntimeError):
                    # The peer is gone; its reader learns it too and cleans up.
                    return
            self._filled.clear()
            await self._filled.wait()

    async def _send(self, item: str | int) -> bool:
        if isinstance(item, int):
            await self.socket.close(item)
            return False
        packed = self._codec.pack(item)
        if isinstance(packed, bytes):
            await self.socket.send_bytes(packed)
        else:
            await self.socket.send_text(packed)
        return True

    async def receive(self) -> object:
        """The next message; None for what is no JSON. Raises WebSocketDisconnect at the end."""
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        raw = message.get("text") or message.get("bytes") or ""
        try:
            parsed: object = json.loads(raw)
        except ValueError:
            return None
        return parsed
