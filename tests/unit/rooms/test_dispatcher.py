"""Who speaks and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.character import Character
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import Speaker
from bot.errors import StoreError, StoreRefusal, StoreRefusingError, StoreUnavailableError
from bot.rooms.record import retry
from bot.rooms.recovery.crash_recovery import TOO_OLD_TO_THINK
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Company, company, until


async def test_a_mention_is_answered_once_though_the_event_comes_twice() -> None:
    async with company(Play("Yes?")) as house:
        said = house.says("@Mira hello")
        house.dispatcher.hear(ROOM, said)
        await house.quiet()
        assert house.answers() == ["Yes?"]


async def test_what_is_heard_once_more_is_told_and_kept_once() -> None:
    async with company(Play("Yes?")) as house:
        for text in ("@Kai hello", "@Mira hello"):
            said = house.stage.say(ROOM, ANN, text)
            for _ in range(2):
                house.dispatcher.hear(ROOM, said)
                await house.quiet()
        assert len(await house.decisions.decisions(ROOM.id)) == 2
        assert len(house.stage.told) == 1


async def test_who_is_named_second_hears_the_first() -> None:
    async with company(Play("I am first."), Play("I am second."), cast=(MIRA, KAI)) as house:
        house.says("@Kai and @Mira, who are you?")
        await house.quiet()
        assert house.answers() == ["I am first.", "I am second."]
        assert [house.mind.threads[thread].seat.character for thread, _ in house.mind.asked] == [
            "kai",
            "mira",
        ]
        assert "I am first." in house.mind.asked[1][1]


async def test_what_arrives_while_a_seat_speaks_becomes_one_next_turn() -> None:
    held = asyncio.Event()
    async with company(Play("One.", gate=held), Play("Two and three.")) as house:
        house.says("@Mira one")
        await until(lambda: house.mind.asked)
        house.says("@Mira two", by=BEN)
        house.says("@Mira three", by=Speaker(3, "Cid"))
        await until(lambda: len(house.turn_queues.in_hand) == 3)
        held.set()
        await until(lambda: len(house.mind.asked) == 2)
        assert house.scene().askers == {2, 3}
        await house.quiet()
        assert house.answers() == ["One.", "Two and three."]
        assert "@Mira two" in house.mind.asked[1][1]
        assert "@Mira three" in house.mind.asked[1][1]
        assert await house.memory.unfinished() == []


async def test_a_mention_of_the_bot_goes_to_the_one_addressed_last() -> None:
    async with company(Play("Beep."), Play("Beep beep."), cast=(MIRA, KAI)) as house:
        house.says("@Kai hello")
        await house.quiet()
        house.says("and now?", mentions_bot=True)
        await house.quiet()
        assert house.answers() == ["Beep.", "Beep beep."]


async def test_a_mention_of_the_bot_among_strangers_is_asked_back_once() -> None:
    async with company(cast=(MIRA, KAI)) as house:
        house.says("hello", mentions_bot=True)
        house.says("hello?", mentions_bot=True)
        await house.quiet()
        assert [text for _, text, _ in house.stage.told] == [
            "Who should answer? These are here: `@Mira`, `@Kai`."
        ]


async def test_a_mention_of_the_bot_in_an_empty_room_says_how_to_fill_it() -> None:
    async with company(cast=()) as house:
        house.says("hello", mentions_bot=True)
        await house.quiet()
        assert "/summon" in house.stage.told[0][1]


async def test_who_calls_one_that_is_away_is_told_how_to_bring_it() -> None:
    async with company(cast=(MIRA,)) as house:
        house.says("@Kai are you there?")
        await house.quiet()
        assert [text for _, text, _ in house.stage.told] == [
            "Kai isn’t here. Bring them in with `/summon`."
        ]
        house.says("Kai, said nobody")
        await house.quiet()
        assert len(house.stage.told) == 1


async def test_a_reply_to_a_characters_message_goes_to_it() -> None:
    async with company(Play("First."), Play("Second."), cast=(MIRA, KAI)) as house:
        house.says("@Mira hello")
        await house.quiet()
        answer = next(one for one in house.stage.posted.values() if one.turn)
        house.says("and then?", reply_to=answer.id)
        await house.quiet()
        assert house.answers() == ["First.", "Second."]


async def test_talk_to_nobody_starts_nothing() -> None:
    async with company() as house:
        house.says("what a day")
        await house.quiet()
        assert house.mind.asked == []


async def test_a_greeting_comes_before_the_answer_to_who_speaks_at_once() -> None:
    async with company(Play("Yes?")) as house:
        await house.dispatcher.greet(ROOM, MIRA, message_id=5, asker=1)
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == ["Come in!", "Yes?"]
        assert house.stage.prepared == ["mira"]


async def test_what_is_said_without_the_store_waits_for_it_and_people_are_told_once() -> None:
    async with company(Play("Hello, hello."), Play("And to you.")) as house:
        accept, tries = house.memory.accept, list[Turn]()

        async def away(turn: Turn) -> bool:
            tries.append(turn)
            raise StoreUnavailableError("Redis at x cannot be reached")

        house.memory.accept = away  # type: ignore[method-assign]
        house.says("@Mira hello")
        house.says("@Mira hello?")
        await until(lambda: len(tries) > 1)
        assert tries[0] == tries[1]  # so that a try which arrived is known
        assert house.mind.asked == []
        assert [text for _, text, _ in house.stage.told] == [
            "The bot’s memory can’t be reached right now. You’ll be answered when it’s back."
        ]
        house.memory.accept = accept  # type: ignore[method-assign]
        await house.quiet()
        assert "".join(house.answers()) in ("Hello, hello.", "Hello, hello.And to you.")
        assert "@Mira hello?" in house.mind.asked[-1][1]
        assert await house.memory.unfinished() == []


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (StoreRefusingError(StoreRefusal.FULL, "OOM"), "is full, so nobody can answer yet"),
        (StoreError("WRONGTYPE"), "refuses one of its records"),
    ],
)
async def test_what_the_store_refuses_is_told_as_what_it_is_and_one_key_is_given_up(
    monkeypatch: pytest.MonkeyPatch, trouble: StoreError, told: str
) -> None:
    monkeypatch.setattr(retry, "REFUSED_SECONDS", 0.2)
    async with company(Play("Hello.")) as house:
        accept, is_mended = house.memory.accept, asyncio.Event()

        async def refuse(turn: Turn) -> bool:
            if is_mended.is_set():
                return await accept(turn)
            raise trouble

        house.memory.accept = refuse  # type: ignore[method-assign]
        house.says("@Mira hello")
        await until(lambda: house.stage.told)
        assert told in house.stage.told[0][1]
        if isinstance(trouble, StoreRefusingError):
            is_mended.set()
        await house.quiet()
        assert house.answers() == (["Hello."] if is_mended.is_set() else [])


async def test_what_is_too_old_by_now_does_not_wait_for_the_store() -> None:
    async with company(Play("Hello.")) as house:
        accept, tries = house.memory.accept, list[int]()

        async def away(turn: Turn) -> bool:
            tries.append(turn.trigger)
            house.memory.accept = accept  # type: ignore[method-assign]
            raise StoreUnavailableError("Redis at x cannot be reached")

        house.memory.accept = away  # type: ignore[method-assign]
        said = house.stage.say(ROOM, ANN, "@Mira hello")
        old = datetime.now(UTC) - 2 * TOO_OLD_TO_THINK
        house.dispatcher.hear(ROOM, replace(said, at=old))
        await house.quiet()
        assert tries == [said.message_id]
        assert house.answers() == []


def _left(house: Company, **more: object) -> Turn:
    said = house.stage.say(ROOM, ANN, "@Mira hello")
    turn = Turn(
        room=ROOM,
        character="mira",
        trigger=said.message_id,
        asker=1,
        reason=Reason.NAMED,
        accepted_at=datetime.now(UTC),
    )
    return replace(turn, **more)  # type: ignore[arg-type]


async def test_a_turn_that_another_process_left_is_finished() -> None:
    async with company(Play("Here I am.")) as house:
        await house.memory.accept(_left(house))
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["Here I am."]
        assert await house.memory.unfinished() == []


async def test_what_was_shown_of_a_turn_whose_record_is_lost_is_not_said_again() -> None:
    # Redis was away when they were played, and the process ended before it was back.
    async with company(Play("To both.")) as house:
        one, two = _left(house), _left(house)
        house.stage.put(one, MIRA, "To one.")
        for turn in (one, two):
            await house.memory.accept(turn)
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["To both."]
        assert await house.memory.unfinished() == []


async def test_a_recorded_text_is_delivered_and_not_thought_again() -> None:
    async with company() as house:
        turn = _left(house, text="As I was saying.", state=TurnState.RECORDED)
        await house.memory.accept(turn)
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["As I was saying."]
        assert house.mind.asked == []


async def test_a_turn_that_is_too_old_is_closed_in_silence() -> None:
    async with company() as house:
        old = datetime.now(UTC) - timedelta(hours=1)
        await house.memory.accept(_left(house, accepted_at=old))
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == []
        assert await house.memory.unfinished() == []


async def test_what_is_in_hand_is_not_taken_up_a_second_time() -> None:
    held = asyncio.Event()
    async with company(Play("Once.", gate=held)) as house:
        house.says("@Mira hello")
        await until(lambda: house.mind.asked)
        await house.crash_recovery.resume()
        held.set()
        await house.quiet()
        assert house.answers() == ["Once."]


async def test_after_the_end_was_ordered_nothing_new_is_taken() -> None:
    async with company() as house:
        await house.dispatcher.finish(timeout=0)
        house.says("@Mira hello")
        await house.quiet()
        assert house.mind.asked == []


async def test_a_character_whose_file_is_gone_ends_its_turns() -> None:
    async with company() as house:
        await house.memory.accept(_left(house))
        del house.shelf.by_key["mira"]
        await house.crash_recovery.resume()
        await house.quiet()
        assert await house.memory.unfinished() == []


async def test_nobody_is_told_what_is_not_decided_on_yet_and_then_once_more() -> None:
    gate, awake, written = asyncio.Event(), asyncio.Event(), asyncio.Event()
    script = Play("Kai here.", gate=gate), Play("One."), Play("Two.")
    async with company(*script, cast=(MIRA, KAI)) as house:
        lease, accept = house.mind.lease, house.memory.accept

        @asynccontextmanager
        async def slow(character: Character, **more: Any) -> AsyncIterator[Any]:
            if character is MIRA:
                await awake.wait()
            async with lease(character, **more) as held:
                yield held

        house.mind.lease = slow  # type: ignore[method-assign]
        house.says("@Kai hello")
        house.says("@Mira one")
        await until(lambda: len(house.mind.asked) == 1 and len(house.turn_queues.in_hand) == 2)

        async def late(turn: Turn) -> bool:
            await written.wait()
            return await accept(turn)

        house.memory.accept = late  # type: ignore[method-assign]
        house.says("@Mira two")
        house.message_log.forget(ROOM.id)
        gate.set()
        await until(house.answers)  # heard after what is not decided on
        awake.set()
        await until(lambda: len(house.mind.asked) == 2)
        assert "@Mira two" not in house.mind.asked[1][1]
        written.set()
        await house.quiet()
        assert house.answers() == ["Kai here.", "One.", "Two."]
        assert "@Mira two" in house.mind.asked[2][1]
