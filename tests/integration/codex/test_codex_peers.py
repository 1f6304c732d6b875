"""Turns in one app-server, against peers that misbehave as no real Codex does on order."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.codex import threads, turns
from bot.codex.failures import ThreadHeldError
from bot.codex.instance import Instance
from bot.codex.options import LaunchSpec
from bot.codex.protocol import Question, ThreadSettings
from bot.codex.registry import Registry
from bot.codex.stream import LONGEST
from bot.domain.turn import Began, Finished, MindEvent, Settled, Words
from bot.errors import (
    CodexRefusedError,
    RequestTimeoutError,
    SessionRecoveryError,
    TransportClosedError,
    TurnFailedError,
    TurnFailure,
)
from bot.log import Redactor
from bot.tasks import Tasks
from tests.codex_kit import SEAT, hear, hear_failing, shown

PEERS = Path(__file__).parent / "peers.py"
SETTINGS = ThreadSettings("You are a test.", cwd="/")


@asynccontextmanager
async def peer(folder: Path, way: str, **given: Any) -> AsyncIterator[Instance]:
    env = {"PATH": os.environ["PATH"]}
    values: dict[str, Any] = {"silence": 30.0, "on_ended": lambda _: None} | given
    instance = await Instance.start(
        LaunchSpec((sys.executable, "-S", str(PEERS), way), env, folder),
        redactor=Redactor(),
        registry=Registry(folder / "run"),
        **values,
    )
    try:
        yield instance
    finally:
        await instance.close()


async def turn_of(instance: Instance, words: str = "hello") -> list[MindEvent]:
    return await turn_of_thread(instance, await instance.begin(SEAT, [], SETTINGS), words)


async def turn_of_thread(instance: Instance, thread: str, words: str = "hello") -> list[MindEvent]:
    async with instance.turn(thread, Question(words), SETTINGS) as events:
        return await hear(events)


@pytest.mark.parametrize("way", ["early", "nameless"])
async def test_a_turn_that_is_over_before_it_is_answered_loses_nothing(
    tmp_path: Path, way: str
) -> None:
    async with peer(tmp_path, way) as instance:
        for _ in range(3):
            heard = await turn_of(instance)
            assert isinstance(heard[0], Began)
            assert isinstance(heard[-1], Finished)
            assert Settled("quick") in heard
            assert shown(heard) == "quick"


async def test_a_thread_that_waits_for_its_turn_is_not_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "LOADED_KEPT", 0)
    async with peer(tmp_path, "early") as instance, Tasks("test") as tasks:
        thread = await instance.begin(SEAT, [], SETTINGS)
        known = instance.threads.know(thread)
        known.kept = True
        await known.lock.acquire()
        turn = tasks.start("turn", turn_of_thread(instance, thread))
        await asyncio.sleep(0)  # it waits for the lock
        known.lock.release()  # nobody holds it for a moment
        assert instance.threads.spare() == []
        assert shown(await turn) == "quick"


# What is heard of the peer's flood: more is nobody's speech.
FLOOD = ("ab " * 100_000)[:LONGEST]


async def test_a_listener_that_sleeps_through_a_flood_hears_it_as_one(tmp_path: Path) -> None:
    async with peer(tmp_path, "flood") as instance:
        thread = await instance.begin(SEAT, [], SETTINGS)
        async with instance.turn(thread, Question("go"), SETTINGS) as events:
            async with asyncio.timeout(10):
                await events.ended.wait()
                heard = [event async for event in events]
    assert [type(event) for event in heard] == [Began, Settled, Finished]
    assert shown(heard) == FLOOD


async def test_a_flood_keeps_its_order_for_one_who_listens(tmp_path: Path) -> None:
    async with peer(tmp_path, "flood") as instance:
        heard = await turn_of(instance)
        # The reader gives way: other requests are answered meanwhile, and it stays in order.
        words = "".join(event.text for event in heard if isinstance(event, Words))
    assert FLOOD.startswith(words)
    assert len(heard) < 20_000
    assert shown(heard) == FLOOD


async def test_a_flood_in_one_thread_does_not_starve_another_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine reads a hundred thousand lines more slowly.
    monkeypatch.setattr("bot.codex.instance.PING_SECONDS", 20.0)
    async with peer(tmp_path, "flood") as instance:
        thread = await instance.begin(SEAT, [], SETTINGS)
        async with instance.turn(thread, Question("go"), SETTINGS) as events:
            await instance.ping()
            await hear(events)
        assert instance.usable


async def test_unknown_items_phases_statuses_and_codes_are_lived_with(tmp_path: Path) -> None:
    async with peer(tmp_path, "odd") as instance:
        thread = await instance.begin(SEAT, [], SETTINGS)
        async with instance.turn(thread, Question("go"), SETTINGS) as events:
            heard, error = await hear_failing(events)
    assert shown(heard) == "spoken"
    assert isinstance(error, TurnFailedError)
    assert error.reason is TurnFailure.OTHER
    assert "newError" in error.detail


async def test_what_turns_out_to_be_commentary_is_taken_back(tmp_path: Path) -> None:
    async with peer(tmp_path, "phases") as instance:
        assert shown(await turn_of(instance)) == "answer"


async def test_a_process_whose_turn_cannot_be_interrupted_is_as_good_as_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "INTERRUPT_SECONDS", 0.1)
    ended: list[Instance] = []
    async with peer(tmp_path, "stuck", silence=0.1, on_ended=ended.append) as instance:
        with pytest.raises(TransportClosedError):
            await turn_of(instance)
        assert ended == [instance]
        assert not instance.usable


async def test_leaving_a_stuck_turn_early_takes_no_longer_than_its_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "INTERRUPT_SECONDS", 0.1)
    async with peer(tmp_path, "stuck") as instance:
        thread = await instance.begin(SEAT, [], SETTINGS)
        async with asyncio.timeout(5), instance.turn(thread, Question("go"), SETTINGS) as events:
            assert isinstance(await anext(events), Began)
        assert instance.condemned is not None


async def test_another_writer_of_a_thread_is_waited_for(tmp_path: Path) -> None:
    async with peer(tmp_path, "held") as instance:
        await instance.load(SEAT, "thread-1", SETTINGS)
        assert instance.owns("thread-1") == SEAT


async def test_a_writer_that_stays_is_an_error_of_its_own_and_never_a_lost_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.codex.instance.HELD_SECONDS", 0.0)
    async with peer(tmp_path, "held") as instance:
        with pytest.raises(ThreadHeldError):
            await instance.load(SEAT, "thread-1", SETTINGS)


async def test_a_thread_that_codex_let_go_is_loaded_again_and_not_taken_for_lost(
    tmp_path: Path,
) -> None:
    async with peer(tmp_path, "forgetful") as instance:
        for _ in range(2):
            assert shown(await turn_of(instance)) == "here again"


async def test_a_thread_that_cannot_be_loaded_again_is_lost(tmp_path: Path) -> None:
    async with peer(tmp_path, "lost") as instance:
        with pytest.raises(SessionRecoveryError) as caught:
            await turn_of(instance)
        assert caught.value.old_thread_id == "thread-1"
        assert instance.owns("thread-1") is None
        assert instance.turns_running == 0


async def test_codex_s_own_line_says_why_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(CodexRefusedError) as caught:
        async with peer(tmp_path, "refuses"):
            pass
    assert caught.value.line == "Error: invalid type: string, expected a boolean"
    with pytest.raises(CodexRefusedError, match="without a word"):
        async with peer(tmp_path, "silent_end"):
            pass
    assert not list((tmp_path / "run").iterdir())


async def test_a_handshake_without_an_answer_is_given_up_and_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.codex.handshake.HANDSHAKE_SECONDS", 0.1)
    with pytest.raises(RequestTimeoutError):
        async with peer(tmp_path, "mute"):
            pass
    assert not list((tmp_path / "run").iterdir())
