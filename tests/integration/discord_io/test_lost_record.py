"""The record is lost, and the channel still shows what characters said: it is theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.utterance import SpeakerKind
from sandbox.discord.world.model import Channel
from tests.fixtures_stage import CAST, MIRA, QUILL, Theatre
from tests.refused import refused

# isort: split
from bot.discord_io import unrecorded
from bot.discord_io.ourselves import Ourselves
from bot.discord_io.unrecorded import turn_of
from tests.fixtures_discord import discord

LONG = "A sentence that is said again and again until it is long. " * 60


@pytest.fixture(autouse=True)
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said is old enough to be no half answer of a process that died."""
    monkeypatch.setattr(unrecorded, "LONGEST_WORDS", timedelta(0))


async def test_own_words_come_back_as_own_words(theatre: Theatre) -> None:
    inn = theatre.inn
    await theatre.say(theatre.asked(inn.lobby), "It was the flood.")
    theatre.die_unwritten()
    asked, answer = await theatre.stage.history(theatre.room(inn.lobby))
    assert asked.speaker.kind is SpeakerKind.PERSON
    assert (answer.speaker.kind, answer.speaker.character) == (SpeakerKind.CHARACTER, "mira")
    assert (answer.text, answer.turn) == ("It was the flood.", None)


@pytest.mark.parametrize(
    ("open_from", "words"),
    [(None, ["It was the flood."]), ("after", ["It was the flood."]), ("before", [])],
)
async def test_own_words_of_a_moment_ago_come_back_unless_they_may_be_half_an_answer(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, open_from: str | None, words: list[str]
) -> None:
    monkeypatch.setattr(unrecorded, "LONGEST_WORDS", timedelta(minutes=10))
    inn = theatre.inn
    turn = theatre.asked(inn.lobby)
    await theatre.say(turn, "It was the flood.")
    theatre.die_unwritten()
    begun = {None: None, "before": turn.trigger, "after": theatre.server.world.ids.next()}
    theatre.stage._rooms = replace(
        theatre.stage._rooms, open_from=lambda _, key: begun[open_from] if key == "mira" else 0
    )
    said = await theatre.stage.history(theatre.room(inn.lobby))
    assert [one.text for one in said if one.speaker.character == "mira"] == words


async def test_a_direct_talk_keeps_its_words_too(theatre: Theatre) -> None:
    inn = theatre.inn
    direct = theatre.server.world.direct(inn.ada, inn.application.user)
    await theatre.say(theatre.asked(direct), "It was the flood.")
    theatre.die_unwritten()
    _, answer = await theatre.stage.history(theatre.room(direct))
    assert (answer.speaker.character, answer.text) == ("mira", "It was the flood.")


async def test_nobody_else_s_webhook_speaks_as_a_character(theatre: Theatre) -> None:
    inn = theatre.inn
    row = await theatre.client.http.create_webhook(inn.lobby.id, name="Mira")
    theatre.server.world.webhooks[int(row["id"])].application_id = 1
    hook = discord.Webhook.partial(int(row["id"]), row["token"], client=theatre.client)
    sent = await hook.send("I am Mira.", wait=True)
    (said,) = await theatre.stage.history(theatre.room(inn.lobby))
    assert (said.speaker.kind, said.speaker.character) == (SpeakerKind.BOT, None)
    assert await theatre.stage.unrecorded(theatre.room(inn.lobby), sent.id) is None


async def test_a_name_that_is_not_in_the_cast_is_another_bot_s(theatre: Theatre) -> None:
    await theatre.say(theatre.asked(theatre.inn.lobby), "Squawk.", character=QUILL)
    theatre.die_unwritten()
    theatre.stage._rooms = replace(theatre.stage._rooms, cast=lambda _: [MIRA])
    _, said = await theatre.stage.history(theatre.room(theatre.inn.lobby))
    assert (said.speaker.kind, said.speaker.character) == (SpeakerKind.BOT, None)


async def test_a_reply_says_whose_words_it_answers(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    (answer,) = await theatre.say(theatre.asked(inn.lobby), "It was the flood.")
    theatre.die_unwritten()
    reply = world.say(inn.bob, inn.lobby, "Which?", reply_to=inn.lobby.messages[answer])
    said, _ = await theatre.hears(reply.id)
    assert said.reply_to_own == "Mira"
    other = world.say(inn.bob, inn.lobby, "Hm?", reply_to=reply)
    said, _ = await theatre.hears(other.id)
    assert said.reply_to_own is None


@pytest.mark.parametrize("is_direct", [False, True])
async def test_the_turn_is_made_anew_from_what_is_shown(theatre: Theatre, is_direct: bool) -> None:
    world, inn = theatre.server.world, theatre.inn
    place: Channel = inn.lobby
    if is_direct:
        place = world.direct(inn.ada, inn.application.user)
    await theatre.say(theatre.asked(place, "Before?"), "Before.")
    turn = theatre.asked(place)
    chunks = await theatre.say(turn, LONG)
    await theatre.say(theatre.asked(place, "After?"), "After.")
    assert len(chunks) > 1
    theatre.die_unwritten()
    for message in chunks:
        found = await theatre.stage.unrecorded(theatre.room(place), message)
        assert found is not None
        assert (found.id, found.asker, found.chunks) == (turn.id, inn.ada.id, chunks)
        assert found.text is not None
        assert found.text.split() == LONG.split()


async def test_the_line_above_the_words_says_what_they_answer(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    turn = theatre.asked(inn.lobby)
    between = world.say(inn.bob, inn.lobby, "By the way")
    await theatre.hears(between.id)
    (answer,) = await theatre.say(turn, "Yes.")
    assert inn.lobby.messages[answer].content.startswith("-# ↪ ")
    theatre.die_unwritten()
    found = await theatre.stage.unrecorded(theatre.room(inn.lobby), answer)
    assert found is not None
    assert (found.trigger, found.text) == (turn.trigger, "Yes.")


async def test_an_answer_to_what_is_gone_is_refused_as_that(theatre: Theatre) -> None:
    world, inn = theatre.server.world, theatre.inn
    turn = theatre.asked(inn.lobby)
    (answer,) = await theatre.say(turn, "Yes.")
    theatre.die_unwritten()
    world.delete(inn.lobby.messages[turn.trigger])
    with refused("lost the record of that reply"):
        await theatre.stage.unrecorded(theatre.room(inn.lobby), answer)


async def test_what_is_on_record_is_no_part_of_it(theatre: Theatre) -> None:
    inn = theatre.inn
    turn = theatre.asked(inn.lobby)
    chunks = await theatre.say(turn, LONG)
    messages = await theatre.bot.messages(inn.lobby.id, limit=20)
    us = Ourselves(theatre.bot.user_id, theatre.bot.application_id)
    found = turn_of(
        messages,
        chunks[-1],
        room=theatre.room(inn.lobby),
        us=us,
        cast=list(CAST.values()),
        recorded=chunks[:-1],
    )
    assert found is not None
    assert found.chunks == chunks[-1:]
