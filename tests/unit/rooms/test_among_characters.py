"""Characters answer one another, and cannot run away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.budget import LONG_AGO, LONGEST, MOST_TOKENS, Budget
from bot.domain.character import Character
from bot.domain.deciding import DecisionInputs
from bot.domain.decision import SkipReason
from bot.domain.policy import Mode, Policy
from bot.domain.turn import Reason
from bot.domain.utterance import Speaker, SpeakerKind, Utterance
from bot.errors import StoreUnavailableError
from bot.rooms.decisions.budgets import Budgets
from tests.fakes.mind import Play
from tests.unit.rooms.company import KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import crashes, reborn
from tests.unit.rooms.obstacles import slow_words

BOTH = (MIRA, KAI)


def endless() -> list[Play]:
    """Mira names Kai, Kai names Mira, and so on."""
    return [Play(f"@{('Kai', 'Mira')[turn % 2]} {turn}") for turn in range(40)]


async def let(house: Company, policy: Policy) -> None:
    await house.policies.change(ROOM, lambda _: policy)


@pytest.mark.parametrize("chain", [0, 1, 3])
async def test_two_who_always_name_one_another_end_after_the_chain(chain: int) -> None:
    async with company(*endless(), cast=BOTH) as house:
        await let(house, Policy(chain=chain))
        house.says("@Mira begin")
        await house.quiet()
        assert len(house.answers()) == 1 + chain
        await house.crash_recovery.resume()
        await house.quiet()
        assert len(house.answers()) == 1 + chain


@pytest.mark.parametrize("mode", [Mode.TALKATIVE, Mode.EVERY])
async def test_in_a_talkative_room_they_end_as_well(mode: Mode) -> None:
    async with company(*endless(), cast=BOTH) as house:
        await let(house, Policy(mode=mode, chance=100))
        house.says("go on")
        await house.quiet()
        # By chance one answers the person; then the chain of three.
        assert len(house.answers()) == 1 + 3


async def test_who_is_called_by_words_that_took_long_is_told_nothing_again() -> None:
    script = (Play("@Mira your turn."), Play("Hi, Ann."), Play("Mine."))
    async with company(*script, cast=BOTH) as house:
        with slow_words("@Mira") as ended:
            house.says("@Kai begin")
            await until(house.answers)
            house.says("@Mira hi")
            await until(lambda: "Hi, Ann." in house.answers())
            ended.set()
            await house.quiet()
        assert house.answers() == ["@Mira your turn.", "Hi, Ann.", "Mine."]
        _, question = house.mind.asked[-1]
        assert "your turn" in question
        assert "@Mira hi" not in question


async def test_who_is_asked_while_a_call_is_decided_on_is_told_of_it_after_that_and_once() -> None:
    said, gate = Play("@Mira your turn."), asyncio.Event()
    async with company(said, Play("Hi.", gate=gate), Play("To both."), cast=BOTH) as house:
        awake, decided = asyncio.Event(), asyncio.Event()
        lease, facts = house.mind.lease, house.decision_inputs.of_character

        @asynccontextmanager
        async def slow(character: Character, **more: Any) -> AsyncIterator[Any]:
            if character is MIRA:
                await awake.wait()
            async with lease(character, **more) as held:
                yield held

        async def slowly(*args: Any) -> DecisionInputs:
            awake.set()
            await until(lambda: len(house.mind.asked) >= 2)
            decided.set()
            return await facts(*args)

        house.mind.lease = slow  # type: ignore[method-assign]
        house.decision_inputs.of_character = slowly  # type: ignore[method-assign,assignment]
        house.says("@Mira hi")
        house.says("@Kai begin")
        await decided.wait()
        gate.set()
        await house.quiet()
        assert house.answers() == ["@Mira your turn.", "To both."]
        (_, asked), (_, added) = house.mind.asked[-1], house.mind.steered[-1]
        assert "your turn" not in asked
        assert "your turn" in added
        assert "@Mira hi" not in added


async def test_only_a_persons_message_refills() -> None:
    async with company(*endless(), cast=BOTH) as house:
        house.says("@Mira begin")
        await house.quiet()
        other = Speaker(9, "Feed", SpeakerKind.BOT)
        said = house.stage.say(ROOM, other, "@Kai news")
        house.dispatcher.hear(ROOM, said)
        await house.quiet()
        assert (await house.budgets.of(ROOM.id)).turns == 3
        house.says("hm")
        await house.quiet()
        assert (await house.budgets.of(ROOM.id)).turns == 0
        house.says("@Mira again")
        await house.quiet()
        assert len(house.answers()) == 2 * (1 + 3)


async def test_a_restart_does_not_refill() -> None:
    async with company(*endless(), cast=BOTH) as house:
        house.says("@Mira begin")
        await house.quiet()
        kept = await Budgets(house.decisions).of(ROOM.id)
        assert kept.turns == 3
        assert (await Budgets(house.decisions).of(1234)).refusal(3, datetime.now(UTC))


async def test_a_message_that_is_heard_once_more_does_not_refill() -> None:
    async with company(*endless(), cast=BOTH) as house:
        said = house.says("@Mira begin")
        await house.quiet()
        house.dispatcher.hear(ROOM, said)
        await house.quiet()
        assert (await house.budgets.of(ROOM.id)).turns == 3


async def test_tokens_end_it_as_well() -> None:
    async with company(*endless(), cast=BOTH) as house:
        await house.budgets.refill(ROOM.id, datetime.now(UTC))
        await house.budgets.use(ROOM.id, tokens=MOST_TOKENS)
        await house.quiet()
        budget = await house.budgets.of(ROOM.id)
        assert budget.refusal(3, datetime.now(UTC)) is SkipReason.TOKENS


async def test_time_ends_it_as_well() -> None:
    now = datetime.now(UTC)
    assert Budget(now - LONGEST).refusal(3, now) is SkipReason.TIME
    assert Budget(now - LONGEST + timedelta(seconds=1)).refusal(3, now) is None


async def test_the_one_who_began_is_the_asker_of_the_whole_chain() -> None:
    async with company(*endless(), cast=BOTH) as house:
        begun = house.says("@Mira begin")
        await house.quiet()
        turns = [one.turn for one in house.outcomes]
        assert {one.asker for one in turns} == {begun.speaker.id}
        assert [one.character for one in turns] == ["mira", "kai", "mira", "kai"]
        # Each answers the words of the one before.
        assert [one.trigger for one in turns[1:]] == [one.chunks[0] for one in turns[:-1]]
        assert turns[1].reason is Reason.NAMED
        assert turns[1].detail == "Mira"


async def test_who_is_about_to_speak_is_not_asked_once_more() -> None:
    async with company(Play("@Kai you next"), Play("Yes."), cast=BOTH) as house:
        house.says("@Mira and then @Kai")
        await house.quiet()
        assert house.answers() == ["@Kai you next", "Yes."]


async def test_a_greeting_asks_nobody() -> None:
    async with company(cast=BOTH) as house:
        house.says("hello all")
        caller = replace(MIRA, greeting="@Kai, I am here!")
        await house.dispatcher.greet(ROOM, caller, message_id=5, asker=1)
        await house.quiet()
        assert house.answers() == ["@Kai, I am here!"]


async def test_without_the_store_they_are_silent_to_one_another() -> None:
    async with company(*endless(), cast=BOTH) as house:

        async def away(room_id: int, budget: Budget) -> None:
            raise StoreUnavailableError("Redis at x cannot be reached")

        house.decisions.keep_budget = away  # type: ignore[method-assign]
        house.says("@Mira begin")
        await house.quiet()
        assert house.answers() == ["@Kai 0"]


async def test_a_chain_that_was_paused_stops() -> None:
    async with company(*endless(), cast=BOTH) as house:
        house.says("@Mira begin")
        await let(house, Policy(paused=True))
        await house.quiet()
        assert len(house.answers()) <= 1


async def test_what_is_read_of_a_character_later_asks_nobody() -> None:
    async with company(*endless(), cast=BOTH) as house:
        heard = house.stage.say(ROOM, Speaker(1, "Mira", SpeakerKind.CHARACTER, "mira"), "@Kai you")
        assert isinstance(heard, Utterance)
        house.dispatcher.hear(ROOM, heard)
        await house.quiet()
        assert house.answers() == []


async def test_a_crash_at_any_point_of_a_chain_says_each_answer_once() -> None:
    async def nothing(_: Company) -> None:
        pass

    async def talk(house: Company) -> None:
        house.says("@Mira begin")

    script = [Play("@Kai your turn.") for _ in range(9)]
    ends = []
    async for house in crashes(nothing, talk, *script, cast=BOTH):
        assert await house.memory.unfinished() == []
        if (await house.budgets.of(ROOM.id)).since is not LONG_AGO:  # else it may not go on
            ends.append([one.speaker.name for one in house.stage.posted.values() if one.turn])
    assert len(ends) > 10
    assert [one for one in ends if one != ["Mira", "Kai"]] == []


async def test_what_is_said_while_the_bot_is_ending_is_answered_by_the_next_one() -> None:
    held = asyncio.Event()
    async with company(Play("@Kai your turn.", gate=held), cast=BOTH) as first:
        first.says("@Mira begin")
        await until(lambda: first.mind.asked)
        ending = first.tasks.start("end", first.dispatcher.finish(0))
        await ending
        held.set()
        await first.quiet()
        assert first.answers() == ["@Kai your turn."]
        second = reborn(first, Play("Mine."))
        async with second.tasks:
            for one in BOTH:
                await second.casting.summon(ROOM, one)
            await second.crash_recovery.resume()
            await second.quiet()
            assert second.answers() == ["@Kai your turn.", "Mine."]
            assert await second.memory.unfinished() == []
