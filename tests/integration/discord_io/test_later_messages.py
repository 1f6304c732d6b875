"""A long answer grows in its newest message, in the rhythm of the first; so does what goes on."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from bot.discord_io import controls
from bot.discord_io.message_prefix import reply_line_of
from bot.domain.turn import Turn, TurnState
from bot.rooms.ports.stage import Delivery
from sandbox.discord import DiscordServer, Limits
from sandbox.discord.world.model import Channel, Message
from tests.fixtures_discord import Inn, build_inn
from tests.fixtures_stage import MIRA, Theatre, theatre_in

SENDS = "/webhooks/{webhook_id}/{webhook_token}"
EDITS = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
FIRST = "".join(f"A sentence, number {n}. " for n in range(80)).strip()
STOP = [one.id for one in controls.STOP]


def buttons(message: Message) -> list[str]:
    return list(controls.ids_in(message.components))


def words(theatre: Theatre, channel: Channel) -> str:
    """All that the answers there say, without the lines above them."""
    texts = theatre.texts(channel)
    return " ".join(text.removeprefix(reply_line_of(text)) for text in texts)


@pytest.fixture(params=["webhook", "bot"])
def place(request: pytest.FixtureRequest, theatre: Theatre) -> Channel:
    inn = theatre.inn
    if request.param == "webhook":
        return inn.lobby
    return theatre.server.world.direct(inn.ada, inn.application.user)


async def grows(theatre: Theatre, turn: Turn, delivery: Delivery, text: str) -> list[Message]:
    """Show more, and wait until the room shows all of it while it is still being written."""
    delivery.show(text)
    last = text.rsplit(maxsplit=1)[-1]

    def shown(_: object) -> list[Message] | None:
        said = theatre.said(turn.room.id)
        return said if said and said[-1].content.endswith(last) else None

    return await theatre.server.wait_for(shown)


async def test_the_second_and_third_message_grow_while_they_are_written(
    theatre: Theatre, place: Channel
):
    turn, text = theatre.asked(place), FIRST
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        await grows(theatre, turn, delivery, text)
        for number in range(40):
            text += f" And so on, number {number} of many, at some length, as such stories go." * 2
            said = await grows(theatre, turn, delivery, text + f" end{number}.")
            assert all(len(one.content) <= 2000 for one in said)
        assert len(said) >= 3
        await theatre.server.wait_for(lambda _: buttons(said[-1]) == STOP)
        assert [buttons(one) for one in said[:-1]] == [[]] * (len(said) - 1)
        recorded = theatre.record.chunks[turn.id]
        assert list(recorded.values()) == [one.id for one in said]
        ids = await delivery.finish(text)
    said = theatre.said(place.id)
    assert ids == tuple(one.id for one in said)
    assert [buttons(one) for one in said] == [[]] * len(said)
    (utterance,) = await theatre.stage.history(turn.room, after=turn.trigger)
    assert utterance.text.split() == text.split()


async def test_later_messages_keep_the_rhythm_and_the_limits_of_the_first():
    interval = 0.1
    limits = Limits(routes={("POST", SENDS): (5, 2.0), ("PATCH", EDITS): (5, 0.5)})
    async with DiscordServer(limits=limits) as server:
        inn = build_inn(server)
        async with theatre_in(inn, edit_interval=interval) as theatre:
            turn, text = theatre.asked(inn.lobby), FIRST
            async with theatre.stage.deliver(turn, MIRA) as delivery:
                for number in range(20):
                    text += f" And more of it, number {number}, as such a story goes." * 2
                    await grows(theatre, turn, delivery, text + f" end{number}.")
                await delivery.finish(text)
            assert len(theatre.said(inn.lobby.id)) == 2
        record = server.record
        assert not [one for one in record.requests if one.status == 429]
        second = f"/{theatre.said(inn.lobby.id)[1].id}"
        times = [one.at for one in record.sent("PATCH", EDITS) if one.path.endswith(second)]
        assert len(times) >= 5
        assert all(later - earlier >= interval for earlier, later in pairwise(times))


async def test_code_that_becomes_a_file_leaves_no_message_of_its_half(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    code = "".join(f"print({n})  # step number {n}\n" for n in range(100))
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show(f"Here:\n```python\n{code}")
        await theatre.server.wait_for(lambda _: len(theatre.said(turn.room.id)) == 2)
        await delivery.finish(f"Here:\n```python\n{code * 2}```\nRun it.")
    (said,) = theatre.said(turn.room.id)
    assert said.content == "Here:\n-# 📎 `code.py`\nRun it."


async def test_what_was_streamed_of_a_later_message_is_found_after_a_crash(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    text = f"{FIRST} {FIRST}"
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        said = await grows(theatre, turn, delivery, f"{FIRST} {FIRST[:400]} half.")
        delivery._stopping.set()  # the process dies here
    assert len(said) == 2
    whole = f"{FIRST} {FIRST[:400]} half. {FIRST[400:]}"
    theatre.die_unwritten()
    left = replace(turn, state=TurnState.RECORDED, text=whole)
    assert await theatre.say(left, whole) == tuple(one.id for one in said)
    assert words(theatre, theatre.inn.lobby).split() == whole.split()
    assert len(text) > 2000


async def test_a_reply_that_goes_on_grows_in_its_last_message(theatre: Theatre, place: Channel):
    turn = theatre.asked(place)
    ids = await theatre.say(turn, f"{FIRST} {FIRST[:600]}")
    assert len(ids) == 2
    theatre.server.world.say(theatre.inn.bob, place, "Hm.") if place.guild_id else None
    more = replace(turn, chunks=ids, order=ids[-1], text=f"{FIRST} {FIRST[:600]}", goes_on=True)
    before = len(theatre.server.record.writes)
    async with theatre.stage.deliver(more, MIRA) as delivery:
        await grows(theatre, turn, delivery, f"{FIRST} {FIRST[:600]} goes on.")
        assert await delivery.finish(f"{FIRST} {FIRST[:600]} goes on so.") == ids
    writes = [one for one in theatre.server.record.writes[before:] if one.kind == "edit"]
    assert {one.message.id for one in writes} == {ids[1]}
    assert "goes_on" not in words(theatre, place)


@pytest.mark.parametrize("apart", [True, False])
async def test_more_of_an_old_reply_leads_back_to_it_where_others_spoke_since(
    theatre: Theatre, inn_lobby: Channel, *, apart: bool
):
    turn = theatre.asked(inn_lobby)
    ids = await theatre.say(turn, FIRST)
    if apart:
        said = theatre.server.world.say(theatre.inn.bob, inn_lobby, "Hm.")
        await theatre.hears(said.id)
    text = f"{FIRST} {FIRST} {FIRST}"
    done = replace(turn, chunks=ids, order=ids[-1], text=text, state=TurnState.RECORDED)
    chunks = await theatre.say(done, text)
    first, second, *others = theatre.texts(inn_lobby)
    link = f"https://discord.com/channels/{inn_lobby.guild_id}/{inn_lobby.id}/{ids[0]}"
    assert reply_line_of(first) == ""
    assert reply_line_of(second) == (f"-# ↪ [goes on from here]({link})\n" if apart else "")
    assert [reply_line_of(one) for one in others] == [""] * len(others)
    assert all(len(one) <= 2000 for one in theatre.texts(inn_lobby))
    heard = await theatre.stage.history(turn.room, after=ids[0] - 1)
    (utterance,) = [one for one in heard if one.turn == turn.id]
    assert utterance.text.split() == text.split()
    # It keeps that line, whatever becomes of the reply.
    again = replace(done, chunks=chunks, text=f"{text} Mine.")
    await theatre.say(again, f"{text} Mine.")
    assert reply_line_of(theatre.texts(inn_lobby)[1]) == reply_line_of(second)
    assert words(theatre, inn_lobby).split() == f"{text} Mine.".split()


@pytest.fixture
def inn_lobby(stage_inn: Inn) -> Channel:
    return stage_inn.lobby
