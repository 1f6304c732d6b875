"""What a thread is told: each message once, and none before it is decided who answers it."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest

from bot.domain.room import Room, Seat
from bot.domain.turn import Reason, Turn
from bot.errors import StoreUnavailableError
from tests.fakes.mind import Play, ScriptedLease
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.obstacles import slow_words
from tests.unit.rooms.test_backfill import backfill


def questions(house: Company) -> list[str]:
    return [words for _, words in house.mind.asked]


async def left_unfinished(house: Company, text: str, *, accepted: bool = True) -> int:
    """A process wrote down that Mira is asked, and died."""
    said = house.stage.say(ROOM, ANN, text)
    if accepted:
        turn = Turn(ROOM, MIRA.key, said.message_id, ANN.id, Reason.NAMED, said.at)
        assert await house.ledger.accept(turn)
    return said.message_id


async def test_a_call_whose_last_word_came_late_is_told_once_though_there_is_a_gap() -> None:
    script = (Play("@Mira your turn."), Play("Mine."), Play("Nothing new."))
    async with company(*script, cast=(MIRA, KAI)) as house:
        accept = house.turn_queues.accept

        async def out_of_touch(turn: Turn) -> bool:
            house.backfill.lost_touch()
            return await accept(turn)

        with slow_words("@Mira") as ended:
            house.says("@Kai begin")
            await until(house.answers)
            house.says("meanwhile")
            house.turn_queues.accept = out_of_touch  # type: ignore[method-assign]
            ended.set()
            await until(lambda: "Mine." in house.answers())
        house.turn_queues.accept = accept  # type: ignore[method-assign]
        house.backfill.resumed()
        await house.quiet()
        house.says("@Mira and now?")
        await house.quiet()
        assert house.answers() == ["@Mira your turn.", "Mine.", "Nothing new."]
        assert [one.count("your turn") for one in questions(house)] == [0, 1, 0]
        assert sum(one.count("meanwhile") for one in questions(house)) == 1


async def test_what_is_taken_up_while_a_gap_is_read_tells_nothing_of_the_gap() -> None:
    script = (Play("The third."), Play("The second."), Play("The fourth."))
    async with company(*script) as house:
        casts = house.casts
        house.stage.say(ROOM, BEN, "long decided")
        first = house.stage.say(ROOM, BEN, "decided on")
        await casts.mark(ROOM.id, first.message_id)
        catching = await backfill(house)
        await left_unfinished(house, "@Mira the second", accepted=False)
        await left_unfinished(house, "@Mira the third")
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["The third."]
        assert "decided on" in str(house.mind.threads["thread-1"].lines)
        await catching.read()
        await house.quiet()
        assert house.answers() == ["The third.", "The second."]
        house.says("@Mira the fourth")
        await house.quiet()
        (thread,) = house.mind.threads.values()
        told = [one.text for one in thread.history] + questions(house)
        for text in ("decided on", "the second", "the third", "the fourth"):
            assert sum(text in one for one in told) == 1


async def test_what_was_left_unfinished_is_in_hand_before_a_gap_is_decided_on() -> None:
    async with company(Play("To both."), Play("Once more.")) as house:
        catching, unfinished = await backfill(house), house.memory.unfinished
        await left_unfinished(house, "@Mira one")
        await left_unfinished(house, "@Mira two", accepted=False)

        async def away() -> NoReturn:
            raise StoreUnavailableError("away")

        house.memory.unfinished = away  # type: ignore[method-assign]
        await catching.read()
        assert house.mind.asked == []
        house.memory.unfinished = unfinished  # type: ignore[method-assign]
        await catching.again()
        await house.quiet()
        assert house.answers() == ["To both."]
        assert await house.ledger.unfinished() == []


async def test_what_was_asked_ahead_of_others_is_followed_when_it_is_edited() -> None:
    async with company(Play("The third."), Play("All of it.")) as house:
        catching = await backfill(house)
        house.stage.say(ROOM, BEN, "@Mira the second")
        third = await left_unfinished(house, "@Mira the third")
        await house.crash_recovery.resume()
        await house.quiet()
        session = await house.ledger.session(Seat(ROOM.id, MIRA.key))
        assert session is not None
        assert session.cursor < third
        assert session.ahead == {third}
        house.changes.deleted(ROOM.id, (third,))
        del house.stage.posted[third]
        await catching.read()
        await house.quiet()
        thread = house.mind.threads[house.mind.asked[-1][0]]
        assert "the third" not in str(thread.lines) + str([one.words for one in thread.turns])


async def test_a_message_that_comes_while_words_are_added_is_told_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = asyncio.Event()
    async with company(Play("One.", gate=gate), Play("Both."), Play("And that.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        since, more = house.message_log.since, list[str]()

        async def slowly(room: Room, cursor: int) -> object:
            said, latest = await since(room, cursor), house.message_log.latest(ROOM.id)
            if not more:
                more.append("three")
                house.says("@Mira three", by=BEN)
                await until(lambda: house.message_log.latest(ROOM.id) > latest)
            return said

        monkeypatch.setattr(house.message_log, "since", slowly)
        house.says("@Mira two")
        await until(lambda: house.mind.steered)
        gate.set()
        await house.quiet()
        told = [*questions(house), *(words for _, words in house.mind.steered)]
        assert [sum(one.count(f"@Mira {word}") for one in told) for word in ("two", "three")] == [
            1,
            1,
        ]


async def test_a_call_that_comes_while_words_are_added_is_answered_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = asyncio.Event()
    script = (Play("@Mira yours."), Play("One.", gate=gate), Play("To Ann."), Play("To Kai."))
    async with company(*script, cast=(MIRA, KAI)) as house:
        steer = ScriptedLease.steer

        async def steering(lease: ScriptedLease, *about: str) -> bool:
            took = await steer(lease, *about)
            if not ended.is_set():
                ended.set()
                await until(lambda: len(house.turn_queues.in_hand) == 4)
            return took

        monkeypatch.setattr(ScriptedLease, "steer", steering)
        with slow_words("@Mira") as ended:
            house.says("@Kai begin", by=BEN)
            await until(house.answers)
            house.says("@Mira one")
            await until(lambda: len(house.mind.asked) == 2)
            house.says("@Mira two")
            await until(lambda: house.mind.steered)
            gate.set()
            await house.quiet()
        told = [*questions(house), *(words for _, words in house.mind.steered)]
        assert sum("@Mira yours" in one for one in told) == 1
        assert await house.ledger.unfinished() == []


async def test_a_call_that_is_made_while_another_question_is_made_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = (Play("@Mira yours."), Play("To Ben."), Play("To Kai."))
    async with company(*script, cast=(MIRA, KAI)) as house:
        history = house.stage.history

        async def meanwhile(room: Room, **bounds: int) -> object:
            if not ended.is_set() and house.answers():
                ended.set()
                await until(lambda: len(house.turn_queues.in_hand) == 3)
            return await history(room, **bounds)

        monkeypatch.setattr(house.stage, "history", meanwhile)
        with slow_words("@Mira") as ended:
            house.says("@Kai begin")
            await until(house.answers)
            house.says("@Mira hi", by=BEN)
            await house.quiet()
        assert house.answers() == ["@Mira yours.", "To Ben.", "To Kai."]
        assert [one.count("@Mira yours") for one in questions(house)] == [0, 0, 1]


async def test_a_new_thread_knows_an_answer_after_all_that_it_answered() -> None:
    async with company(Play("To the third.")) as house:
        one = house.stage.say(ROOM, ANN, "@Mira one")
        turn = Turn(ROOM, MIRA.key, one.message_id, ANN.id, Reason.NAMED, one.at)
        # Begun for the first, it was thought again, with the second, where it stood.
        answer = house.stage.put(turn, MIRA, "To both.")
        two = house.stage.say(ROOM, BEN, "@Mira two")
        house.stage.posted[answer].settled = two.message_id + 1
        house.says("@Mira three")
        await house.quiet()
        (thread,) = house.mind.threads.values()
        others, own = thread.history
        assert [text in others.text for text in ("one", "two")] == [True, True]
        assert (own.own, own.text) == (True, "To both.")


async def test_a_message_that_discord_shows_before_it_is_heard_is_told_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = tuple(Play(one) for one in ("Zero.", "First.", "First, too.", "Late."))
    async with company(*script, cast=(MIRA, KAI)) as house:
        house.says("@Kai zero")
        await house.quiet()
        both = house.stage.say(ROOM, ANN, "@Kai @Mira first")
        late = house.stage.say(ROOM, BEN, "@Mira late")
        house.dispatcher.hear(ROOM, both)
        # As where the log does not go back far enough.
        monkeypatch.setattr(house.message_log, "since", house.message_log._read)
        await until(lambda: len(house.mind.asked) == 3)
        house.dispatcher.hear(ROOM, late)
        await house.quiet()
        assert [one.count("@Mira late") for one in questions(house)] == [0, 0, 0, 1]
