"""The listener: its address, its end, and what it is not."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from bot.errors import SettingsError
from bot.web.server import WebServer

SOON = 5.0


def hello() -> Starlette:
    async def answer(request):
        return PlainTextResponse("hello")

    return Starlette(routes=[Route("/", answer)])


async def test_port_zero_takes_a_free_port_and_says_which():
    async with WebServer("127.0.0.1", 0, hello()) as server, httpx2.AsyncClient() as http:
        assert server.port > 0
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert (await http.get(server.url)).text == "hello"


async def test_a_taken_port_names_the_setting_and_what_to_do():
    async with WebServer("127.0.0.1", 0, hello()) as first:
        with pytest.raises(SettingsError, match="set HTTP_PORT to another port") as refused:
            async with WebServer("127.0.0.1", first.port, hello()):
                pass
        assert refused.value.setting == "HTTP_PORT"
        async with httpx2.AsyncClient() as http:
            assert (await http.get(first.url)).text == "hello"


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
async def test_a_host_that_is_not_this_machine_names_its_setting(host):
    with pytest.raises(SettingsError) as refused:
        async with WebServer(host, 0, hello()):
            pass
    assert refused.value.setting == "HTTP_HOST"


async def test_the_same_port_can_be_taken_again_right_after_the_end():
    async with WebServer("127.0.0.1", 0, hello()) as first, httpx2.AsyncClient() as http:
        await http.get(first.url)
    async with WebServer("127.0.0.1", first.port, hello()) as second:
        assert second.port == first.port


async def test_the_signals_stay_the_bots():
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    async with WebServer("127.0.0.1", 0, hello()):
        during = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    assert during == before


async def test_requests_leave_no_trace_in_the_log(caplog):
    caplog.set_level(logging.INFO)
    async with WebServer("127.0.0.1", 0, hello()) as server, httpx2.AsyncClient() as http:
        await http.get(server.url + "/?secret=1")
    own = [record.getMessage() for record in caplog.records if "httpx" not in record.name]
    assert own == [f"listening on {server.url}"]


async def test_an_endless_stream_does_not_hold_up_the_end():
    ended = asyncio.Event()

    async def drip():
        try:
            yield b"one"
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def stream(request):
        return StreamingResponse(drip())

    app = Starlette(routes=[Route("/", stream)])
    async with httpx2.AsyncClient() as http, asyncio.timeout(SOON):
        async with WebServer("127.0.0.1", 0, app) as server:
            request = http.build_request("GET", server.url)
            answer = await http.send(request, stream=True)
            started = time.monotonic()
        assert ended.is_set()
        assert time.monotonic() - started < 3
        await answer.aclose()


async def test_an_idle_connection_does_not_hold_up_the_end():
    async with httpx2.AsyncClient() as http:
        async with WebServer("127.0.0.1", 0, hello()) as server:
            await http.get(server.url)
            started = time.monotonic()
        assert time.monotonic() - started < 1


async def test_the_apps_own_resources_are_opened_before_and_closed_after():
    steps = []

    @asynccontextmanager
    async def lifespan(app):
        steps.append("open")
        yield
        steps.append("closed")

    async with WebServer("127.0.0.1", 0, Starlette(lifespan=lifespan)):
        assert steps == ["open"]
    assert steps == ["open", "closed"]


async def test_an_app_that_cannot_open_fails_the_start_with_its_own_error():
    @asynccontextmanager
    async def lifespan(app):
        raise RuntimeError("no tools today")
        yield

    server = WebServer("127.0.0.1", 0, Starlette(lifespan=lifespan))
    with pytest.raises(RuntimeError, match="no tools today"):
        async with server:
            pass
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


async def test_any_address_is_said_aloud_and_reached_over_loopback(caplog):
    async with WebServer("0.0.0.0", 0, hello()) as server, httpx2.AsyncClient() as http:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert (await http.get(server.url)).text == "hello"
    assert any("HTTP_HOST is 0.0.0.0" in record.getMessage() for record in caplog.records)
