"""The events of a turn: conflated for the slow, rolled back for the retried, never out of order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codex.stream import TurnStream
from bot.domain.speech import SPEECH_LIMIT
from bot.domain.turn import Began, Finished, MindEvent, Retracted, Settled, Words
from bot.errors import TransportClosedError, TurnFailedError, TurnFailure
from bot.tasks import Tasks


async def rest(stream: TurnStream) -> list[MindEvent]:
    async with asyncio.timeout(1):
        return [event async for event in stream]


def begun() -> TurnStream:
    stream = TurnStream("t")
    stream.begin("u")
    return stream


async def test_words_that_nobody_heard_yet_are_one_event() -> None:
    stream = begun()
    for word in ("a", "b", "c"):
        stream.words(word)
    assert await anext(stream) == Began("u")
    assert await anext(stream) == Words("abc")


async def test_a_listener_that_waits_is_woken_by_the_first_word() -> None:
    stream = begun()
    await anext(stream)
    async with Tasks("test") as tasks:
        waiting = tasks.start("listener", anext(stream))
        await asyncio.sleep(0)
        stream.words("a")
        async with asyncio.timeout(1):
            assert await waiting == Words("a")


async def test_words_before_a_settled_text_that_were_not_heard_are_not_repeated() -> None:
    stream = begun()
    stream.words("a")
    stream.settle("abc")
    stream.words("d")
    stream.finish()
    heard = await rest(stream)
    assert [type(event) for event in heard] == [Began, Settled, Words, Finished]


async def test_a_retraction_voids_only_what_came_after_the_last_settled_text() -> None:
    stream = begun()
    stream.settle("one")
    stream.words("tw")
    stream.retry()
    stream.words("two")
    stream.settle("two")
    stream.finish()
    heard = await rest(stream)
    assert [event.text for event in heard if isinstance(event, Settled)] == ["one", "two"]
    assert heard.index(Settled("one")) < heard.index(Settled("two"))


async def test_nothing_is_retracted_when_nothing_was_said() -> None:
    stream = begun()
    stream.retry()
    stream.retry()
    stream.finish()
    assert Retracted() not in await rest(stream)


async def test_the_same_text_settled_again_after_a_retry_is_said_once() -> None:
    stream = begun()
    stream.words("yes")
    stream.settle("yes")
    stream.retry()
    stream.words("yes")
    stream.settle("yes")
    stream.finish()
    assert (await rest(stream)).count(Settled("yes")) == 1


async def test_the_same_text_said_twice_on_purpose_stays_twice() -> None:
    stream = begun()
    stream.settle("yes")
    stream.settle("yes")
    stream.finish()
    assert (await rest(stream)).count(Settled("yes")) == 2


async def test_what_was_said_before_a_failure_is_heard_before_it() -> None:
    stream = begun()
    stream.words("half")
    stream.fail(TransportClosedError("gone"))
    assert await anext(stream) == Began("u")
    assert await anext(stream) == Words("half")
    with pytest.raises(TransportClosedError):
        await anext(stream)


async def test_the_blamed_reason_counts_when_the_turn_then_fails() -> None:
    stream = begun()
    stream.blame(TurnFailedError(TurnFailure.SILENT))
    stream.fail(TurnFailedError(TurnFailure.INTERRUPTED))
    with pytest.raises(TurnFailedError) as caught:
        await rest(stream)
    assert caught.value.reason is TurnFailure.SILENT


async def test_a_turn_that_ends_well_after_all_is_not_failed() -> None:
    stream = begun()
    stream.blame(TurnFailedError(TurnFailure.SILENT))
    stream.settle("late, but here")
    stream.finish()
    assert Settled("late, but here") in await rest(stream)


async def test_nothing_follows_the_end() -> None:
    stream = begun()
    stream.finish()
    stream.words("more")
    stream.settle("more")
    stream.retry()
    stream.fail(TransportClosedError("gone"))
    assert [type(event) for event in await rest(stream)] == [Began, Finished]


STEPS: list[Callable[[TurnStream], None]] = [
    lambda stream: stream.words("ab"),
    lambda stream: stream.words("c "),
    TurnStream.retry,
    lambda stream: stream.settle("S"),
]


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.booleans())))
def test_a_slow_listener_and_a_quick_one_see_the_same_in_the_end(
    steps: list[tuple[Callable[[TurnStream], None], bool]],
) -> None:
    async def seen(listens: Callable[[bool], bool]) -> tuple[list[str], str]:
        stream, heard = begun(), []
        for step, drawn in steps:
            step(stream)
            while listens(drawn) and (stream._events or stream._words):
                heard.append(await anext(stream))
        open_words = ""
        stream.finish()
        heard += [event async for event in stream]
        settled: list[str] = []
        for event in heard:
            if isinstance(event, Words):
                open_words += event.text
            elif isinstance(event, Retracted):
                open_words = ""
            elif isinstance(event, Settled):
                settled.append(event.text)
                open_words = ""
        return settled, open_words

    async def run() -> None:
        quick = await seen(lambda drawn: True)
        assert await seen(lambda drawn: False) == quick
        assert await seen(lambda drawn: drawn) == quick

    asyncio.run(run())


@given(st.lists(st.sampled_from(STEPS[:3]), max_size=200))
def test_what_waits_for_a_slow_listener_stays_small(
    steps: list[Callable[[TurnStream], None]],
) -> None:
    async def run() -> None:
        stream = begun()
        for step in steps:
            step(stream)
        assert len(stream._events) <= 2

    asyncio.run(run())


async def test_more_than_anybody_reads_is_not_handed_on() -> None:
    stream = begun()
    for text in ("a" * 1_000_000, "b" * 1_000_000):
        stream.words(text)
    stream.settle("c" * 1_000_000)
    stream.words("d" * 1_000_000)
    stream.finish()
    heard = await rest(stream)
    lengths = [len(event.text) for event in heard if isinstance(event, Words | Settled)]
    # One more than the longest speech: it is seen to be too long.
    assert max(lengths) == SPEECH_LIMIT + 1


async def test_after_a_retried_stream_there_is_room_again() -> None:
    stream = begun()
    stream.words("a" * 1_000_000)
    stream.retry()
    stream.words("b")
    stream.finish()
    assert Words("b") in await rest(stream)
