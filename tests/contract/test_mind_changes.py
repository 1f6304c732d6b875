"""How a thread is changed beside its turns, by every `Mind`: injected, steered, shown pictures."""

from __future__ import annotations

import asyncio
import base64

import pytest

from bot.domain.turn import Began, Finished, Line, MindEvent, Settled, Words
from bot.domain.utterance import Image
from bot.errors import SessionRecoveryError
from bot.rooms.ports.mind import LeasedMind
from tests.codex_kit import MIRA, SEAT, ask, hear, shown
from tests.contract.minds import World
from tests.fakes.mind import Play

# PNG files of one red and one blue dot.
RED = Image(
    "image/png",
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAA"
        "DElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    ),
)
BLUE = Image(
    "image/png",
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAA"
        "DElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
    ),
)
TOLD = [Line("Ann: by the way", own=False), Line("I see.", own=True)]
AS_TOLD = [(line.own, line.text) for line in TOLD]


def turn_id(heard: list[MindEvent]) -> str:
    assert isinstance(heard[0], Began)
    return heard[0].codex_turn_id


# --- injecting -------------------------------------------------------------------------------


async def test_what_is_injected_between_turns_is_told_with_true_roles(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
        await mind.inject(thread, TOLD)
        assert (await ask(mind, thread, "two"))[0] == "to two"
        assert world.told(thread) == [(False, "one"), (True, "to one"), *AS_TOLD, (False, "two")]


async def test_what_is_injected_after_a_revert_stays_over_a_death(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await ask(mind, thread, "one")
        _, heard = await ask(mind, thread, "two")
        await mind.revert(thread, turn_id(heard))
        await mind.inject(thread, TOLD)
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        await mind.inject(thread, [Line("Ann: more", own=False)])
        await ask(mind, thread, "three")
        told = [(False, "one"), (True, "to one"), *AS_TOLD, (False, "Ann: more"), (False, "three")]
        assert world.told(thread) == told


async def test_a_turn_that_is_left_in_mid_speech_is_forgotten_and_told_clean(world: World) -> None:
    world.play(Play("I see. [Ben · 2 · now] No.", hangs=True))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        world.first()
        await ask(mind, thread, "one")
        async with mind.speak(thread, "Ann: by the way") as events:
            began = await anext(events)
            await anext(events)
        await mind.revert(thread, turn_id([began]))
        await mind.inject(thread, TOLD)
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        await ask(mind, thread, "two")
        assert world.told(thread) == [(False, "one"), (True, "to one"), *AS_TOLD, (False, "two")]


async def test_a_revert_keeps_what_was_injected_before_its_turn_only(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, TOLD[:1])
        _, first = await ask(mind, thread, "one")
        await mind.inject(thread, TOLD[1:])
        _, second = await ask(mind, thread, "two")
        await mind.revert(thread, turn_id(second))
        await ask(mind, thread, "three")
        assert world.told(thread)[2:] == [(True, "to one"), AS_TOLD[1], (False, "three")]
        await mind.revert(thread, turn_id(first))
        await ask(mind, thread, "four")
        assert world.told(thread) == [AS_TOLD[0], (False, "four")]


async def test_an_injection_keeps_a_thread_that_had_no_turn_yet(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        await mind.inject(thread, TOLD)
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        await ask(mind, thread, "hello")
        assert world.told(thread) == [*AS_TOLD, (False, "hello")]


async def test_nothing_can_be_injected_into_a_lost_thread(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, TOLD)
    await world.lose(thread)
    async with world.mind.lease(MIRA) as mind:
        with pytest.raises(SessionRecoveryError) as caught:
            await mind.inject(thread, TOLD)
        assert caught.value.old_thread_id == thread


async def test_an_injection_waits_for_the_turn_that_runs(world: World) -> None:
    opened = asyncio.Event()
    world.play(Play("at last", gate=opened))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with asyncio.TaskGroup() as group, mind.speak(thread, "one") as events:
            await anext(events)
            injecting = group.create_task(mind.inject(thread, TOLD))
            await asyncio.sleep(0)
            opened.set()
            await hear(events)
        assert injecting.done()
        await ask(mind, thread, "two")
        assert world.told(thread) == [(False, "one"), (True, "at last"), *AS_TOLD, (False, "two")]


# --- steering --------------------------------------------------------------------------------


async def steered(world: World, mind: LeasedMind, thread: str) -> list[MindEvent]:
    """A turn that is asked “one” and, before its first word, “and two”."""
    world.play(Play("never said", gate=asyncio.Event()))
    async with mind.speak(thread, "one") as events:
        began = await anext(events)
        assert isinstance(began, Began)
        await world.reached("one")
        assert await mind.steer(thread, began.codex_turn_id, "and two")
        return [began, *await hear(events)]


async def test_what_is_steered_in_is_answered_by_the_turn_that_runs(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        heard = await steered(world, mind, thread)
        assert shown(heard) == "to and two"
        assert isinstance(heard[-1], Finished)
        assert [event for event in heard if isinstance(event, Settled)] == [Settled("to and two")]
        assert world.told(thread) == [(False, "one"), (False, "and two")]


async def test_what_was_steered_in_goes_with_its_turn(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, TOLD)
        await mind.revert(thread, turn_id(await steered(world, mind, thread)))
        await ask(mind, thread, "three")
        assert world.told(thread) == [*AS_TOLD, (False, "three")]


async def test_a_turn_that_speaks_is_not_steered(world: World) -> None:
    world.play(Play("Well,", hangs=True))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with asyncio.timeout(5), mind.speak(thread, "one") as events:
            began = await anext(events)
            assert isinstance(began, Began)
            # Settled as well: a slow listener finds the words already made whole.
            assert isinstance(await anext(events), Words | Settled)
            assert not await mind.steer(thread, began.codex_turn_id, "and two")


async def test_only_the_turn_that_runs_can_be_steered(world: World) -> None:
    opened = asyncio.Event()
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        _, heard = await ask(mind, thread, "one")
        over = turn_id(heard)
        assert not await mind.steer(thread, over, "too late")
        assert not await mind.steer("no-such-thread", over, "too late")
        world.play(Play("two", gate=opened))
        async with mind.speak(thread, "two") as events:
            assert isinstance(await anext(events), Began)
            assert not await mind.steer(thread, over, "another one")
            opened.set()
            await hear(events)
        assert [text for own, text in world.told(thread) if not own] == ["one", "two"]


async def test_a_turn_whose_process_died_is_not_steered(world: World) -> None:
    world.play(Play("never said", gate=asyncio.Event()))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, TOLD)
        async with mind.speak(thread, "one") as events:
            began = await anext(events)
            assert isinstance(began, Began)
            await world.kill()
            assert not await mind.steer(thread, began.codex_turn_id, "and two")


# --- pictures and tokens ---------------------------------------------------------------------


async def test_pictures_are_seen_with_the_words_and_stay_in_the_thread(world: World) -> None:
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        async with mind.speak(thread, "look", [RED, BLUE]) as events:
            assert shown(await hear(events)) == "to look"
        assert world.seen() == [RED, BLUE]
        await ask(mind, thread, "and now?")
        assert world.seen() == []
        assert world.told(thread)[0] == (False, "look")


async def test_usage_is_that_of_the_turn_alone(world: World) -> None:
    """Also after a death, and when a turn is asked again in the place of one that was like it."""
    question = "x" * 400

    async def used(mind: LeasedMind) -> tuple[str, int]:
        _, heard = await ask(mind, thread, question)
        assert isinstance(heard[0], Began)
        assert isinstance(heard[-1], Finished)
        usage = heard[-1].usage
        assert usage.input_tokens > 0
        assert usage.total_tokens == usage.input_tokens + usage.output_tokens
        return heard[0].codex_turn_id, usage.output_tokens

    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [])
        spent = [await used(mind), await used(mind)]
        await mind.revert(thread, spent[1][0])
        spent.append(await used(mind))
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        await mind.resume(SEAT, thread)
        spent.append(await used(mind))
    assert len({tokens for _, tokens in spent}) == 1
    assert spent[0][1] > 0
