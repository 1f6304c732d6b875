"""Discord refuses what a character says: people read what is at fault."""

from __future__ import annotations

import pytest

from bot.discord_io.parts import Part
from bot.errors import DeliveryError, WordsRefusal, WordsRefusedError, WrongKindError
from bot.messages import failures
from tests.fixtures_stage import MIRA, Theatre


@pytest.mark.parametrize(
    ("code", "refusal", "at_fault"),
    [
        (240000, WordsRefusal.LINK, "a link"),
        (200000, WordsRefusal.AUTOMOD, "AutoMod"),
        (50035, WordsRefusal.REST, "the bot’s fault"),
    ],
)
async def test_a_refusal_is_told_as_what_it_is(
    theatre: Theatre, code: int, refusal: WordsRefusal, at_fault: str
) -> None:
    theatre.server.faults.answer(400, method="POST", path=r"/webhooks/", code=code)
    turn = theatre.asked(theatre.inn.lobby)
    with pytest.raises(WordsRefusedError) as refused:
        async with theatre.stage.deliver(turn, MIRA) as delivery:
            await delivery.finish("Look at this.")
    assert refused.value.refusal is refusal
    assert at_fault in failures.for_room(refused.value, "Mira")


async def test_a_text_that_discord_finds_too_long_is_told_as_a_text(theatre: Theatre) -> None:
    with pytest.raises(DeliveryError) as refused:
        await theatre.bot.send(theatre.inn.lobby.id, Part("x" * 2_001))
    assert isinstance(refused.value, WordsRefusedError)
    assert refused.value.refusal is WordsRefusal.TEXT


async def test_where_a_kind_of_channel_has_no_webhooks_the_bot_speaks_for_the_character(
    theatre: Theatre,
) -> None:
    theatre.server.faults.answer(400, method="POST", path=r"/channels/\d+/webhooks", code=50024)
    await theatre.say(theatre.asked(theatre.inn.lobby), "Good evening.")
    assert theatre.texts(theatre.inn.lobby) == ["**Mira**\nGood evening."]
    # Nobody can give it a permission for that.
    assert theatre.missing == []


async def test_a_kind_of_channel_that_takes_no_words_is_told_as_that(theatre: Theatre) -> None:
    theatre.server.faults.answer(400, method="POST", path=r"/webhooks/", code=50024)
    with pytest.raises(WrongKindError) as refused:
        await theatre.say(theatre.asked(theatre.inn.lobby), "Good evening.")
    assert failures.for_room(refused.value, "Mira") == (
        "Characters can’t speak in a channel of this kind. Try a text channel, a thread or a post."
    )
