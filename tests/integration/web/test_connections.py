"""A listener that half-sent requests cannot keep from answering, measured on real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.connections import Bounds
from bot.web.server import WebServer

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
SOON = 10.0
SHORT = Bounds(request_seconds=0.3, stalled_seconds=0.3)


def app() -> Starlette:
    async def hear(request: Request) -> Response:
        return PlainTextResponse("heard " + (await request.body()).decode())

    async def endless(_: Request) -> Response:
        return Response(b"x" * 30_000_000)

    routes = [Route("/", hear, methods=["GET", "POST"]), Route("/endless", endless)]
    return Starlette(routes=routes)


@asynccontextmanager
async def listening(bounds: Bounds) -> AsyncIterator[WebServer]:
    async with WebServer("127.0.0.1", 0, app(), bounds) as server:
        yield server


class Peer:
    """A client that says exactly what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def of(cls, server: WebServer, said: bytes = b"") -> Peer:
        peer = cls(*await asyncio.open_connection("127.0.0.1", server.port))
        peer.writer.write(said)
        return peer

    async def is_cut_off(self) -> bool:
        """Whether the other side ends it, soon, without an answer."""
        try:
            async with asyncio.timeout(SOON):
                return await self.reader.read() == b""
        except ConnectionResetError:
            return True
        finally:
            self.writer.close()

    async def answer(self) -> bytes:
        async with asyncio.timeout(SOON):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            return await self.reader.readexactly(length)


@pytest.mark.parametrize(
    "half",
    [b"", b"GET / HT", HEAD, HEAD + b"\r\nfour"],
    ids=["nothing", "half a line", "half a head", "half a body"],
)
async def test_a_request_that_does_not_come_to_its_end_is_given_up(half):
    async with listening(SHORT) as server:
        began = time.monotonic()
        assert await (await Peer.of(server, half)).is_cut_off()
        assert time.monotonic() - began >= SHORT.request_seconds * 0.9


async def test_a_trickle_of_bytes_wins_no_time():
    async with listening(SHORT) as server:
        peer = await Peer.of(server, HEAD)

        async def trickle() -> None:
            while not peer.writer.is_closing():
                peer.writer.write(b"X: y\r\n")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert await peer.is_cut_off()
        trickling.cancel()


async def test_half_a_request_on_a_connection_that_was_answered_is_given_up_too():
    async with listening(SHORT) as server:
        peer = await Peer.of(server, WHOLE)
        assert await peer.answer() == b"heard "
        peer.writer.write(HEAD)
        assert await peer.is_cut_off()


async def test_half_a_request_behind_a_whole_one_is_given_up_too():
    async with listening(SHORT) as server:
        peer = await Peer.of(server, WHOLE + HEAD)
        assert await peer.answer() == b"heard "
        assert await peer.is_cut_off()


async def test_a_kept_connection_may_rest_longer_than_a_request_may_take():
    async with listening(SHORT) as server:
        peer = await Peer.of(server, WHOLE)
        assert await peer.answer() == b"heard "
        other = await Peer.of(server)  # given up after as long as the first one rests
        assert await other.is_cut_off()
        peer.writer.write(HEAD + b"\r\nnine char")
        assert await peer.answer() == b"heard nine char"
        peer.writer.close()


async def test_a_client_that_reads_nothing_is_given_up():
    async with listening(SHORT) as server:
        peer = await Peer.of(server, WHOLE.replace(b"GET /", b"GET /endless"))
        # No more: what a StreamReader does not hand on, it stops taking from the line.
        await peer.reader.readuntil(b"\r\n\r\n")
        waited = time.monotonic()
        while server.connected:
            assert time.monotonic() - waited < SOON
            await asyncio.sleep(0.02)
        peer.writer.close()


async def test_six_hundred_half_open_requests_keep_nobody_from_an_answer():
    bounds = Bounds()
    async with listening(bounds) as server, httpx2.AsyncClient() as http:
        peers = [await Peer.of(server, HEAD) for _ in range(600)]
        began = time.monotonic()
        assert (await http.get(server.url)).text == "heard "
        assert time.monotonic() - began < 5
        assert server.connected <= bounds.unfinished + 1
        for peer in peers:
            peer.writer.close()


async def test_of_all_connections_there_is_a_bound():
    async with listening(Bounds(connections=3)) as server:
        kept = [await Peer.of(server, WHOLE) for _ in range(3)]
        for peer in kept:
            assert await peer.answer() == b"heard "
        assert await (await Peer.of(server, WHOLE)).is_cut_off()
        for peer in kept:
            peer.writer.close()
