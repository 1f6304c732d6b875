"""A model that reads text only: a picture costs it one refusal, and nobody their answer."""

from __future__ import annotations

import pytest

from bot.domain.model_profile import ModelProfile
from bot.domain.room import Seat
from bot.domain.turn import Line
from bot.domain.utterance import Attachment, Image
from bot.errors import TurnFailedError, TurnFailure
from bot.rooms.runs.prompt_writer import BLIND
from tests.fakes.mind import Play
from tests.unit.rooms.company import MIRA, ROOM, Company, company

CAT = Image("image/jpeg", b"a cat")
SEAT = Seat(ROOM.id, MIRA.key)

_NOT_PICTURES = {
    TurnFailure.UNAUTHORIZED,
    TurnFailure.USAGE_LIMIT,
    TurnFailure.RATE_LIMIT,
    TurnFailure.NO_CREDIT,
    TurnFailure.INTERRUPTED,
    TurnFailure.ENDLESS,
}


def cat(house: Company) -> tuple[Attachment, ...]:
    house.files.held["cat.png"] = CAT
    return (Attachment("cat.png", "cat.png", 2_048, "image/png"),)


async def says(house: Company, text: str, *, picture: bool = False) -> None:
    house.says(text, attachments=cat(house) if picture else ())
    await house.quiet()


# What was said before it was cut short is kept.
@pytest.mark.parametrize(
    "reason", [r for r in TurnFailure if r not in {*_NOT_PICTURES, TurnFailure.CUT_SHORT}]
)
async def test_it_is_asked_once_more_without_the_picture(reason: TurnFailure) -> None:
    plays = (Play("Hello."), Play(fails=reason), Play("I cannot see it."))
    async with company(*plays) as house:
        await says(house, "@Mira hello")
        await says(house, "@Mira look", picture=True)
        assert house.answers() == ["Hello.", "I cannot see it."]
        assert house.mind.seen == [(), (CAT,), ()]
        assert house.mind.asked[2][1] == f"{house.mind.asked[1][1]}\n{BLIND}"
        thread = next(iter(house.mind.threads.values()))
        assert [line.own for line in thread.lines] == [False, True, False, True]
        assert thread.lines[-1] == Line("I cannot see it.", own=True)


@pytest.mark.parametrize("reason", sorted(_NOT_PICTURES - {TurnFailure.INTERRUPTED}))
async def test_what_no_picture_can_cause_is_told_at_once(reason: TurnFailure) -> None:
    async with company(Play(fails=reason)) as house:
        await says(house, "@Mira look", picture=True)
        assert house.mind.seen == [(CAT,)]
        assert len(house.stage.told) == 1


async def test_a_failure_that_pictures_did_not_cause_is_told() -> None:
    failing = Play(fails=TurnFailure.OTHER)
    async with company(failing, failing, Play("Now."), Play("I see it.")) as house:
        await says(house, "@Mira look", picture=True)
        assert house.answers() == []
        assert len(house.stage.told) == 1
        # So nothing is known of how it takes pictures.
        await says(house, "@Mira look", picture=True)
        assert [len(seen) for seen in house.mind.seen][:2] == [1, 0]
        assert house.mind.seen[2]


# llama.cpp; a proxy; OpenRouter.
@pytest.mark.parametrize(
    "refusal",
    [
        TurnFailedError(TurnFailure.UNREACHABLE, "no", status=500),
        TurnFailedError(TurnFailure.BAD_REQUEST, "no", status=400),
        TurnFailedError(TurnFailure.WRONG_ADDRESS, "no", status=404),
        TurnFailedError(TurnFailure.OTHER, "no"),
    ],
)
async def test_what_was_refused_once_is_not_sent_again_over_restarts_too(
    refusal: TurnFailedError,
) -> None:
    async with company() as house:
        house.mind.refuses = refusal
        await says(house, "@Mira look", picture=True)
        await says(house, "for nobody", picture=True)
        await says(house, "@Mira and this?", picture=True)
        house.mind.lose(house.mind.asked[-1][0])
        await says(house, "@Mira once more", picture=True)
        assert len(house.answers()) == 3
        assert [len(seen) for seen in house.mind.seen] == [1, 0, 0, 0]
        assert BLIND in house.mind.asked[-1][1]
        held = await house.ledger.session(SEAT)
        assert held is not None
        assert held.blind


async def test_a_picture_that_was_meant_for_nobody_is_refused_once() -> None:
    async with company() as house:
        house.mind.refuses = TurnFailedError(TurnFailure.BAD_REQUEST, "no", status=400)
        await says(house, "look at my cat", picture=True)
        await says(house, "@Mira hello")
        await says(house, "@Mira are you there?")
        assert len(house.answers()) == 2
        assert [len(seen) for seen in house.mind.seen] == [1, 0, 0]


async def test_a_server_that_was_down_for_a_moment_is_no_refusal() -> None:
    plays = (Play(fails=TurnFailure.OVERLOADED), Play("Hm."), Play("A cat!"))
    async with company(*plays) as house:
        await says(house, "@Mira look", picture=True)
        await says(house, "@Mira look again", picture=True)
        assert house.answers() == ["Hm.", "A cat!"]
        assert [len(seen) for seen in house.mind.seen] == [1, 0, 1]


async def test_a_model_that_is_known_to_be_text_only_is_never_shown_one() -> None:
    async with company() as house:
        house.mind.model = ModelProfile(pictures=False)
        await says(house, "@Mira look", picture=True)
        assert house.mind.seen == [()]
        assert BLIND in house.mind.asked[0][1]


async def test_another_character_file_is_tried_with_pictures_anew() -> None:
    async with company() as house:
        house.mind.refuses = TurnFailedError(TurnFailure.BAD_REQUEST, "no", status=400)
        await says(house, "@Mira look", picture=True)
        house.mind.refuses = None
        house.shelf.by_key["mira"] = type(MIRA)("mira", "Mira", "You can see.", model="other")
        await says(house, "@Mira look", picture=True)
        assert house.mind.seen[-1]
