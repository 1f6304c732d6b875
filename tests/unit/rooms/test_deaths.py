"""App-servers that die under a turn: another at once, then with pauses, and an end to it."""

from __future__ import annotations

import time

from bot.domain.utterance import Attachment, Image
from bot.rooms.runs.prompt_writer import BLIND
from bot.rooms.turns.model_turns import ATTEMPTS, PAUSES
from tests.fakes.mind import Play
from tests.unit.rooms.company import company


async def test_one_that_dies_at_every_turn_is_started_a_few_times_with_pauses() -> None:
    async with company(*[Play("Half", dies=True)] * 9) as house:
        started = time.monotonic()
        house.says("@Mira hello")
        await house.quiet()
        assert house.mind.starts == ATTEMPTS
        assert time.monotonic() - started >= sum(PAUSES)
        assert house.answers() == []
        assert len(house.stage.told) == 1


async def test_one_that_died_once_is_replaced_without_a_pause() -> None:
    async with company(Play("Half", dies=True), Play("Whole.")) as house:
        house.says("@Mira hello")
        await house.quiet()
        assert house.answers() == ["Whole."]
        assert PAUSES[0] == 0


async def test_pictures_that_two_of_them_died_of_are_left_out() -> None:
    async with company(*[Play("", dies=True)] * 2, Play("I cannot see it.")) as house:
        house.files.held["cat.png"] = Image("image/jpeg", b"a cat")
        cat = Attachment("cat.png", "cat.png", 2_048, "image/png")
        house.says("@Mira look", attachments=(cat,))
        await house.quiet()
        assert house.answers() == ["I cannot see it."]
        assert [len(seen) for seen in house.mind.seen] == [1, 1, 0]
        assert BLIND in house.mind.asked[-1][1]
