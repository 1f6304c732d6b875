"""Turns in real Codex: a model that fails, turns that are left, several at once."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from bot.domain.room import Seat
from bot.domain.turn import Began, Finished, Retracted, Settled, Words
from bot.errors import (
    TransportClosedError,
    TurnFailedError,
    TurnFailure,
)
from sandbox.model import Rule, Step, call, commentary, cut, fail, gate, hang, http, say
from tests.codex_kit import MIRA, SEAT, ask, hear_failing, house, shown


def scripted(*first: Step, then: str = "all is well") -> list[Rule]:
    """The first request gets `first`, the others an answer."""
    return [Rule(then=first, times=1), Rule(then=(say(then),))]


async def test_a_cut_stream_is_taken_back_and_nothing_is_said_twice(tmp_path: Path) -> None:
    rules = scripted(cut(2), say("all is lost again"))
    async with house(tmp_path, *rules) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        text, heard = await ask(mind, thread, "hello")
    assert text == "all is well"
    assert Retracted() in heard


async def test_a_message_that_was_whole_before_the_cut_is_not_said_again(tmp_path: Path) -> None:
    rules = scripted(say("all is well"), cut())
    async with house(tmp_path, *rules) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        text, _ = await ask(mind, thread, "hello")
        assert len(h.model.requests) == 2
    assert text == "all is well"


async def test_commentary_is_not_speech(tmp_path: Path) -> None:
    rule = Rule(then=(commentary("I shall be kind."), say("Welcome!")))
    async with house(tmp_path, rule) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        text, heard = await ask(mind, thread, "hello")
    assert text == "Welcome!"
    assert "kind" not in "".join(event.text for event in heard if isinstance(event, Words))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (http(429), TurnFailure.RATE_LIMIT),
        (http(401), TurnFailure.UNAUTHORIZED),
        (http(500), TurnFailure.UNREACHABLE),
        (fail("context_length_exceeded"), TurnFailure.CONTEXT_FULL),
        (fail("insufficient_quota"), TurnFailure.NO_CREDIT),
        (fail("rate_limit_exceeded"), TurnFailure.RATE_LIMIT),
    ],
)
async def test_the_model_s_refusals_get_a_name(
    tmp_path: Path, step: Step, reason: TurnFailure
) -> None:
    async with house(tmp_path, Rule(then=(step,))) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        with pytest.raises(TurnFailedError) as caught:
            await ask(mind, thread, "hello")
        assert caught.value.reason is reason, caught.value
        # The process is as good as before.
        h.model.script[:] = [Rule(then=(say("better"),))]
        assert (await ask(mind, thread, "hello"))[0] == "better"


async def test_a_model_that_hangs_is_interrupted_and_the_thread_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path, *scripted(say("Well,"), hang()), turn_timeout=0.5) as h:
        async with h.mind.lease(MIRA) as mind:
            thread = await mind.begin(SEAT, [])
            with pytest.raises(TurnFailedError) as caught:
                await ask(mind, thread, "hello")
            assert caught.value.reason is TurnFailure.SILENT
            assert (await ask(mind, thread, "again"))[0] == "all is well"
        assert h.pool.stats().starts == 1


async def test_a_model_that_calls_tools_without_end_is_interrupted(tmp_path: Path) -> None:
    again = Rule(when=lambda r: r.last_user_text == "hello", then=(call("nothing", {}),))
    async with house(tmp_path, again, *scripted()[1:]) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with asyncio.timeout(10):
            with pytest.raises(TurnFailedError) as caught:
                await ask(mind, thread, "hello")
        assert caught.value.reason is TurnFailure.ENDLESS
        assert (await ask(mind, thread, "again"))[0] == "all is well"


async def test_leaving_early_interrupts_the_turn(tmp_path: Path) -> None:
    rules = scripted(say("Well,"), hang())
    async with house(tmp_path, *rules) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with mind.speak(thread, "hello") as events:
            async for event in events:
                if isinstance(event, Words | Settled):
                    break
        assert (await ask(mind, thread, "again"))[0] == "all is well"


async def test_a_turn_left_in_its_first_moment_is_ended_too(tmp_path: Path) -> None:
    rules = [Rule(when=lambda r: r.last_user_text == "hello", then=(hang(),)), *scripted()[1:]]
    async with house(tmp_path, *rules) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        for _ in range(3):
            # Codex refuses an interruption that comes between its answer and the real start.
            async with asyncio.timeout(3), mind.speak(thread, "hello"):
                pass
        assert (await ask(mind, thread, "again"))[0] == "all is well"
        assert h.pool.stats().starts == 1


async def test_being_cancelled_interrupts_the_turn(tmp_path: Path) -> None:
    async with house(tmp_path, *scripted(say("Well,"), hang())) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        turn = asyncio.ensure_future(ask(mind, thread, "hello"))
        await h.model.requests.reach(1)
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        assert (await ask(mind, thread, "again"))[0] == "all is well"


async def test_two_turns_of_one_thread_run_one_after_the_other(tmp_path: Path) -> None:
    opened = asyncio.Event()
    rules = [
        Rule(then=lambda r: (gate(opened), say("to " + r.last_user_text)), times=1),
        Rule(then=lambda r: (say("to " + r.last_user_text),)),
    ]
    async with house(tmp_path, *rules) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with asyncio.TaskGroup() as group:
            one = group.create_task(ask(mind, thread, "one"))
            await h.model.requests.reach(1)
            two = group.create_task(ask(mind, thread, "two"))
            opened.set()
        assert (one.result()[0], two.result()[0]) == ("to one", "to two")


async def test_threads_of_one_process_speak_at_the_same_time(tmp_path: Path) -> None:
    opened = asyncio.Event()
    rule = Rule(then=lambda r: (gate(opened), say("to " + r.last_user_text)))
    async with house(tmp_path, rule) as h, h.mind.lease(MIRA) as mind:
        async with asyncio.TaskGroup() as group:
            asked = []
            for number in range(5):
                thread = await mind.begin(Seat(number, "mira"), [])
                asked.append(group.create_task(ask(mind, thread, str(number))))
            await h.model.requests.reach(5)
            opened.set()
        assert [task.result()[0] for task in asked] == [f"to {n}" for n in range(5)]
        assert h.pool.stats().total_threads == 5
        assert h.pool.stats().instances[0].rooms == (0, 1, 2, 3, 4)
        assert h.pool.stats().instances[0].turns == 5


async def test_an_app_server_counts_the_tokens_of_its_turns(tmp_path: Path) -> None:
    rule = Rule(then=(say("yes"),))
    async with house(tmp_path, rule) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        _, first = await ask(mind, thread, "one")
        _, second = await ask(mind, thread, "two")
        ends = [turn[-1] for turn in (first, second)]
        used = [end.usage.total_tokens for end in ends if isinstance(end, Finished)]
        assert len(used) == 2
        assert min(used) > 0
        assert h.pool.stats().instances[0].tokens == sum(used)


async def test_a_tool_that_is_not_there_does_not_hang_the_turn(tmp_path: Path) -> None:
    rules = scripted(call("shell", {"command": ["ls"]}), then="no tools, then")
    async with house(tmp_path, *rules) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        assert (await ask(mind, thread, "hello"))[0] == "no tools, then"


async def test_a_killed_process_ends_its_turns_after_what_was_said(tmp_path: Path) -> None:
    async with house(tmp_path, *scripted(say("Well,"), hang())) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with mind.speak(thread, "hello") as events:
            assert isinstance(await anext(events), Began)
            await h.model.requests.reach(1)
            pid = h.pool.stats().instances[0].pid
            assert pid is not None
            first = await anext(events)
            os.kill(pid, signal.SIGKILL)
            heard, error = await hear_failing(events)
        assert shown([first, *heard]) == "Well,"
        assert isinstance(error, TransportClosedError)
