"""How words are shown that a model, or a person in a form, wrote."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.turn import TurnState
from tests.fixtures_discord import Inn
from tests.fixtures_stage import MIRA, Theatre, theatre_in


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


async def test_the_first_send_waits_for_a_whole_sentence(stage_inn: Inn):
    async with theatre_in(stage_inn, held=60.0) as theatre:
        turn = theatre.asked(stage_inn.lobby)
        async with theatre.stage.deliver(turn, MIRA) as delivery:
            delivery.show("Good evening")
            # Time enough for it, if it were allowed.
            await theatre.bot.messages(stage_inn.lobby.id, limit=1)
            await theatre.bot.messages(stage_inn.lobby.id, limit=1)
            assert theatre.texts(stage_inn.lobby) == []
            delivery.show("Good evening. Come")
            await theatre.shown(turn, "Good evening. Come")
            await delivery.finish("Good evening. Come in.")
        assert theatre.texts(stage_inn.lobby) == ["Good evening. Come in."]


async def test_an_answer_that_ends_first_is_sent_once_and_whole(stage_inn: Inn):
    async with theatre_in(stage_inn, held=60.0) as theatre:
        turn = theatre.asked(stage_inn.lobby)
        async with theatre.stage.deliver(turn, MIRA) as delivery:
            delivery.show("Good eve")
            await delivery.finish("Good evening")
        mine = [one for one in theatre.server.record.writes if one.message.author.bot]
        assert [(one.kind, one.message.content) for one in mine] == [("create", "Good evening")]


async def test_words_without_an_end_are_shown_after_a_while(stage_inn: Inn):
    async with theatre_in(stage_inn, held=0.05) as theatre:
        turn = theatre.asked(stage_inn.lobby)
        async with theatre.stage.deliver(turn, MIRA) as delivery:
            delivery.show("Once upon a time")
            await theatre.shown(turn, "Once upon a time")
            await delivery.finish("Once upon a time there was an inn")
        assert theatre.texts(stage_inn.lobby) == ["Once upon a time there was an inn"]


def emoji(number: int, name: str, *, available: bool = True) -> dict[str, object]:
    """One of a server's emojis as Discord tells it."""
    flags = {"require_colons": True, "managed": False, "animated": False, "available": available}
    return {"id": str(number), "name": name, "roles": [], **flags}


async def test_the_servers_own_emojis_are_shown_and_can_be_reacted_with(stage_inn: Inn):
    stage_inn.guild.emojis += [emoji(77, "pepehappy"), emoji(78, "pepesad", available=False)]
    async with theatre_in(stage_inn) as theatre:
        turn = theatre.asked(stage_inn.lobby)
        await theatre.say(turn, "Well :pepehappy: :pepesad: :other:.")
        assert theatre.texts(stage_inn.lobby) == ["Well <:pepehappy:77> :pepesad: :other:."]
        await theatre.stage.react(turn.room, turn.trigger, ":pepehappy:")
        assert list(stage_inn.lobby.messages[turn.trigger].reactions) == ["77"]


async def test_a_table_is_laid_out(theatre: Theatre):
    await theatre.say(theatre.asked(theatre.inn.lobby), "| a | b |\n|---|---|\n| 1 | 2 |")
    assert theatre.texts(theatre.inn.lobby) == ["```\na  b\n─  ─\n1  2\n```"]
