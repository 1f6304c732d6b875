"""What every `Mind` does: the one on real Codex and its twin in memory."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from bot.domain.turn import Began, Finished, Line, MindEvent, Retracted, Settled, Words
from bot.errors import SessionRecoveryError, TransportClosedError, TurnFailedError, TurnFailure
from bot.rooms.ports import Mind
from sandbox.model import Request, Rule, Step, cut, gate, hang, http, say
from tests.codex_kit import MIRA, SEAT, House, ask, hear, house, shown
from tests.fakes.mind import Play, ScriptedMind

SILENCE = 0.5
STATUSES = {TurnFailure.RATE_LIMIT: 429, TurnFailure.UNAUTHORIZED: 401}


class World(Protocol):
    """A mind, and what can be done to it from outside."""

    mind: Mind

    def play(self, *plays: Play) -> None:
        """What the next turns do."""

    async def kill(self) -> None:
        """End Mira's process; return when that was noticed."""

    async def lose(self, thread_id: str) -> None:
        """End Mira's process and remove the thread's session file."""

    def told(self, thread_id: str) -> list[tuple[bool, str]]:
        """What the model was told in the last turn: whether it was its own, and the text."""


class Codex:
    def __init__(self, house: House) -> None:
        self.house = house
        self.mind: Mind = house.mind

    def play(self, *plays: Play) -> None:
        rules: list[Rule] = []
        for play in plays:
            if play.cut:
                rules.append(Rule(then=(cut(len(play.cut.split())), say(play.cut + " …")), times=1))
            rules.append(Rule(then=_steps(play), times=1))
        self.house.model.script[0:0] = rules

    async def kill(self) -> None:
        slot = self.house.pool._slots["mira"]
        assert slot.instance is not None
        os.kill(slot.instance.process.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            await slot.instance.process._gone.wait()

    async def lose(self, thread_id: str) -> None:
        await self.kill()
        for file in self.house.options.home.rglob(f"rollout-*{thread_id}*"):
            file.unlink()

    def told(self, thread_id: str) -> list[tuple[bool, str]]:
        roles = {"user": False, "assistant": True}
        last = self.house.model.requests[-1].messages
        return [(roles[role], text) for role, text in last if role in roles]


class Twin:
    def __init__(self) -> None:
        self.scripted = ScriptedMind(silence=SILENCE)
        self.mind: Mind = self.scripted

    def play(self, *plays: Play) -> None:
        self.scripted.script.extend(plays)

    async def kill(self) -> None:
        self.scripted.kill("mira")

    async def lose(self, thread_id: str) -> None:
        self.scripted.lose(thread_id)

    def told(self, thread_id: str) -> list[tuple[bool, str]]:
        lines = [(line.own, line.text) for line in self.scripted.threads[thread_id].lines]
        return lines[:-1] if lines[-1][0] else lines


def _steps(play: Play) -> tuple[Step, ...]:
    if play.fails is not None:
        return (http(STATUSES[play.fails]),)
    steps = [gate(play.gate)] if play.gate is not None else []
    steps.append(say(play.text))
    return (*steps, hang()) if play.hangs else tuple(steps)


def _echo(request: Request) -> tuple[Step, ...]:
    return (say(f"to {request.last_user_text}"),)


@pytest.fixture(params=["codex", "twin"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "twin":
        yield Twin()
        return
    async with house(tmp_path, Rule(then=_echo), turn_timeout=SILENCE) as opened:
        yield Codex(opened)


async def test_a_turn_begins_speaks_settles_and_finishes(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        text, heard = await ask(mind, await mind.begin(SEAT, []), "hello")
    assert text == "to hello"
    assert isinstance(heard[0], Began)
    assert heard[0].codex_turn_id
    assert Settled("to hello") in heard
    assert isinstance(heard[-1], Finished)
    words = "".join(event.text for event in heard if isinstance(event, Words))
    assert "to hello".startswith(words)


async def test_a_thread_remembers_what_was_said(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
        await ask(mind, thread, "two")
        assert world.told(thread) == [(False, "one"), (True, "to one"), (False, "two")]


async def test_a_thread_knows_the_history_it_began_with(world: World) -> None:
    history = [Line("Anna: hello", own=False), Line("Welcome.", own=True)]
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, history)
        await ask(mind, thread, "Anna: a room?")
        told = [(False, "Anna: hello"), (True, "Welcome."), (False, "Anna: a room?")]
        assert world.told(thread) == told


async def test_a_thread_with_a_turn_goes_on_after_a_death(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        assert (await ask(mind, thread, "two"))[0] == "to two"
        assert world.told(thread)[0] == (False, "one")


async def test_a_thread_with_history_goes_on_after_a_death(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [Line("one", own=False)])
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        await ask(mind, thread, "two")
        assert world.told(thread) == [(False, "one"), (False, "two")]


async def test_a_thread_of_which_nothing_was_kept_dies_with_its_process(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        with pytest.raises(SessionRecoveryError) as caught:
            await mind.resume(SEAT, thread)
        assert caught.value.old_thread_id == thread


async def test_a_lost_thread_is_known_by_its_old_id_and_a_new_one_can_begin(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
    await world.lose(thread)
    async with world.mind.lease(MIRA) as mind:
        for attempt in (mind.resume(SEAT, thread), mind.revert(thread, "turn")):
            with pytest.raises(SessionRecoveryError) as caught:
                await attempt
            assert caught.value.old_thread_id == thread
        with pytest.raises(SessionRecoveryError):
            await ask(mind, thread, "two")
        fresh = await mind.begin(SEAT, [Line("one", own=False)])
        assert (await ask(mind, fresh, "two"))[0] == "to two"


async def test_a_reverted_turn_was_never_said(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
        _, heard = await ask(mind, thread, "two")
        await ask(mind, thread, "three")
        assert isinstance(heard[0], Began)
        await mind.revert(thread, heard[0].codex_turn_id)
        await mind.revert(thread, heard[0].codex_turn_id)
        await ask(mind, thread, "four")
        assert world.told(thread) == [(False, "one"), (True, "to one"), (False, "four")]


async def test_reverting_in_a_thread_of_which_nothing_is_kept_loses_it(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        with pytest.raises(SessionRecoveryError):
            await mind.revert(thread, "turn")
        with pytest.raises(SessionRecoveryError):
            await ask(mind, thread, "hello")


async def test_a_cut_stream_is_retracted_before_it_starts_anew(world: World) -> None:
    world.play(Play("the whole answer", cut="the whole"))
    async with world.mind.lease(MIRA) as mind:
        text, heard = await ask(mind, await mind.begin(SEAT, []), "hello")
    assert text == "the whole answer"
    assert heard.count(Retracted()) == 1
    assert heard.index(Retracted()) < heard.index(Settled("the whole answer"))


@pytest.mark.parametrize("reason", list(STATUSES))
async def test_a_failed_turn_says_why_and_the_next_one_is_good(
    world: World, reason: TurnFailure
) -> None:
    # Codex asks twice in these tests: the request and one retry.
    plays = [Play(fails=reason)] * (2 if isinstance(world, Codex) else 1)
    if reason is TurnFailure.RATE_LIMIT:
        plays = plays[:1]
    world.play(*plays)
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        with pytest.raises(TurnFailedError) as caught:
            await ask(mind, thread, "hello")
        assert caught.value.reason is reason
        assert (await ask(mind, thread, "again"))[0] == "to again"


async def test_a_silent_turn_fails_as_silent(world: World) -> None:
    world.play(Play("Well,", hangs=True))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        with pytest.raises(TurnFailedError) as caught:
            await ask(mind, thread, "hello")
        assert caught.value.reason is TurnFailure.SILENT
        assert (await ask(mind, thread, "again"))[0] == "to again"


async def test_a_death_in_the_middle_is_told_and_can_be_reverted(world: World) -> None:
    world.play(Play("half of", hangs=True))
    heard: list[MindEvent] = []
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask_quietly(mind, thread, world)
        async with mind.speak(thread, "hello") as events:
            heard.append(await anext(events))
            heard.append(await anext(events))
            await world.kill()
            with pytest.raises(TransportClosedError):
                heard += await hear(events)
        # What died stays dead for those who hold it; whoever leases anew gets another.
        with pytest.raises(TransportClosedError):
            await mind.begin(SEAT, [])
    assert isinstance(heard[0], Began)
    assert shown(heard) in ("half", "half of")
    async with world.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        await mind.revert(thread, heard[0].codex_turn_id)
        assert (await ask(mind, thread, "hello"))[0] == "to hello"
        questions = [text for own, text in world.told(thread) if not own]
        assert questions == ["first", "hello"]


async def ask_quietly(mind: object, thread: str, world: World) -> None:
    """A first good turn in front of the script that is set already."""
    world.play()
    if isinstance(world, Twin):
        world.scripted.script.appendleft(Play())
    else:
        assert isinstance(world, Codex)
        world.house.model.script.insert(0, Rule(then=_echo, times=1))
    await ask(mind, thread, "first")


async def test_leaving_early_ends_the_turn(world: World) -> None:
    world.play(Play("Well,", hangs=True))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with asyncio.timeout(5), mind.speak(thread, "hello") as events:
            assert isinstance(await anext(events), Began)
            assert isinstance(await anext(events), Words | Settled)
        assert (await ask(mind, thread, "again"))[0] == "to again"


async def test_turns_of_one_thread_do_not_mix(world: World) -> None:
    opened = asyncio.Event()
    world.play(Play("the first", gate=opened))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with asyncio.TaskGroup() as group, mind.speak(thread, "one") as events:
            await anext(events)
            second = group.create_task(ask(mind, thread, "two"))
            await asyncio.sleep(0)
            opened.set()
            assert shown(await hear(events)) == "the first"
        assert second.result()[0] == "to two"


async def test_two_who_hold_the_same_mind_speak_in_their_own_threads(world: World) -> None:
    async with world.mind.lease(MIRA) as one, world.mind.lease(MIRA) as two:
        first, second = await one.begin(SEAT, []), await two.begin(replace(SEAT, room_id=78), [])
        assert first != second
        answers = await asyncio.gather(ask(one, first, "left"), ask(two, second, "right"))
    assert [text for text, _ in answers] == ["to left", "to right"]


async def test_usage_is_the_thread_s_so_far(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        totals = []
        for words in ("one", "two", "three"):
            _, heard = await ask(mind, thread, words)
            assert isinstance(heard[-1], Finished)
            totals.append(heard[-1].usage.total_tokens)
    assert 0 < totals[0] < totals[1] < totals[2]


async def test_the_fingerprint_tells_threads_that_cannot_be_gone_on_with(world: World) -> None:
    same = world.mind.fingerprint(MIRA)
    assert same == world.mind.fingerprint(replace(MIRA, greeting="Come in!"))
    others = (
        replace(MIRA, persona="Another."),
        replace(MIRA, model="m"),
        replace(MIRA, effort="low"),
    )
    prints = {world.mind.fingerprint(other) for other in others}
    assert len(prints | {same}) == 4
