"""What is asked while something may be missing: told as far as it is known, and nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.room import Seat
from bot.domain.turn import Reason, Session, Turn
from bot.domain.utterance import Attachment, Utterance
from bot.errors import DiscordDownError, NotPermittedError
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.obstacles import unreadable
from tests.unit.rooms.test_backfill import backfill

SEAT = Seat(ROOM.id, MIRA.key)


def lose_touch(house: Company) -> None:
    """From now on something may be missing."""
    house.backfill.lost_touch()


def regain_it(house: Company) -> None:
    house.backfill.resumed()


async def command(house: Company, text: str) -> Utterance:
    """Ann speaks to Mira by a command, which waits for no gap."""
    said = house.stage.say(ROOM, ANN, text)
    await house.dispatcher.say(ROOM, said, MIRA)
    return said


def told(house: Company) -> list[str]:
    return [words for _, words in (*house.mind.asked, *house.mind.steered)]


async def test_what_is_added_after_a_gap_tells_nothing_again() -> None:
    gate = asyncio.Event()
    script = (Play("Zero."), Play("First."), Play("Second.", gate=gate), Play("Both."))
    async with company(*script) as house:
        house.says("@Mira zero")
        await house.quiet()
        lose_touch(house)
        await command(house, "the first")
        await until(lambda: not house.turn_queues.in_hand)
        await command(house, "the second")
        await until(lambda: len(house.mind.asked) == 3)
        regain_it(house)
        house.says("@Mira the third")
        await until(lambda: house.mind.steered)
        gate.set()
        await house.quiet()
        ((_, added),) = house.mind.steered
        assert "the third" in added
        assert "the first" not in added
        assert "First." not in added


async def test_an_answered_question_that_is_edited_is_not_asked_again_in_a_gap() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        one = house.says("@Mira the first")
        await house.quiet()
        lose_touch(house)
        house.stage.posted[one.message_id].text = "@Mira the first, edited"
        house.changes.edited(replace(one, text="@Mira the first, edited"))
        await command(house, "the second")
        await house.quiet()
        assert house.answers() == ["One.", "Two."]
        assert "the first" not in told(house)[-1]


async def test_an_answered_picture_is_not_asked_again_by_a_new_thread_in_a_gap() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        picture = Attachment("a.png", "http://x/a.png", 10, "image/png")
        house.says("@Mira look at this", attachments=(picture,))
        await house.quiet()
        house.mind.lose(next(iter(house.mind.threads)))
        lose_touch(house)
        await command(house, "the second")
        await house.quiet()
        assert "look at this" not in told(house)[-1]


async def test_an_answer_that_was_asked_ahead_can_be_regenerated() -> None:
    async with company(Play("Zero."), Play("Old."), Play("New.")) as house:
        house.says("@Mira zero")
        await house.quiet()
        house.stage.say(ROOM, BEN, "in the gap")
        lose_touch(house)
        first = await command(house, "the first")
        await house.quiet()
        turn = await house.ledger.turn(f"{SEAT}:{first.message_id}")
        assert turn is not None
        again = turn.again(datetime.now(UTC))
        assert await house.turn_queues.reopen(again)
        house.turn_queues.play([again])
        await house.quiet()
        assert house.answers() == ["Zero.", "New."]
        (thread,) = house.mind.threads.values()
        assert [line.text for line in thread.lines if line.own] == ["Zero.", "New."]


async def test_a_mailbox_that_is_worked_on_waits_for_a_gap_as_well() -> None:
    async with company(Play("Before."), Play("Both.")) as house:
        accept, tried, gate = house.memory.accept, asyncio.Event(), asyncio.Event()

        async def slowly(turn: Turn) -> bool:
            tried.set()
            await gate.wait()
            return await accept(turn)

        house.memory.accept = slowly  # type: ignore[method-assign]
        house.says("@Mira before")
        await tried.wait()
        lose_touch(house)
        missed = house.stage.say(ROOM, BEN, "@Mira in the gap")
        house.says("@Mira after")
        gate.set()
        await house.quiet()
        assert house.answers() == ["Before."]
        house.dispatcher.hear(ROOM, missed, read=True)
        regain_it(house)
        await house.quiet()
        assert house.answers() == ["Before.", "Both."]
        assert [sum(text in one for one in told(house)) for text in ("the gap", "after")] == [1, 1]


async def test_a_room_that_cannot_be_read_for_long_is_answered_once() -> None:
    async with company(Play("Zero."), Play("Now."), Play("Then.")) as house:
        casts = house.casts
        seen = house.says("@Mira zero")
        await house.quiet()
        await casts.mark(ROOM.id, seen.message_id)
        house.message_log.forget(ROOM.id)
        house.stage.say(ROOM, BEN, "@Mira in the gap")
        catching = await backfill(house, patience=0)
        with unreadable(house, DiscordDownError(502, "down")):
            await catching.read()
        house.says("@Mira now")
        await house.quiet()
        await catching.again()
        await house.quiet()
        assert house.answers() == ["Zero.", "Now.", "Then."]
        assert sum("in the gap" in one for one in told(house)) == 1


async def test_a_gap_that_may_not_be_read_for_a_moment_hides_nothing() -> None:
    async with company(Play("Not lost.")) as house:
        casts = house.casts
        await casts.mark(ROOM.id, 1)
        house.stage.say(ROOM, ANN, "@Mira in the gap")
        catching = await backfill(house)
        house.stage.fails_with = NotPermittedError("Read Message History")
        await catching.read()
        assert house.mind.asked == []
        house.stage.fails_with = None
        await catching.again()
        await house.quiet()
        assert house.answers() == ["Not lost."]


async def test_where_history_may_never_be_read_what_is_heard_is_answered() -> None:
    async with company(Play("Yes."), Play("Still.")) as house:
        catching = await backfill(house, patience=0)
        house.stage.say(ROOM, ANN, "before it came")
        with unreadable(house, NotPermittedError("Read Message History")):
            await catching.read()
            await catching.again()
            house.says("@Mira one")
            await house.quiet()
            house.says("@Mira two")
            await house.quiet()
        assert house.answers() == ["Yes.", "Still."]


async def test_an_unfinished_turn_waits_for_the_right_to_read_what_it_was_asked() -> None:
    async with company(Play("Not lost.")) as house:
        said = house.stage.say(ROOM, ANN, "@Mira one")
        await left_for_mira(house, said.message_id)
        with unreadable(house, NotPermittedError("Read Message History")) as tries:
            await house.crash_recovery.resume()
            await until(lambda: tries)
        await house.quiet()
        assert house.answers() == ["Not lost."]
        assert house.stage.told == []


def kais(house: Company, *texts: str) -> tuple[Turn, list[int]]:
    """Kai's answer to Ann, in so many messages; whoever restarts the bot knows it from there."""
    asked = house.stage.say(ROOM, ANN, "@Kai go")
    turn = Turn(ROOM, KAI.key, asked.message_id, ANN.id, Reason.NAMED, asked.at)
    return turn, [house.stage.put(turn, KAI, text) for text in texts]


async def left_for_mira(house: Company, message_id: int) -> None:
    turn = Turn(ROOM, MIRA.key, message_id, ANN.id, Reason.NAMED, datetime.now(UTC))
    assert await house.ledger.accept(turn)


async def test_a_call_of_two_messages_is_told_whole_after_a_restart() -> None:
    async with company(Play("Yes."), cast=(MIRA, KAI)) as house:
        _, chunks = kais(house, "Part one of it.", "@Mira part two?")
        for one in chunks:
            house.stage.posted[one].settled = chunks[-1]
        await left_for_mira(house, chunks[0])
        await house.crash_recovery.resume()
        await house.quiet()
        assert "part two" in told(house)[0]


async def test_words_that_began_before_a_question_and_ended_behind_it_are_told_once() -> None:
    async with company(Play("Yes."), Play("More."), cast=(MIRA, KAI)) as house:
        _, (tale,) = kais(house, "the long tale")
        one = house.stage.say(ROOM, ANN, "@Mira one")
        house.stage.posted[tale].settled = one.message_id + 1
        await left_for_mira(house, one.message_id)
        await house.crash_recovery.resume()
        await house.quiet()
        house.says("@Mira two")
        await house.quiet()
        (thread,) = house.mind.threads.values()
        assert str(thread.lines).count("the long tale") == 1


async def test_words_that_began_before_a_mark_and_ended_behind_it_are_heard() -> None:
    async with company(cast=(MIRA, KAI)) as house:
        casts = house.casts
        _, (tale,) = kais(house, "the long tale")
        seen = house.stage.say(ROOM, BEN, "seen meanwhile")
        await casts.mark(ROOM.id, seen.message_id)
        later = house.stage.say(ROOM, BEN, "not seen")
        house.stage.posted[tale].settled = later.message_id + 1
        house.stage.say(ROOM, ANN, "something")
        await house.ledger.keep_session(SEAT, Session("", "x"))
        await (await backfill(house)).read()
        await house.quiet()
        heard = [one.text for one in await house.message_log.since(ROOM, seen.message_id)]
        assert heard == ["not seen", "the long tale", "something"]


async def test_two_looks_at_once_take_up_once() -> None:
    async with company() as house:
        unfinished, played = house.memory.unfinished, list[str]()
        perform = house.turn_queues._turn_runner.run
        said = house.stage.say(ROOM, ANN, "@Mira one")
        kept = Turn(ROOM, MIRA.key, said.message_id, ANN.id, Reason.NAMED, said.at)
        assert await house.ledger.accept(kept)

        async def slowly() -> list[Turn]:
            found = await unfinished()
            for _ in range(20):
                await asyncio.sleep(0)
            return found

        async def counted(turn: Turn, *args: object, **more: object) -> None:
            played.append(turn.id)
            await perform(turn, *args, **more)  # type: ignore[arg-type]

        house.memory.unfinished = slowly  # type: ignore[method-assign]
        house.turn_queues._turn_runner.run = counted  # type: ignore[method-assign]
        await asyncio.gather(house.crash_recovery.resume(), house.crash_recovery.resume())
        await house.quiet()
        assert played == [kept.id]
