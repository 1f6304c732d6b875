"""Threads in real Codex: kept over deaths, lost and known to be lost, reverted, told a history."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.codex import threads
from bot.codex.mind import CodexLease
from bot.domain.model_profile import ModelProfile, ToolRoute, TranscriptStyle
from bot.domain.room import Seat
from bot.domain.turn import Began, Line, Settled, Words
from bot.errors import SessionRecoveryError, TransportClosedError
from sandbox.model import Request, Rule, Step, hang, say
from tests.codex_kit import MIRA, SEAT, House, ask, hear, house, until


def recite(request: Request) -> tuple[Step, ...]:
    """Say what the conversation was, roles first letter only: `u:hello a:yes u:again`."""
    told = (f"{role[0]}:{text}" for role, text in request.messages if role in ("user", "assistant"))
    return (say(" ".join(told)),)


RECITE = Rule(then=recite)


@pytest.fixture
async def inn(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, RECITE) as opened:
        yield opened


async def kill(house: House) -> None:
    """SIGKILL the only app-server and wait until the pool has noticed."""
    slot = house.pool._slots["mira"]
    assert slot.instance is not None
    os.kill(slot.instance.process.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        await slot.instance.process._gone.wait()


def forget_sessions(house: House) -> None:
    files = list(house.options.home.rglob("rollout-*"))
    assert files
    for file in files:
        file.unlink()


async def test_a_thread_goes_on_in_another_process(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
    await kill(inn)
    async with inn.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        assert (await ask(mind, thread, "two"))[0] == "u:one a:u:one u:two"
    assert inn.pool.stats().starts == 2


async def test_a_turn_killed_in_the_middle_can_be_reverted_and_asked_again(tmp_path: Path) -> None:
    rules = [
        Rule(when=lambda r: r.last_user_text == "two", then=(say("half"), hang()), times=1),
        RECITE,
    ]
    async with house(tmp_path, *rules) as h:
        async with h.mind.lease(MIRA) as mind:
            thread = await mind.begin(SEAT, [])
            await ask(mind, thread, "one")
            async with mind.speak(thread, "two") as events:
                began = await anext(events)
                assert isinstance(began, Began)
                assert isinstance(await anext(events), Words | Settled)
                await kill(h)
                with pytest.raises(TransportClosedError):
                    await hear(events)
        async with h.mind.lease(MIRA) as mind:
            await mind.resume(SEAT, thread)
            await mind.revert(thread, began.codex_turn_id)
            assert (await ask(mind, thread, "two"))[0] == "u:one a:u:one u:two"
        assert h.model.requests.count == 3


async def test_deleted_session_files_are_a_lost_thread(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
    await kill(inn)
    forget_sessions(inn)
    async with inn.mind.lease(MIRA) as mind:
        with pytest.raises(SessionRecoveryError) as caught:
            await mind.resume(SEAT, thread)
        assert caught.value.old_thread_id == thread
        fresh = await mind.begin(SEAT, [Line("one", own=False), Line("yes, one", own=True)])
        assert fresh != thread
        assert (await ask(mind, fresh, "two"))[0] == "u:one a:yes, one u:two"


@pytest.mark.parametrize("thread", ["01a1fd2f-6501-7c93-9886-be17d0512f3f", "nonsense", ""])
async def test_a_thread_that_never_was_is_lost(inn: House, thread: str) -> None:
    async with inn.mind.lease(MIRA) as mind:
        with pytest.raises(SessionRecoveryError) as caught:
            await mind.resume(SEAT, thread)
        assert caught.value.old_thread_id == thread
        with pytest.raises(SessionRecoveryError):
            await ask(mind, thread, "hello")
        with pytest.raises(SessionRecoveryError):
            await mind.revert(thread, "turn")
    assert inn.pool.stats().instances[0].turns == 0


async def test_a_damaged_session_file_is_a_lost_thread(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
    await kill(inn)
    for file in inn.options.home.rglob("rollout-*"):
        file.write_bytes(b"\x00garbage\n{")
    async with inn.mind.lease(MIRA) as mind:
        with pytest.raises(SessionRecoveryError):
            await mind.resume(SEAT, thread)


async def test_a_thread_written_by_another_process_is_not_lost(
    inn: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.codex.instance.HELD_SECONDS", 0.3)
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
        other = await inn.instance()
        try:
            settings = inn.mind._settings(MIRA)
            with pytest.raises(Exception, match="active writer") as caught:
                await other.load(SEAT, thread, settings)
            assert not isinstance(caught.value, SessionRecoveryError)
        finally:
            await other.close()
        assert (await ask(mind, thread, "two"))[0] == "u:one a:u:one u:two"


async def test_a_thread_is_told_its_history_with_true_roles_and_without_the_model(
    inn: House,
) -> None:
    history = [
        Line("Anna: hello", own=False),
        Line("Welcome.", own=True),
        Line("Bo: hi", own=False),
    ]
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, history)
        assert inn.model.requests.count == 0
        await kill(inn)
    async with inn.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        answer, _ = await ask(mind, thread, "who?")
    assert answer == "u:Anna: hello a:Welcome. u:Bo: hi u:who?"


async def test_two_thousand_lines_are_told_quickly(inn: House) -> None:
    history = [Line(f"line {number} " + "x" * 60, own=number % 2 == 1) for number in range(2_000)]
    async with inn.mind.lease(MIRA) as mind:
        async with asyncio.timeout(5):
            thread = await mind.begin(SEAT, history)
        await ask(mind, thread, "well?")
    assert len(inn.model.requests[-1].messages) >= 2_001


async def test_a_reverted_turn_is_forgotten_and_unknown_turns_are_no_error(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
        _, heard = await ask(mind, thread, "two")
        assert isinstance(heard[0], Began)
        await mind.revert(thread, "01a1fd2f-6501-7c93-9886-be17d0512f3f")
        await mind.revert(thread, heard[0].codex_turn_id)
        await mind.revert(thread, heard[0].codex_turn_id)
        assert (await ask(mind, thread, "three"))[0] == "u:one a:u:one u:three"


async def test_a_warm_resume_sends_nothing(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        instance = inn.pool._slots["mira"].instance
        assert instance is not None
        before = instance._transport._last_id
        await mind.resume(SEAT, thread)
        assert instance._transport._last_id == before


async def test_a_turn_that_was_left_before_it_had_begun_is_named(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        _, heard = await ask(mind, thread, "one")
        dismissal = asyncio.ensure_future(ask(mind, thread, "two"))
        await asyncio.sleep(0)
        dismissal.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dismissal
        first, left = await mind.resume(SEAT, thread)
        assert isinstance(heard[0], Began)
        assert first == heard[0].codex_turn_id
        await mind.revert(thread, left)
        assert not await mind.resume(SEAT, thread)
        assert (await ask(mind, thread, "three"))[0] == "u:one a:u:one u:three"


async def test_a_cold_resume_takes_the_character_as_it_is_now(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
    assert "crossroads" in str(inn.model.requests[-1].body)
    await kill(inn)
    changed = type(MIRA)("mira", "Mira", "You are Mira, who has sold the inn.", effort="high")
    async with inn.mind.lease(changed) as mind:
        await mind.resume(SEAT, thread)
        await ask(mind, thread, "two")
    body: Any = inn.model.requests[-1].body
    assert "sold the inn" in str(body)
    assert "crossroads" not in str(body)
    assert body["reasoning"]["effort"] == "high"


async def test_threads_that_are_long_unused_unload_and_come_back(
    inn: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "LOADED_KEPT", 2)
    async with inn.mind.lease(MIRA) as mind:
        made = []
        for number in range(4):
            made.append(await mind.begin(Seat(number, "mira"), []))
            await ask(mind, made[-1], f"room {number}")
        assert inn.pool.stats().total_threads == 2
        assert isinstance(mind, CodexLease)
        assert (await ask(mind, made[0], "again"))[0].startswith("u:room 0 a:")
        await mind.resume(Seat(1, "mira"), made[1])
        assert (await ask(mind, made[1], "again"))[0].startswith("u:room 1 a:")


async def test_a_thread_of_its_own_seat_is_known_by_bearer_and_no_other(inn: House) -> None:
    async with inn.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        bearer = inn.pool._slots["mira"].bearer
        assert inn.pool.seat_for(bearer, thread) == SEAT
        assert inn.pool.seat_for(bearer, "another") is None
        assert inn.pool.seat_for("wrong", thread) is None
        with pytest.raises(SessionRecoveryError):
            await mind.resume(Seat(5, "mira"), "stolen")
        assert inn.pool.seat_for(bearer, "stolen") is None
    await kill(inn)
    await until(lambda: inn.pool.seat_for(bearer, thread) is None)


def test_the_fingerprint_follows_what_a_thread_is_made_with(tmp_path: Path) -> None:
    from dataclasses import replace

    from bot.codex.mind import CodexMind, ThreadDefaults, Tools

    def print_of(who: Any = MIRA, **given: Any) -> str:
        values: dict[str, Any] = {
            "prompt": lambda c, _: c.persona,
            "tools": Tools("1"),
            "defaults": ThreadDefaults(tmp_path),
        } | given
        return CodexMind(None, **values).fingerprint(who)  # type: ignore[arg-type]  # asks no pool

    same = print_of()
    assert same == print_of()
    assert same == print_of(replace(MIRA, aliases=("the innkeeper",), greeting="Come in!"))
    others = [
        print_of(replace(MIRA, persona="You are somebody else.")),
        print_of(replace(MIRA, model="m")),
        print_of(replace(MIRA, effort="low")),
        print_of(defaults=ThreadDefaults(tmp_path, model="n")),
        print_of(tools=Tools("2")),
        print_of(prompt=lambda c, _: "x" + c.persona),
        print_of(profile_of=lambda _: ModelProfile(style=TranscriptStyle.NAMES)),
        print_of(profile_of=lambda _: ModelProfile(tools=ToolRoute.FUNCTIONS)),
        print_of(profile_of=lambda _: ModelProfile(tools=ToolRoute.NONE)),
    ]
    assert len({same, *others}) == len(others) + 1
