"""The line to an app-server, against peers that misbehave; each peer is a real process."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.codex import process, request_denials
from bot.codex.options import LaunchSpec
from bot.codex.transport import Transport
from bot.errors import (
    CodexMissingError,
    CodexRefusedError,
    OverloadedError,
    RequestTimeoutError,
    RpcError,
    TransportClosedError,
)
from bot.log import Redactor

PEERS = Path(__file__).parent / "peers.py"


def spec_of(way: str) -> LaunchSpec:
    env = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    return LaunchSpec((sys.executable, "-S", str(PEERS), way), env, PEERS.parent)


@asynccontextmanager
async def line_to(
    way: str,
    *,
    redactor: Redactor | None = None,
    heard: Callable[[str, dict[str, Any]], None] = lambda method, params: None,
    closed: Callable[[TransportClosedError], None] = lambda error: None,
) -> AsyncIterator[Transport]:
    transport = await Transport.open(
        spec_of(way), redactor=redactor or Redactor(), on_notification=heard, on_closed=closed
    )
    try:
        yield transport
    finally:
        await transport.close()


async def test_garbage_on_stdout_is_survived() -> None:
    heard: list[str] = []
    async with line_to("garbage", heard=lambda method, params: heard.append(method)) as line:
        assert await line.request("echo", {"a": 1}, timeout=5) == {"a": 1}
    assert heard == ["turn/started", "turn/completed"]


async def test_a_request_without_an_answer_meets_its_deadline() -> None:
    async with line_to("mute") as line:
        with pytest.raises(RequestTimeoutError) as caught:
            await line.request("thread/start", {}, timeout=0.05)
    assert (caught.value.method, caught.value.seconds) == ("thread/start", 0.05)


async def test_an_answer_after_the_deadline_is_dropped_and_the_line_goes_on() -> None:
    async with line_to("late") as line:
        with pytest.raises(RequestTimeoutError):
            await line.request("slow", {}, timeout=0.05)
        assert await line.request("echo", {"n": 1}, timeout=5) == {"n": 1}
        assert await line.request("echo", {"n": 2}, timeout=5) == {"n": 2}
        assert not line._waiting


async def test_an_overloaded_codex_is_asked_again() -> None:
    async with line_to("overloaded") as line:
        assert await line.request("busy", {"times": 2}, timeout=5) == {"attempts": 3}


async def test_a_codex_that_stays_overloaded_is_an_error_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.codex.transport.BACKOFF_FIRST", 0.001)
    async with line_to("overloaded") as line:
        with pytest.raises(OverloadedError):
            await line.request("busy", {"times": 1_000}, timeout=5)


async def test_an_error_carries_method_code_and_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async with line_to("held") as line:
        with pytest.raises(RpcError, match="active writer") as caught:
            await line.request("thread/resume", {}, timeout=5)
    assert (caught.value.method, caught.value.code) == ("thread/resume", -32600)


async def test_everything_that_codex_asks_is_declined() -> None:
    methods = [*request_denials.ANSWERS, "attestation/generate", "something/new"]
    async with line_to("asks") as line:
        await line.request("go", {"methods": methods}, timeout=5)
        told = await line.request("report", {}, timeout=5)
        async with asyncio.timeout(5):
            while not isinstance(told, dict) or len(told) < len(methods):
                told = await line.request("report", {}, timeout=5)
    for method, answer in request_denials.ANSWERS.items():
        assert told[method] == answer
    assert told["attestation/generate"]["code"] == told["something/new"]["code"] == -32601


async def test_megabytes_of_stderr_neither_block_nor_pile_up() -> None:
    async with line_to("loud") as line:
        assert await line.request("echo", {"a": 1}, timeout=10) == {"a": 1}
        async with asyncio.timeout(5):
            while "the last word" not in line.process.stderr:
                await line.request("echo", {}, timeout=5)
        assert len(line.process.stderr) == process.STDERR_LINES


async def test_of_stderr_only_what_matters_is_shown_and_all_is_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "bot.codex.process")
    async with line_to("chatty") as line:
        await line.request("echo", {}, timeout=5)
        async with asyncio.timeout(5):
            while len(line.process.stderr) < 6:
                await line.request("echo", {}, timeout=5)
        assert "bubblewrap" in line.process.stderr[0]
    levels = [r.levelno for r in caplog.records if r.name == "bot.codex.process"]
    assert levels == [logging.DEBUG] * 3 + [logging.WARNING] * 3


async def test_a_process_that_ends_tells_every_waiter_with_its_last_words() -> None:
    ended: list[TransportClosedError] = []
    async with line_to("refuses", closed=ended.append) as line:
        results = await asyncio.gather(
            *(line.request("initialize", {}, timeout=5) for _ in range(3)), return_exceptions=True
        )
        for result in results:
            assert isinstance(result, TransportClosedError)
            assert result.stderr[-1] == "Error: invalid type: string, expected a boolean"
        with pytest.raises(TransportClosedError):
            await line.request("initialize", {}, timeout=5)
    assert len(ended) == 1


async def test_a_line_of_64_mib_comes_through_and_one_byte_more_is_dropped() -> None:
    limit = process.LINE_LIMIT
    async with line_to("huge") as line:
        whole = await line.request("huge", {"bytes": limit}, timeout=20)
        assert isinstance(whole, dict)
        assert len(whole["text"]) > limit - 100
        del whole
        with pytest.raises(RequestTimeoutError):
            await line.request("huge", {"bytes": limit + 1}, timeout=1.5)
        assert await line.request("echo", {"a": 1}, timeout=5) == {"a": 1}


async def test_an_answer_torn_into_bytes_is_put_together() -> None:
    async with line_to("torn") as line:
        assert await line.request("any", {}, timeout=5) == {"text": "wörter"}


async def test_large_requests_sent_at_once_are_not_mixed() -> None:
    sizes = [3_000_000 + number for number in range(4)]
    async with line_to("garbage") as line:
        answers = await asyncio.gather(
            *(line.request("size", {"text": "ä" * size}, timeout=20) for size in sizes),
            *(line.request("size", {"text": "b" * number}, timeout=20) for number in range(20)),
        )
    assert [answer["size"] for answer in answers] == [*sizes, *range(20)]  # type: ignore[index]


async def test_a_large_request_that_is_cancelled_is_not_torn() -> None:
    async with line_to("garbage") as line:
        with pytest.raises(RequestTimeoutError):
            await line.request("size", {"text": "x" * 20_000_000}, timeout=0.01)
        assert await line.request("echo", {"a": 1}, timeout=20) == {"a": 1}


async def test_a_peer_that_never_reads_cannot_hold_a_request_beyond_its_deadline() -> None:
    async with line_to("silent_reader") as line:
        with pytest.raises(RequestTimeoutError):
            await line.request("size", {"text": "x" * 20_000_000}, timeout=0.2)
        with pytest.raises(RequestTimeoutError):
            await line.request("echo", {}, timeout=0.1)


async def test_half_surrogates_do_not_reach_the_wire() -> None:
    async with line_to("garbage") as line:
        assert await line.request("echo", {"a": "x\ud800y"}, timeout=5) == {"a": "x?y"}


async def test_every_message_is_logged_at_debug_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    redactor = Redactor()
    redactor.learn("hunter2hunter2")
    caplog.set_level(logging.DEBUG, "bot.codex")
    async with line_to("garbage", redactor=redactor) as line:
        await line.request("echo", {"key": "hunter2hunter2", "long": "x" * 100_000}, timeout=5)
        # The cap must not cut a secret in half and show one part.
        await line.request("echo", {"pad": "p" * 3_950, "key": "hunter2hunter2"}, timeout=5)
    sent = [r.getMessage() for r in caplog.records if "→" in r.getMessage()]
    got = [r.getMessage() for r in caplog.records if "←" in r.getMessage()]
    assert any("echo" in text and "‹secret›" in text for text in sent)
    assert any("‹secret›" in text for text in got)
    assert "hunter2" not in caplog.text
    assert max(map(len, [*sent, *got])) < 5_000


async def test_a_missing_program_and_a_missing_folder_are_told_apart(tmp_path: Path) -> None:
    async def start(spec: LaunchSpec) -> None:
        await Transport.open(
            spec, redactor=Redactor(), on_notification=lambda *_: None, on_closed=lambda _: None
        )

    with pytest.raises(CodexMissingError, match="no-such-codex"):
        await start(LaunchSpec((str(tmp_path / "no-such-codex"),), {}, tmp_path))
    with pytest.raises(CodexRefusedError, match="no-such-folder"):
        await start(LaunchSpec((sys.executable,), {}, tmp_path / "no-such-folder"))
    plain = tmp_path / "plain.txt"
    plain.write_text("not a program")
    with pytest.raises(CodexRefusedError, match=r"plain\.txt"):
        await start(LaunchSpec((str(plain),), {}, tmp_path))
