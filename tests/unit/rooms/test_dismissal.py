"""A character is sent away while it speaks, and while people wait for it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.turn import TurnState
from bot.domain.utterance import Speaker
from bot.messages.rendering import render
from bot.messages.why import NOBODY_WAS_HERE
from bot.rooms.controls.dismissal import Dismissal
from tests.fakes.mind import Play
from tests.unit.rooms.company import MIRA, ROOM, Company, company, until

BEN = Speaker(43, "Ben")


async def leaves(house: Company) -> None:
    leaving = Dismissal(
        casting=house.casting, running_turns=house.running_turns, turn_queues=house.turn_queues
    )
    assert await leaving.dismiss(ROOM, "mira") == "Mira"


async def test_what_waits_for_a_character_that_leaves_is_not_said_though_it_comes_back() -> None:
    async with company(Play("Once", hangs=True), Play("Hello, Ben.")) as house:
        house.mind.silence = 5
        house.says("@Mira a story")
        await until(lambda: house.answers() == ["Once"])
        waits = house.says("@Mira and for me?", by=BEN)
        await until(lambda: len(house.memory.turns) == 2)
        await leaves(house)
        await house.casting.summon(ROOM, MIRA)
        await house.quiet()
        assert house.answers() == ["Once *(stopped)*"]
        assert len(house.mind.asked) == 1
        assert await house.memory.unfinished() == []
        assert house.turn_queues.in_hand == frozenset()
        (line,) = await house.why.of_message(ROOM.id, waits.message_id) or [NOBODY_WAS_HERE]
        assert render(line) == (
            "Mira: named in the text, but it gave no answer (the character was sent away)."
        )


async def test_an_answer_that_was_to_be_said_anew_stays_when_its_character_leaves() -> None:
    async with company(Play("Red."), Play("Once", hangs=True)) as house:
        house.mind.silence = 5
        house.says("@Mira which colour?")
        await house.quiet()
        (said,) = house.memory.turns.values()
        house.says("@Mira a story")
        await until(lambda: house.answers() == ["Red.", "Once"])
        again = said.again(datetime.now(UTC))
        assert await house.turn_queues.reopen(again)
        house.turn_queues.play([again])
        await leaves(house)
        await house.quiet()
        assert house.answers() == ["Red.", "Once *(stopped)*"]
        assert len(house.mind.asked) == 2
        kept = house.memory.turns[said.id]
        assert (kept.text, kept.takes, kept.state) == ("Red.", (), TurnState.DONE)


async def test_a_left_characters_answer_is_not_said_anew_by_the_next_process_either() -> None:
    async with company(Play("Red.")) as house:
        house.says("@Mira which colour?")
        await house.quiet()
        (said,) = house.memory.turns.values()
        assert await house.ledger.reopen(said.again(datetime.now(UTC)))
        await leaves(house)
        await house.crash_recovery.resume()
        await house.quiet()
        assert (house.answers(), len(house.mind.asked)) == (["Red."], 1)
        assert await house.memory.unfinished() == []


async def test_what_people_change_of_its_words_is_changed_after_it_has_left() -> None:
    async with company(Play("Red."), Play("Once", hangs=True)) as house:
        house.mind.silence = 5
        house.says("@Mira which colour?")
        await house.quiet()
        (said,) = house.memory.turns.values()
        house.says("@Mira a story")
        await until(lambda: house.answers() == ["Red.", "Once"])
        edited = said.edited("Blue.", datetime.now(UTC))
        assert await house.turn_queues.reopen(edited)
        house.turn_queues.play([edited])
        await leaves(house)
        await house.quiet()
        assert house.answers() == ["Blue.", "Once *(stopped)*"]
