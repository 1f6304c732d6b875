"""A name that an edit puts in: answered once while the message is fresh, else hinted at."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.turn import Reason, Turn
from bot.domain.utterance import Utterance
from bot.errors import StoreUnavailableError
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play
from tests.unit.rooms.company import BEN, KAI, MIRA, ROOM, Company, company, until
from tests.unit.rooms.crashing import crashes

HINT = (
    "-# Mira won’t answer this edit: the message is older than a minute, or has been answered. "
    "Write a new one."
)


class FailingOnce(MemoryLedger):
    """Does not take the first turn of the character `key`."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._fails_for = key

    async def accept(self, turn: Turn) -> bool:
        if turn.character == self._fails_for:
            self._fails_for = ""
            raise StoreUnavailableError("away")
        return await super().accept(turn)


def edit(
    house: Company, said: Utterance, text: str, *, after: float = 5.0, mentions_bot: bool = False
) -> None:
    """As Discord does, so many seconds after it was said."""
    at = said.at + timedelta(seconds=after)
    posted = house.stage.posted[said.message_id]
    posted.text, posted.edited_at = text, at
    now = replace(said, text=text, edited_at=at, mentions_bot=mentions_bot)
    house.changes.edited(now)
    house.dispatcher.amend(ROOM, now)


async def test_a_name_put_in_within_a_minute_is_answered_once() -> None:
    async with company(Play("Noon.")) as house:
        said = house.says("what time…")
        await house.quiet()
        for _ in range(2):  # a resumed connection may tell it again
            edit(house, said, "@Mira what time…")
            await house.quiet()
        assert house.answers() == ["Noon."]
        assert "@Mira what time…" in house.mind.asked[0][1]
        assert house.stage.told == []
        decision = await house.why.decided(ROOM.id, said.message_id)
        assert decision is not None
        assert [verdict.reason for verdict in decision.speaking] == [Reason.NAMED]


async def test_a_mention_of_the_bot_put_in_is_answered_too() -> None:
    async with company(Play("Noon.")) as house:
        said = house.says("what time…")
        await house.quiet()
        edit(house, said, "@Troupe what time…", mentions_bot=True)
        await house.quiet()
        assert house.answers() == ["Noon."]


async def test_a_name_put_in_later_is_hinted_at() -> None:
    async with company() as house:
        said = house.says("what time…")
        await house.quiet()
        edit(house, said, "@Mira what time…", after=61)
        await house.quiet()
        assert house.answers() == []
        assert house.stage.told == [(ROOM.id, HINT, said.message_id)]


async def test_a_name_put_in_after_somebody_answered_is_hinted_at() -> None:
    async with company(Play("Beep."), cast=(MIRA, KAI)) as house:
        said = house.says("@Kai what time…")
        await house.quiet()
        edit(house, said, "@Kai @Mira what time…")
        await house.quiet()
        assert house.answers() == ["Beep."]
        assert house.stage.told == [(ROOM.id, HINT, said.message_id)]


@pytest.mark.parametrize(
    "text", ["@Mira what time is it", "what time is it", "@Mira is who I meant"]
)
async def test_an_edit_that_puts_nobody_in_is_neither_answered_nor_hinted_at(text: str) -> None:
    async with company(Play("Noon.")) as house:
        said = house.says("@Mira what time…")
        await house.quiet()
        edit(house, said, text)
        await house.quiet()
        assert house.answers() == ["Noon."]
        assert house.stage.told == []


async def test_what_others_are_asked_meanwhile_does_not_hide_it() -> None:
    async with company(Play("Beep."), Play("Noon.")) as house:
        said = house.says("what time…")
        await house.quiet()
        house.says("@Mira hello", by=BEN)
        await house.quiet()
        edit(house, said, "@Mira what time…")
        await house.quiet()
        assert house.answers() == ["Beep.", "Noon."]
        assert "@Mira what time…" in house.mind.asked[-1][1]


async def test_an_edit_before_the_message_is_decided_on_is_answered_once() -> None:
    async with company(Play("Noon.")) as house:
        house.backfill.lost_touch()
        said = house.says("what time…")
        edit(house, said, "@Mira what time…")
        house.backfill.resumed()
        await house.quiet()
        assert house.answers() == ["Noon."]
        assert (await house.message_log.since(ROOM, 0))[0].text == "@Mira what time…"


async def test_an_edit_of_what_nobody_remembers_is_left_alone() -> None:
    async with company() as house:
        said = house.stage.say(ROOM, BEN, "what time…")
        edit(house, said, "@Mira what time…", after=3_600)
        await house.quiet()
        assert (house.answers(), house.stage.told) == ([], [])


async def test_a_paused_room_answers_no_edit() -> None:
    async with company() as house:
        said = house.says("what time…")
        await house.quiet()
        await house.policies.change(ROOM, lambda policy: replace(policy, paused=True))
        edit(house, said, "@Mira what time…")
        await house.quiet()
        assert house.answers() == []


async def test_a_crash_at_any_point_of_answering_an_edit_answers_it_once() -> None:
    heard: list[Utterance] = []

    async def prepare(house: Company) -> None:
        heard.append(house.says("what time…"))
        await house.quiet()

    async def play(house: Company) -> None:
        edit(house, heard[-1], "@Mira what time…")

    seen = 0
    async for house in crashes(prepare, play, Play("Noon."), Play("Noon.")):
        edit(house, heard[-1], "@Mira what time…")  # with what the new connection replays
        await house.quiet()
        assert house.answers() == ["Noon."]
        assert await house.memory.unfinished() == []
        seen += 1
    assert seen > 5


async def test_a_store_that_fails_between_two_who_were_put_in_loses_neither() -> None:
    house = Company(Play("Noon."), Play("Beep."), ledger=FailingOnce(KAI.key))
    for character in (MIRA, KAI):
        await house.casting.summon(ROOM, character)
    async with house.tasks:
        said = house.says("what time…")
        await house.quiet()
        edit(house, said, "@Mira @Kai what time…")
        await house.quiet()
        assert sorted(house.answers()) == ["Beep.", "Noon."]
        assert house.turn_queues.in_hand == frozenset()


async def test_a_late_edit_does_not_keep_what_was_said_since_from_a_question() -> None:
    async with company(Play("To Ben.")) as house:
        old = house.says("what time…")
        await house.quiet()
        house.says("the kettle boils")
        await house.quiet()
        telling, told = asyncio.Event(), asyncio.Event()

        async def slowly(*_: object, **__: object) -> None:
            telling.set()
            await told.wait()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(house.stage, "tell", slowly)
            edit(house, old, "@Mira what time…", after=61)
            await until(telling.is_set)
            assert house.inbox.undecided(ROOM) is None
            told.set()
            await house.quiet()


async def test_a_mention_of_the_bot_that_stands_puts_nobody_else_in() -> None:
    async with company(Play("Noon."), Play("Beep."), cast=(MIRA, KAI)) as house:
        house.says("@Mira hello")
        await house.quiet()
        said = house.says("@Troupe what time is it", mentions_bot=True)
        await house.quiet()
        await house.casting.address(ROOM, KAI.key)
        edit(house, said, "@Troupe what time is it?", mentions_bot=True)
        await house.quiet()
        assert house.answers() == ["Noon.", "Beep."]
        assert house.stage.told == []
