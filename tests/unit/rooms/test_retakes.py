"""Replies are thought once more, put another way, taken back; threads follow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.room import Seat
from bot.domain.takes import Take
from bot.domain.turn import Turn, TurnState
from bot.errors import (
    DeliveryError,
    DiscordDownError,
    NotPermittedError,
    PlaceGoneError,
    TurnFailure,
)
from bot.rooms.runs.turn_results import Ending
from tests.fakes.mind import Play
from tests.unit.rooms.company import BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import check_thread

SEAT = Seat(ROOM.id, "mira")


async def answered(house: Company, text: str) -> Turn:
    """Ask, and give the turn once it is answered."""
    said = house.says(text)
    await house.quiet()
    return await turn_to(house, said.message_id)


async def turn_to(house: Company, trigger: int, character: str = "mira") -> Turn:
    turn = await house.memory.turn(f"{ROOM.id}:{character}:{trigger}")
    assert turn is not None
    return turn


async def play(house: Company, turn: Turn) -> Turn:
    assert await house.turn_queues.reopen(turn)
    house.turn_queues.play([turn])
    await house.quiet()
    return await turn_to(house, turn.trigger, turn.character)


def now() -> datetime:
    return datetime.now(UTC)


def kept(house: Company) -> list[str]:
    """What the thread of the seat holds, its own words marked."""
    session = house.memory.sessions[SEAT]
    thread = house.mind.threads[session.thread_id]
    return [f"> {line.text}" if line.own else line.text for line in thread.lines]


async def test_a_reply_that_is_thought_again_takes_the_place_of_the_first() -> None:
    async with company(Play("One."), Play("Two."), Play("Three.")) as house:
        turn = await answered(house, "@Mira a word?")
        again = await play(house, turn.again(now()))
        assert house.answers() == ["Two."]
        assert again.takes == (Take("One."), Take("Two."))
        assert again.chunks == turn.chunks
        assert house.mind.asked[0][1] == house.mind.asked[1][1]
        check_thread(house)
        await answered(house, "@Mira and now?")
        check_thread(house)
        assert len({thread for thread, _ in house.mind.asked}) == 1


async def test_what_is_asked_during_a_retake_that_had_to_wait_waits_as_well() -> None:
    first, second = asyncio.Event(), asyncio.Event()
    script = Play("Old."), Play("Two.", gate=first), Play("New.", gate=second), Play("Three.")
    async with company(*script) as house:
        turn = await answered(house, "@Mira one")
        house.says("@Mira two")
        await until(lambda: len(house.mind.asked) == 2)
        again = turn.again(now())
        assert await house.turn_queues.reopen(again)
        house.turn_queues.play([again])
        await until(lambda: again.id in house.turn_queues.in_hand)
        first.set()
        await until(lambda: len(house.mind.asked) == 3)
        house.says("@Mira three")
        await until(lambda: len(house.turn_queues.in_hand) == 2)
        for _ in range(100):  # all that it would do if it did not wait is done by then
            await asyncio.sleep(0)
        assert house.mind.leases == 1
        second.set()
        await house.quiet()
        assert house.answers() == ["New.", "Two.", "Three."]


async def test_an_older_reply_is_thought_again_without_what_came_after_it() -> None:
    async with company(*map(Play, ("One.", "Two.", "Three.", "Four."))) as house:
        turn = await answered(house, "@Mira a word?")
        house.says("an aside", by=BEN)
        await answered(house, "@Mira another?")
        await play(house, turn.again(now()))
        assert house.answers() == ["Three.", "Two."]
        assert "an aside" not in house.mind.asked[-1][1]
        assert kept(house)[-1] == "> Three."
        await answered(house, "@Mira and now?")
        check_thread(house)


async def test_who_was_named_second_hears_the_first_also_when_it_thinks_again() -> None:
    async with company(*map(Play, ("M.", "K.", "L.")), cast=(MIRA, KAI)) as house:
        said = house.says("@Mira @Kai well?")
        await house.quiet()
        turn = await turn_to(house, said.message_id, "kai")
        await play(house, turn.again(now()))
        assert house.answers() == ["M.", "L."]
        assert house.mind.asked[1][1] == house.mind.asked[2][1]
        check_thread(house, KAI)


async def test_a_failed_retake_puts_the_answer_back_and_says_so() -> None:
    held = asyncio.Event()
    async with company(
        Play("One."), Play("Half", fails=TurnFailure.OVERLOADED, gate=held), Play("Three.")
    ) as house:
        turn = await answered(house, "@Mira a word?")
        assert await house.turn_queues.reopen(turn.again(now()))
        house.turn_queues.play([turn.again(now())])
        held.set()
        await until(lambda: house.answers() == ["Half"])
        await house.quiet()
        assert house.answers() == ["One."]
        assert len(house.stage.told) == 1
        put_back = await turn_to(house, turn.trigger)
        assert (put_back.text, put_back.takes, put_back.state) == ("One.", (), TurnState.DONE)
        assert house.outcomes[-1].ending is Ending.FAILED
        await answered(house, "@Mira and now?")
        check_thread(house)


async def test_who_declines_to_think_again_keeps_its_answer() -> None:
    held = asyncio.Event()
    async with company(Play("One."), Play("No.", gate=held), Play("Three.")) as house:
        turn = await answered(house, "@Mira a word?")
        assert await house.turn_queues.reopen(turn.again(now()))
        house.turn_queues.play([turn.again(now())])
        await until(lambda: len(house.mind.asked) == 2)
        house.scene().skip("no more to say")
        held.set()
        await house.quiet()
        assert house.answers() == ["One."]
        await answered(house, "@Mira and now?")
        check_thread(house)


async def test_a_retake_of_a_deleted_question_is_refused_in_words() -> None:
    async with company(Play("One.")) as house:
        turn = await answered(house, "@Mira a word?")
        del house.stage.posted[turn.trigger]
        house.changes.deleted(ROOM.id, [turn.trigger])
        await house.quiet()
        await play(house, turn.again(now()))
        assert house.answers() == ["One."]
        assert "nothing to answer anew" in house.stage.told[0][1]
        assert len(house.mind.asked) == 1


async def test_a_retake_that_discord_does_not_take_is_delivered_later() -> None:
    held = asyncio.Event()
    async with company(Play("One."), Play("Two.", gate=held)) as house:
        turn = await answered(house, "@Mira a word?")
        assert await house.turn_queues.reopen(turn.again(now()))
        house.turn_queues.play([turn.again(now())])
        await until(lambda: len(house.mind.asked) == 2)
        house.stage.fails_with = DiscordDownError(502, "down")
        held.set()
        await house.quiet()
        house.stage.fails_with = None
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["Two."]
        check_thread(house)


@pytest.mark.parametrize(
    "refusal", [NotPermittedError("Manage Webhooks"), PlaceGoneError("the thread is archived")]
)
async def test_a_wish_that_discord_refuses_leaves_the_answer_as_it_was(
    refusal: DeliveryError,
) -> None:
    async with company(Play("One."), Play("Two.")) as house:
        turn = await answered(house, "@Mira a word?")
        for wish in (turn.again(now()), turn.edited("Three.", now()), turn.taken_back(now())):
            house.stage.fails_with = refusal
            await play(house, wish)
            house.stage.fails_with = None
            await house.crash_recovery.resume()
            await house.quiet()
            refused = await turn_to(house, turn.trigger)
            assert (refused.state, refused.chunks) == (TurnState.DONE, turn.chunks)
            assert house.answers() == ["One."]
        await play(house, turn.edited("Four.", now()))
        assert house.answers() == ["Four."]
        await answered(house, "@Mira and now?")
        check_thread(house)


async def test_a_retake_asks_nobody_else_and_is_answered_by_nobody() -> None:
    async with company(*map(Play, ("One.", "@Kai hm?")), cast=(MIRA, KAI)) as house:
        turn = await answered(house, "@Mira a word?")
        await play(house, turn.again(now()))
        assert house.answers() == ["@Kai hm?"]
        assert len(house.mind.asked) == 2


async def test_another_wording_is_shown_in_place_and_known() -> None:
    async with company(Play("One."), Play("Two."), Play("Three."), cast=(MIRA, KAI)) as house:
        turn = await answered(house, "@Mira a word?")
        house.says("@Kai did you hear?")
        await house.quiet()
        edited = await play(house, turn.edited("Another.", now()))
        assert house.answers() == ["Another.", "Two."]
        assert (edited.chunks, edited.order) == (turn.chunks, turn.order)
        assert edited.state is TurnState.DONE
        assert house.outcomes[-1].ending is Ending.CHANGED
        await answered(house, "@Mira and now?")
        check_thread(house)


async def test_others_who_heard_it_hear_the_other_wording() -> None:
    async with company(Play("Plum."), Play("Two."), Play("Three."), cast=(MIRA, KAI)) as house:
        turn = await answered(house, "@Mira a word?")
        house.says("@Kai did you hear?")
        await house.quiet()
        await play(house, turn.edited("Pear.", now()))
        house.says("@Kai and now?")
        await house.quiet()
        check_thread(house, KAI)


async def test_a_long_answer_that_becomes_short_leaves_one_message() -> None:
    long = " ".join(f"word {number}" for number in range(500))
    async with company(Play(long), Play("Two.")) as house:
        turn = await answered(house, "@Mira a word?")
        assert len(turn.chunks) == 3
        short = await play(house, turn.edited("Short.", now()))
        assert house.answers() == ["Short."]
        assert short.chunks == turn.chunks[:1]
        back = await play(house, short.edited(long.strip(), now()))
        assert "".join(house.answers()).split() == long.split()
        assert len(back.chunks) == 3


async def test_an_answer_that_is_taken_back_was_never_said() -> None:
    async with company(Play("One."), Play("Two."), Play("Three."), cast=(MIRA, KAI)) as house:
        turn = await answered(house, "@Mira a word?")
        house.says("@Kai did you hear?")
        await house.quiet()
        taken = await play(house, turn.taken_back(now()))
        assert (taken.state, taken.note) == (TurnState.CLOSED, "taken back")
        assert house.answers() == ["Two."]
        await answered(house, "@Mira and now?")
        check_thread(house)
        assert not await house.turn_queues.reopen(turn.again(now()))


async def test_the_words_of_one_who_was_sent_away_can_still_be_changed() -> None:
    async with company(Play("One.")) as house:
        turn = await answered(house, "@Mira a word?")
        await house.casting.dismiss(ROOM, "mira")
        await play(house, turn.edited("Another.", now()))
        assert house.answers() == ["Another."]


async def test_a_wish_too_old_to_be_thought_leaves_the_answer_as_it_was() -> None:
    async with company(Play("One.")) as house:
        turn = await answered(house, "@Mira a word?")
        assert await house.ledger.reopen(turn.again(now() - timedelta(hours=1)))
        (shown,) = (one for one in house.stage.posted.values() if one.turn is not None)
        shown.text = "Half of ano"
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["One."]
        assert (await turn_to(house, turn.trigger)).state is TurnState.DONE
        assert len(house.mind.asked) == 1


async def test_a_retake_waits_for_what_its_seat_says_and_is_asked_alone() -> None:
    held = asyncio.Event()
    async with company(Play("One."), Play("Two.", gate=held), Play("Three.")) as house:
        turn = await answered(house, "@Mira a word?")
        house.says("@Mira another?")
        await until(lambda: len(house.mind.asked) == 2)
        assert await house.turn_queues.reopen(turn.again(now()))
        house.turn_queues.play([turn.again(now())])
        held.set()
        await house.quiet()
        assert house.answers() == ["Three.", "Two."]
        assert "another?" not in house.mind.asked[2][1]
