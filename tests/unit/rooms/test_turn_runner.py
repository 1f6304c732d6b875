"""One turn from lease to done."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.room import Seat
from bot.domain.turn import Line, Turn, TurnState
from bot.domain.utterance import Speaker
from bot.errors import (
    DeliveryError,
    DiscordDownError,
    NotAMemberError,
    NotPermittedError,
    PlaceGoneError,
    PoolBusyError,
    StoreError,
    StoreRefusal,
    StoreRefusingError,
    StoreUnavailableError,
    ThreadClosedError,
    TurnFailure,
)
from bot.messages.rendering import render
from bot.messages.why import NOBODY_WAS_HERE
from bot.rooms.runs.turn_results import Ending
from bot.rooms.threads.thread_sync import FRESH_HISTORY
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, KAI, MIRA, ROOM, company, until


async def test_the_thread_is_told_what_was_said_before_the_character_came() -> None:
    async with company(cast=()) as house:
        house.says("the bridge is out")
        await house.casting.summon(ROOM, MIRA)
        house.says("@Mira what did I say?")
        await house.quiet()
        thread = next(iter(house.mind.threads.values()))
        assert "the bridge is out" in thread.history[0].text
        assert "what did I say" not in thread.history[0].text
        assert len(house.mind.asked) == 1


async def test_a_second_turn_tells_only_what_is_new() -> None:
    async with company(Play("One."), Play("Two.")) as house:
        house.says("@Mira first")
        await house.quiet()
        house.says("an aside")
        house.says("@Mira second")
        await house.quiet()
        words = house.mind.asked[1][1]
        assert "an aside" in words
        assert "first" not in words
        assert "One." not in words


async def test_a_lost_thread_gets_the_history_back_with_true_roles() -> None:
    async with company(Play("I am Mira."), Play("Still Mira.")) as house:
        house.says("@Mira who are you?")
        await house.quiet()
        house.mind.lose(house.mind.asked[0][0])
        house.says("@Mira and now?")
        await house.quiet()
        thread = house.mind.threads[house.mind.asked[1][0]]
        assert Line("I am Mira.", own=True) in thread.history
        assert house.answers() == ["I am Mira.", "Still Mira."]


async def test_a_changed_character_starts_a_new_thread_that_knows_the_talk() -> None:
    async with company(Play("Old."), Play("New.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        changed = MIRA.__class__(MIRA.key, MIRA.name, "You keep two inns.")
        house.shelf.by_key["mira"] = changed
        house.says("@Mira hello again")
        await house.quiet()
        threads = [thread for thread, _ in house.mind.asked]
        assert threads[0] != threads[1]
        assert Line("Old.", own=True) in house.mind.threads[threads[1]].history


async def test_a_process_that_dies_in_mid_turn_leaves_one_answer_and_one_question() -> None:
    async with company(Play("Half of", hangs=True), Play("All of it.")) as house:
        house.says("@Mira tell me")
        await until(house.answers)
        house.mind.kill("mira")
        await house.quiet()
        assert house.answers() == ["All of it."]
        thread = house.mind.threads[house.mind.asked[-1][0]]
        assert sum("tell me" in line.text for line in thread.lines) == 1


async def test_a_process_may_die_four_times_in_a_row_and_nobody_is_told() -> None:
    async with company(*[Play("Half of", hangs=True)] * 4, Play("All of it.")) as house:
        house.says("@Mira tell me")
        for _ in range(4):
            await until(lambda: house.mind.asked)
            house.mind.asked.clear()
            house.mind.kill("mira")
        await house.quiet()
        assert house.answers() == ["All of it."]
        assert house.stage.told == []


async def test_words_of_a_cut_stream_are_taken_back() -> None:
    async with company(Play("Once upon a time.", cut="Once upon")) as house:
        house.says("@Mira a story")
        await house.quiet()
        assert house.answers() == ["Once upon a time."]


async def test_a_failed_turn_is_told_shortly_and_forgotten_by_the_thread() -> None:
    async with company(
        Play("Well met."), Play("", fails=TurnFailure.RATE_LIMIT), Play("Back again.")
    ) as house:
        house.says("@Mira hello")
        await house.quiet()
        asked = house.says("@Mira lost question")
        await house.quiet()
        _, text, reply_to = house.stage.told[0]
        assert text.startswith("Mira can’t answer right now")
        assert reply_to == asked.message_id
        thread = house.mind.threads[house.mind.asked[0][0]]
        assert not any("lost question" in line.text for line in thread.lines)
        assert house.outcomes[-1].ending is Ending.FAILED


async def test_a_silent_turn_is_said_to_have_been_stopped() -> None:
    async with company(Play("Hm", hangs=True)) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.stage.told[0][1] == "Mira took too long and was stopped. Try again."


async def test_a_busy_pool_is_told_in_plain_words() -> None:
    async with company() as house:
        house.mind.refusal = PoolBusyError(60)
        house.says("@Mira hello")
        await house.quiet()
        assert "too many characters are speaking at once" in house.stage.told[0][1]


async def test_a_full_stop_in_discord_keeps_the_answer_for_later() -> None:
    held = asyncio.Event()
    async with company(Play("Important.", gate=held)) as house:
        house.says("@Mira hello")
        await until(lambda: house.mind.asked)
        house.stage.fails_with = DiscordDownError(502, "down")
        held.set()
        await house.quiet()
        (left,) = await house.memory.unfinished()
        assert left.text == "Important."
        house.stage.fails_with = None
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == ["Important."]
        assert len(house.mind.asked) == 1


async def test_a_place_that_is_gone_is_forgotten_before_the_model_is_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with company(Play("Hello?")) as house:
        house.stage.gone.add(ROOM.id)
        said = house.says("@Mira hello")
        await house.quiet()
        (line,) = await house.why.of_message(ROOM.id, said.message_id) or [NOBODY_WAS_HERE]
        told = render(line)
        assert told == "Mira: named in the text, but it kept silent (the place is gone)."
        assert await house.memory.unfinished() == []
        assert house.outcomes[-1].ending is Ending.UNDELIVERED
        assert house.mind.asked == []
        assert house.stage.forgotten == [ROOM.id]
        assert not house.casting.has(ROOM)
        assert "cannot speak in this room: room 7 is gone" in caplog.text


@pytest.mark.parametrize(
    "trouble",
    [
        StoreUnavailableError("Redis at x cannot be reached"),
        StoreRefusingError(StoreRefusal.FULL, "Redis at x takes no writes: OOM"),
        StoreError("Redis at x refused one command: WRONGTYPE"),
    ],
)
async def test_a_store_that_takes_nothing_in_mid_turn_does_not_stop_the_answer(
    trouble: StoreError,
) -> None:
    held = asyncio.Event()
    async with company(Play("Said all the same.", gate=held)) as house:
        house.says("@Mira hello")
        await until(lambda: house.mind.asked)
        back, record = asyncio.Event(), house.memory.record

        async def away(turn: Turn, **more: Any) -> None:
            if not back.is_set():
                raise trouble
            await record(turn, **more)

        house.memory.record = away  # type: ignore[method-assign]
        held.set()
        await until(lambda: house.ledger.waiting() > 0)
        back.set()
        await house.quiet()
        assert house.ledger.waiting() == 0
        assert await house.memory.unfinished() == []


async def test_a_bug_is_told_once_and_never_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with company() as house:

        async def broken(*_: object, **__: object) -> list[object]:
            raise KeyError("a bug")

        house.message_log.since = broken  # type: ignore[method-assign,assignment]
        house.says("@Mira hello")
        await house.quiet()
        assert len(house.stage.told) == 1
        assert "KeyError" not in house.stage.told[0][1]
        assert "a bug" in caplog.text
        assert await house.memory.unfinished() == []


async def test_a_skipped_turn_leaves_nothing_and_still_moves_the_cursor() -> None:
    held = asyncio.Event()
    async with company(Play("Never mind.", gate=held), Play("Now.")) as house:
        house.says("@Mira hush")
        await until(lambda: house.mind.asked)
        house.scene().skip("nothing to add")
        held.set()
        await house.quiet()
        assert house.answers() == []
        house.says("@Mira and now?")
        await house.quiet()
        assert "hush" not in house.mind.asked[1][1]
        assert house.outcomes[0].ending is Ending.SKIPPED


async def test_old_talk_is_told_within_a_bound() -> None:
    async with company(cast=()) as house:
        for number in range(FRESH_HISTORY + 50):
            house.stage.say(ROOM, ANN, f"line {number}.")
        await house.casting.summon(ROOM, KAI)
        house.says("@Kai hello")
        await house.quiet()
        told = next(iter(house.mind.threads.values())).history[0].text
        assert f"line {FRESH_HISTORY + 49}." in told
        assert "line 49." not in told


async def test_every_turn_ends_with_an_outcome() -> None:
    async with company(Play("Yes."), Play("", fails=TurnFailure.OTHER)) as house:
        house.says("@Mira one")
        await house.quiet()
        house.says("@Mira two")
        await house.quiet()
        assert house.states() == [TurnState.DONE, TurnState.CLOSED]


async def test_the_room_is_never_shown_a_label() -> None:
    async with company(Play("Mira: Come in.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == ["Come in."]


@pytest.mark.parametrize("blank", ["\u200b\u2060", "\u3164", "```\n```", "****", "||||", "-# "])
async def test_an_answer_of_nothing_that_can_be_seen_is_no_answer(blank: str) -> None:
    async with company(Play(blank), Play("Here.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == []
        _, text, _ = house.stage.told[0]
        assert text.startswith("Mira had no answer")
        house.says("@Mira once more")
        await house.quiet()
        assert house.answers() == ["Here."]


async def test_a_gone_place_while_apologising_is_no_second_failure() -> None:
    async with company(Play("", fails=TurnFailure.OTHER)) as house:
        house.says("@Mira hello")
        house.stage.fails_with = PlaceGoneError("gone")
        await house.quiet()
        assert house.stage.told == []
        assert await house.memory.unfinished() == []


async def test_nobody_types_any_more_once_words_are_shown() -> None:
    held = asyncio.Event()
    async with company(Play("Well, then.", gate=held, hangs=True)) as house:
        house.mind.silence = 5
        house.says("@Mira hello")
        await until(lambda: house.stage.typing_in[ROOM.id])
        held.set()
        await until(house.answers)
        assert house.running_turns.playing(Seat(ROOM.id, "mira")) is not None
        assert house.stage.typing_in[ROOM.id] == 0


MUTES: list[tuple[DeliveryError, str]] = [
    (NotPermittedError("Send Messages"), "the bot lacks the permission Send Messages here"),
    (ThreadClosedError("it is locked"), "this thread is closed"),
    (NotAMemberError(7), "the bot is not a member of this server"),
]


@pytest.mark.parametrize(("mute", "why"), MUTES)
async def test_no_model_is_asked_for_words_that_nobody_could_read(
    mute: DeliveryError, why: str
) -> None:
    async with company(Play("Good evening.")) as house:
        house.stage.mute = mute
        said = house.says("@Mira hello")
        await house.quiet()
        assert house.mind.asked == []
        assert house.mind.leases == 0
        assert house.stage.typed_in == set()
        assert house.answers() == []
        (line,) = await house.why.of_message(ROOM.id, said.message_id) or [NOBODY_WAS_HERE]
        told = render(line)
        assert told == f"Mira: named in the text, but it kept silent ({why})."
        assert await house.memory.unfinished() == []
        house.stage.mute = None
        house.says("@Mira and now?")
        await house.quiet()
        assert house.answers() == ["Good evening."]


async def test_an_answer_that_cannot_be_said_anew_stays_as_it_was() -> None:
    async with company(Play("Red.")) as house:
        house.says("@Mira which colour?")
        await house.quiet()
        (turn,) = house.memory.turns.values()
        house.stage.mute = NotPermittedError("Send Messages")
        again = turn.again(datetime.now(UTC))
        assert await house.turn_queues.reopen(again)
        house.turn_queues.play([again])
        await house.quiet()
        assert len(house.mind.asked) == 1
        assert house.answers() == ["Red."]
        kept = house.memory.turns[turn.id]
        assert (kept.text, kept.takes, kept.state) == ("Red.", (), TurnState.DONE)


async def test_where_discord_cannot_tell_whether_anything_can_be_said_it_is_tried() -> None:
    async with company(Play("Good evening.")) as house:
        house.stage.mute = DiscordDownError(None, "no answer")
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == ["Good evening."]


async def test_it_is_on_record_who_is_answered_along_with_the_asker() -> None:
    held, ben = asyncio.Event(), Speaker(43, "Ben")
    async with company(Play("One.", gate=held), Play("Both of you.")) as house:
        house.says("@Mira first")
        await until(lambda: house.mind.asked)
        house.says("@Mira and for me?", by=ben)
        house.says("@Mira and once more?")
        await until(lambda: len(house.memory.turns) == 3)
        held.set()
        await house.quiet()
        assert house.answers() == ["One.", "Both of you."]
        (both,) = [turn for turn in house.memory.turns.values() if turn.text == "Both of you."]
        assert {both.asker, *both.along} == {ANN.id, ben.id}
        assert len(both.along) == 1
