"""Policies at work: what a room's talk starts, whom a place belongs to, what is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bot.domain.policy import Mode, Policy
from bot.domain.room import Place, Room
from bot.domain.utterance import Utterance
from bot.message_data import Message
from bot.messages.rendering import render
from bot.refusals import ROOM_PAUSED
from tests.fakes.mind import Play
from tests.refused import refused
from tests.unit.rooms.company import ANN, KAI, MIRA, ROOM, Company, company, until

BOTH = (MIRA, KAI)
EVERY = Policy(mode=Mode.EVERY)
TALKATIVE = Policy(mode=Mode.TALKATIVE, chance=0)


async def let(house: Company, policy: Policy) -> None:
    await house.policies.change(ROOM, lambda _: policy)


def say_in(house: Company, room: Room, text: str) -> Utterance:
    said = house.stage.say(room, ANN, text)
    house.dispatcher.hear(room, said)
    return said


async def test_every_message_is_answered_once_though_the_event_comes_twice() -> None:
    async with company(cast=BOTH) as house:
        await let(house, replace(EVERY, chance=0))
        for _ in range(5):
            said = house.says("what a day")
            house.dispatcher.hear(ROOM, said)
        await house.quiet()
        # All five before anyone began to speak, so in one answer.
        (asked,) = [words for _, words in house.mind.asked]
        assert asked.count("what a day") == 5
        assert len(house.answers()) == 1


async def test_whoever_goes_on_in_a_talkative_room_is_answered_by_the_same_character() -> None:
    async with company(Play("Kai here."), Play("Still me."), cast=BOTH) as house:
        await let(house, TALKATIVE)
        house.says("@Kai hello")
        await house.quiet()
        house.says("and then?")
        await house.quiet()
        assert house.answers() == ["Kai here.", "Still me."]
        house.says("@[Bob] did you hear?")
        await house.casting.dismiss(ROOM, "mira")
        house.says("to one who is called and is not here, @Mira?")
        await house.quiet()
        assert len(house.answers()) == 2


async def test_after_a_restart_a_message_is_answered_as_it_was_decided_before() -> None:
    async with company(Play("Once."), cast=BOTH) as house:
        await let(house, replace(EVERY, chain=0))
        said = house.says("what a day")
        await house.quiet()
        (first,) = house.outcomes
        # Luck would fall otherwise in another cast.
        await house.casting.dismiss(ROOM, first.turn.character)
        house.decided.clear()
        house.dispatcher.hear(ROOM, said, read=True)
        await house.quiet()
        assert house.answers() == ["Once."]


async def test_a_paused_room_is_silent_and_says_so_once_to_who_calls() -> None:
    async with company(cast=BOTH) as house:
        await let(house, replace(EVERY, paused=True))
        house.says("what a day")
        await house.quiet()
        assert house.stage.told == []
        house.says("@Mira hello")
        house.says("@Mira hello?")
        await house.quiet()
        assert [text for _, text, _ in house.stage.told] == [render(ROOM_PAUSED)]
        assert house.answers() == []
        with refused("paused"):
            await house.dispatcher.admit(ROOM, ANN.id)


async def test_what_waited_when_the_room_was_paused_is_not_said() -> None:
    held = asyncio.Event()
    async with company(Play("First.", gate=held), cast=BOTH) as house:
        house.says("@Mira and then @Kai")
        await until(lambda: house.mind.asked)
        await let(house, Policy(paused=True))
        held.set()
        await house.quiet()
        assert house.answers() == ["First."]
        assert await house.memory.unfinished() == []


async def test_a_pause_that_comes_while_a_turn_is_about_to_begin_stops_it() -> None:
    async with company(Play("Too late.")) as house:
        deliver, about_to, go_on = house.stage.deliver, asyncio.Event(), asyncio.Event()

        @asynccontextmanager
        async def slowly(*what: Any) -> AsyncIterator[Any]:
            about_to.set()
            await go_on.wait()
            async with deliver(*what) as delivery:
                yield delivery

        house.stage.deliver = slowly  # type: ignore[method-assign, assignment]
        house.says("@Mira hello")
        await about_to.wait()
        await let(house, Policy(paused=True))
        assert house.running_turns.stop(lambda turn: house.policies.of(turn.room).paused) == 0
        go_on.set()
        await house.quiet()
        assert house.answers() == []
        assert house.mind.asked == []


async def test_after_a_reset_nothing_older_is_known() -> None:
    async with company(Play("I will keep it."), Play("What?")) as house:
        house.says("@Mira the password is plum")
        await house.quiet()
        (answer,) = house.outcomes[0].turn.chunks
        await let(house, Policy(since=answer))
        house.says("@Mira what was it?")
        await house.quiet()
        thread, asked = house.mind.asked[1]
        told = [one.text for one in house.mind.threads[thread].lines]
        assert "plum" not in "".join([asked, *told])
        assert "what was it?" in asked


async def test_a_thread_from_a_characters_message_belongs_to_it() -> None:
    async with company(Play("First."), Play("In here."), cast=BOTH) as house:
        house.says("@Kai hello")
        await house.quiet()
        (answer,) = house.outcomes[0].turn.chunks
        thread = Room(answer, Place.THREAD, 99, parent_id=ROOM.id)
        say_in(house, thread, "tell me more")
        await house.quiet()
        assert house.outcomes[-1].turn.seat.character == "kai"
        say_in(house, Room(777, Place.THREAD, 99, parent_id=ROOM.id), "and here?")
        await house.quiet()
        assert len(house.outcomes) == 2


async def test_a_thread_that_a_character_opened_belongs_to_it() -> None:
    async with company(Play("In here."), cast=BOTH) as house:
        thread = Room(777, Place.THREAD, 99, parent_id=ROOM.id)
        say_in(house, thread, "whose is it?")
        await house.quiet()
        assert house.outcomes == []
        await house.decision_inputs.bind(thread.id, "kai")
        say_in(house, thread, "and now?")
        await house.quiet()
        assert [one.turn.character for one in house.outcomes] == ["kai"]


async def test_in_a_direct_talk_the_only_one_there_is_spoken_to() -> None:
    async with company(Play("You called?"), cast=()) as house:
        direct = Room(5, Place.DIRECT)
        await house.casting.summon(direct, MIRA)
        say_in(house, direct, "hello")
        await house.quiet()
        assert [one.turn.character for one in house.outcomes] == ["mira"]


async def test_a_cool_down_begins_with_a_turn_that_nobody_asked() -> None:
    async with company(cast=(MIRA,)) as house:
        await let(house, replace(EVERY, cooldown=3_600))
        house.says("@Mira hello")
        await house.quiet()
        house.says("what a day")
        await house.quiet()
        house.says("what a night")
        await house.quiet()
        assert len(house.answers()) == 2


# --- why ---------------------------------------------------------------------------------------


async def why(house: Company) -> str:
    decisions = await house.why.latest(ROOM.id)
    return "\n".join([rows(await house.why.tell(decision)) for decision in decisions])


def rows(messages: list[Message] | None) -> str:
    return "\n".join(map(render, messages or []))


async def test_why_tells_who_was_named_and_how_chance_fell() -> None:
    async with company(cast=BOTH) as house:
        await let(house, replace(TALKATIVE, chance=1, chain=0))
        house.says("@Mira hello")
        await house.quiet()
        mira, kai, *after = (await why(house)).splitlines()
        assert mira == "Mira: named in the text."
        assert kai.startswith("Kai: chance 1 %, rolled ")
        # One message in a hundred has Kai chime in, and then it is Mira who may not answer.
        assert "the room’s budget was used up" in after[-1]


async def test_why_tells_that_the_budget_was_used_up() -> None:
    async with company(Play("@Kai you"), cast=BOTH) as house:
        await let(house, Policy(chain=0))
        asked = house.says("@Mira hello")
        await house.quiet()
        first = "Mira: named in the text.\nKai: others were spoken to."
        assert await why(house) == (
            f"{first}\n"
            "Kai: named by Mira, but the room’s budget was used up: a person has to speak first."
        )
        assert rows(await house.why.of_message(ROOM.id, asked.message_id)) == first


async def test_why_of_what_is_not_known_any_more_is_nothing() -> None:
    async with company(cast=BOTH) as house:
        assert await house.why.latest(ROOM.id) == []
        assert await house.why.of_message(ROOM.id, 5) is None


async def test_why_tells_that_a_command_asked() -> None:
    async with company(Play("Yes?"), cast=BOTH) as house:
        said = house.stage.say(ROOM, ANN, "hello")
        await house.dispatcher.say(ROOM, said, MIRA)
        await house.quiet()
        assert await why(house) == "Mira: spoken to with /say."
