"""A message is as old as the clock says that dates it: the host's may be wrong by minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.room import Seat
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import Utterance, snowflake_at
from bot.errors import StoreUnavailableError
from tests.fakes.mind import Play
from tests.unit.rooms.company import ANN, KAI, MIRA, ROOM, Company, company
from tests.unit.rooms.test_backfill import backfill

# Discord's clock is behind a host's that is fast, and ahead of one that is slow.
FAST, SLOW = timedelta(minutes=-20), timedelta(minutes=20)
BOTH = pytest.mark.parametrize("ahead", [FAST, SLOW], ids=["fast", "slow"])


def aged(house: Company, text: str, age: timedelta) -> Utterance:
    """Ann said it so long ago, by Discord's clock."""
    ahead = house.stage._ahead
    house.stage.set_clock(ahead - age)
    said = house.stage.say(ROOM, ANN, text)
    house.stage.set_clock(ahead)
    return said


@BOTH
@pytest.mark.parametrize(("minutes", "answers"), [(1, ["Here."]), (16, [])])
async def test_what_was_missed_is_answered_by_its_age(
    ahead: timedelta, minutes: int, answers: list[str]
) -> None:
    async with company(Play("Here.")) as house:
        house.stage.set_clock(ahead)
        catching = await backfill(house)
        aged(house, "@Mira are you there?", timedelta(minutes=minutes))
        await catching.read()
        await house.quiet()
        assert house.answers() == answers


@BOTH
@pytest.mark.parametrize(("minutes", "answers"), [(1, ["Here."]), (16, [])])
async def test_what_was_left_unfinished_is_taken_up_by_its_age(
    ahead: timedelta, minutes: int, answers: list[str]
) -> None:
    async with company(Play("Here.")) as house:
        house.stage.set_clock(ahead)
        said = aged(house, "@Mira are you there?", timedelta(minutes=minutes))
        turn = Turn(ROOM, MIRA.key, said.message_id, ANN.id, Reason.NAMED, said.at)
        assert await house.ledger.accept(turn)
        await house.crash_recovery.resume()
        await house.quiet()
        assert house.answers() == answers


@BOTH
@pytest.mark.parametrize(("minutes", "answers"), [(1, ["Here."]), (16, [])])
async def test_what_waits_for_the_store_is_taken_by_its_age(
    ahead: timedelta, minutes: int, answers: list[str]
) -> None:
    async with company(Play("Here.")) as house:
        house.stage.set_clock(ahead)
        accept, tries = house.memory.accept, list[Turn]()

        async def away_once(turn: Turn) -> bool:
            tries.append(turn)
            if len(tries) == 1:
                raise StoreUnavailableError("away")
            return await accept(turn)

        house.memory.accept = away_once  # type: ignore[method-assign]
        said = aged(house, "@Mira are you there?", timedelta(minutes=minutes))
        house.dispatcher.hear(ROOM, said)
        await house.quiet()
        assert house.answers() == answers


@BOTH
async def test_who_is_answered_at_once_is_not_told_of_a_delay(ahead: timedelta) -> None:
    async with company(Play("Noon.")) as house:
        house.stage.set_clock(ahead)
        house.says("@Mira what time is it?")
        await house.quiet()
        assert house.answers() == ["Noon."]
        assert "could not answer sooner" not in house.mind.asked[0][1]
        (outcome,) = house.outcomes
        assert outcome.first_words is not None
        assert 0 <= outcome.first_words < 60


@BOTH
async def test_characters_answer_one_another_within_the_budget_of_time(ahead: timedelta) -> None:
    async with company(Play("@Kai, your turn."), Play("Mine."), cast=(MIRA, KAI)) as house:
        house.stage.set_clock(ahead)
        house.says("@Mira begin")
        await house.quiet()
        assert house.answers() == ["@Kai, your turn.", "Mine."]


@BOTH
async def test_what_was_edited_unseen_is_told_anew(ahead: timedelta) -> None:
    async with company(Play("One."), Play("Two.")) as house:
        house.stage.set_clock(ahead)
        house.drift.begin()
        said = house.says("@Mira the well is dry")
        await house.quiet()
        session = await house.ledger.session(Seat(ROOM.id, MIRA.key))
        assert session is not None
        posted = house.stage.posted[said.message_id]
        posted.text = "@Mira the well is full"
        # The next process, which was told of no edit.
        posted.edited_at = datetime.now(UTC) + ahead
        house.message_log.forget_all()
        house.drift.begin()
        house.says("@Mira and now?")
        await house.quiet()
        thread = house.mind.threads[house.mind.asked[-1][0]]
        assert "dry" not in str(thread.lines) + house.mind.asked[-1][1]


@BOTH
async def test_a_turn_is_dated_by_the_clock_that_judges_it(ahead: timedelta) -> None:
    async with company(Play("One.")) as house:
        house.stage.set_clock(ahead)
        said = house.says("@Mira one")
        await house.quiet()
        (turn,) = house.memory.turns.values()
        assert turn.state is TurnState.DONE
        assert abs(snowflake_at(turn.accepted_at) - said.message_id) < 60_000 << 22
