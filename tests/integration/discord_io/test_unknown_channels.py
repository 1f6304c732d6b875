"""“Unknown Channel” (10003) is not believed at once: Discord says it of channels that are there."""

from __future__ import annotations

import logging

import pytest

from bot.errors import DiscordDownError, RoomGoneError
from tests.fixtures_stage import MIRA, Theatre

CODE = 10003


def unknown(theatre: Theatre, method: str, path: str, *, times: int = 1, skip: int = 0) -> None:
    theatre.server.faults.answer(404, method=method, path=path, code=CODE, times=times, skip=skip)


def delete_webhooks(theatre: Theatre) -> None:
    """Without a word: the event may be lost, or come too late."""
    theatre.server.world.webhooks.clear()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "^/channels/[0-9]+/webhooks$"), ("POST", "^/channels/[0-9]+/webhooks$")],
)
async def test_a_webhook_that_is_gone_is_made_anew_though_discord_once_knows_no_channel(
    theatre: Theatre, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    await theatre.say(theatre.asked(theatre.inn.lobby), "One.")
    delete_webhooks(theatre)
    unknown(theatre, method, path)
    await theatre.say(theatre.asked(theatre.inn.lobby), "Two.")
    assert theatre.texts(theatre.inn.lobby)[-1] == "Two."
    assert f"channel {theatre.inn.lobby.id} unknown, but the channel exists" in caplog.text


@pytest.mark.parametrize("streamed", [(), ("Two",)])
async def test_words_arrive_though_discord_once_knows_no_channel(
    theatre: Theatre, streamed: tuple[str, ...]
) -> None:
    await theatre.say(theatre.asked(theatre.inn.lobby), "One.")
    unknown(theatre, "PATCH" if streamed else "POST", "^/webhooks/")
    await theatre.say(theatre.asked(theatre.inn.lobby), *streamed, "Two.")
    assert theatre.texts(theatre.inn.lobby) == ["One.", "Two."]


async def test_the_bots_own_voice_and_its_reading_look_twice_as_well(theatre: Theatre) -> None:
    direct = theatre.server.world.direct(theatre.inn.ada, theatre.inn.application.user)
    unknown(theatre, "POST", "^/channels/[0-9]+/messages$")
    await theatre.say(theatre.asked(direct), "In private.")
    assert theatre.texts(direct)[-1].endswith("In private.")
    unknown(theatre, "GET", "^/channels/[0-9]+/messages$")
    assert await theatre.stage.history(theatre.room(direct), limit=5)


async def test_a_channel_that_is_there_and_not_is_waited_for_as_a_discord_that_fails(
    theatre: Theatre,
) -> None:
    await theatre.say(theatre.asked(theatre.inn.lobby), "One.")
    delete_webhooks(theatre)
    turn = theatre.asked(theatre.inn.lobby)
    unknown(theatre, "GET", "^/channels/[0-9]+/webhooks$", times=100)
    with pytest.raises(DiscordDownError, match="contradicts itself"):
        await theatre.say(turn, "Two.")
    theatre.server.faults.clear()
    await theatre.say(turn, "Two.")
    assert theatre.texts(theatre.inn.lobby)[-1] == "Two."


async def test_a_channel_that_is_gone_is_known_before_there_are_words(
    theatre: Theatre, caplog: pytest.LogCaptureFixture
) -> None:
    await theatre.say(theatre.asked(theatre.inn.lobby), "One.")
    turn = theatre.asked(theatre.inn.lobby)
    await theatre.webhooks.drop(theatre.inn.lobby.id)
    theatre.server.world.channels.pop(theatre.inn.lobby.id)
    with caplog.at_level(logging.WARNING):
        async with theatre.stage.deliver(turn, MIRA) as delivery:
            with pytest.raises(RoomGoneError):
                await delivery.opened()
    # For a while it is not even asked about again, and the log says so.
    assert f"channel {theatre.inn.lobby.id}" in caplog.text
    asked = len(theatre.server.record.requests)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        with pytest.raises(RoomGoneError):
            await delivery.opened()
    assert len(theatre.server.record.requests) == asked
