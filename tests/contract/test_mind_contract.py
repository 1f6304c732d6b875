"""What every `Mind` does: the one on real Codex and its twin in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.turn import Began, Finished, Line, MindEvent, Retracted, Settled, Words
from bot.errors import SessionRecoveryError, TransportClosedError, TurnFailedError, TurnFailure
from tests.codex_kit import MIRA, SEAT, ask, hear, shown
from tests.contract.minds import STATUSES, Codex, World
from tests.fakes.mind import Play


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
        world.first()
        await ask(mind, thread, "first")
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


async def test_a_thread_that_is_loaded_names_its_turns_also_what_a_death_cut(world: World) -> None:
    world.play(Play("half of", hangs=True))
    async with world.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [Line("before", own=False)])
        world.first()
        _, first = await ask(mind, thread, "one")
        async with mind.speak(thread, "two") as events:
            second = await anext(events)
            await anext(events)
            assert list(await mind.resume(SEAT, thread)) == []
            await world.kill()
    assert isinstance(first[0], Began)
    assert isinstance(second, Began)
    async with world.mind.lease(MIRA) as mind:
        turns = [first[0].codex_turn_id, second.codex_turn_id]
        assert list(await mind.resume(SEAT, thread)) == turns
        assert list(await mind.resume(SEAT, thread)) == []
        await mind.revert(thread, turns[1])
    await world.kill()
    async with world.mind.lease(MIRA) as mind:
        assert list(await mind.resume(SEAT, thread)) == turns[:1]


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
