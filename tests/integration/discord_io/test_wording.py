"""How words are shown that a model, or a person in a form, wrote."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.turn import TurnState
from tests.fixtures_stage import MIRA, Theatre


async def test_a_link_that_pretends_to_lead_elsewhere_is_taken_apart(theatre: Theatre):
    lobby, text = theatre.inn.lobby, "Go to [discord.com](https://elsewhere.example/login)."
    shown = "Go to [discord.com] (https://elsewhere.example/login)."
    turn = theatre.asked(lobby)
    chunks = await theatre.say(turn, text, text)
    assert theatre.texts(lobby) == [shown]
    edited = replace(turn, chunks=chunks, state=TurnState.RECORDED)
    await theatre.say(edited, f"{text} Now.")
    assert theatre.texts(lobby) == [f"{shown} Now."]
    kinds = [one.message.content for one in theatre.server.record.writes]
    assert not any("](" in content for content in kinds)


async def test_a_spoiler_is_hidden_while_it_is_written(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("It was ||the but")
        await theatre.shown(turn, "It was ||the but||")
        delivery.show("It was ||the butler||")
        await theatre.shown(turn, "It was ||the butler||")
        await delivery.finish("It was ||the butler||, of course.")
    assert theatre.texts(theatre.inn.lobby) == ["It was ||the butler||, of course."]
