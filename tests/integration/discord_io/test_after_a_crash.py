"""What an earlier process began to say: found, finished, and never said again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.discord_io.lane import Lanes
from bot.domain.turn import TurnState
from bot.errors import NotPermittedError, StoreUnavailableError
from sandbox.discord import Permission
from tests.fixtures_stage import MIRA, Theatre

WIDE = " ".join(f"word{n}" for n in range(900))
LONG = "".join(f"{n}. The road goes ever on, down from the door.\n" for n in range(120))


async def test_a_half_delivered_answer_is_finished_and_nothing_is_said_again(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    ids = await theatre.say(turn, LONG)
    world = theatre.server.world
    for message_id in ids[2:]:
        world.delete(world.message(theatre.inn.lobby, message_id))
    half = replace(turn, state=TurnState.RECORDED, text=LONG, chunks=ids[:2])
    again = await theatre.say(half, LONG)
    assert again[:2] == ids[:2]
    assert tuple(one.id for one in theatre.said(theatre.inn.lobby.id)) == again


async def test_a_chunk_that_was_sent_but_not_recorded_is_found(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    ids = await theatre.say(turn, LONG)
    theatre.die_unwritten()
    again = await theatre.say(replace(turn, state=TurnState.RECORDED, text=LONG), LONG)
    assert again == ids
    assert tuple(one.id for one in theatre.said(theatre.inn.lobby.id)) == ids
    assert theatre.record.chunks[turn.id] == dict(enumerate(ids))


async def test_what_was_begun_is_found_under_many_later_messages(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    turn = theatre.asked(inn.lobby)
    (first,) = await theatre.say(turn, "Good evening.")
    theatre.die_unwritten()
    for number in range(120):
        world.say(inn.bob, inn.lobby, f"line {number}")
    again = replace(turn, state=TurnState.RECORDED, text="Good evening.")
    assert await theatre.say(again, "Good evening.") == (first,)
    assert theatre.texts(inn.lobby) == ["Good evening."]


async def test_what_a_turn_began_that_had_long_waited_is_found(theatre: Theatre):
    world, inn = theatre.server.world, theatre.inn
    turn = theatre.asked(inn.lobby)
    for number in range(230):
        world.say(inn.bob, inn.lobby, f"line {number}")
    (first,) = await theatre.say(turn, "Good evening.")
    theatre.die_unwritten()
    again = replace(turn, state=TurnState.RECORDED, text="Good evening.")
    assert await theatre.say(again, "Good evening.") == (first,)
    assert len(theatre.said(inn.lobby.id)) == 1


async def test_a_streamed_message_that_was_not_recorded_is_found_and_finished(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("```py\nx = 1")
        first = await theatre.shown(turn)
    theatre.die_unwritten()
    text = "```py\nx = 1\ny = 2\n```"
    ids = await theatre.say(replace(turn, state=TurnState.RECORDED, text=text), text)
    assert ids == (first.id,)
    assert theatre.texts(theatre.inn.lobby) == [text]


async def test_a_message_that_was_found_is_on_record_before_another_follows_it(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("A first try")
        first = await theatre.shown(turn)
    theatre.die_unwritten()
    # A process that dies now leaves a record in which no chunk is missing before another.
    async with theatre.stage.deliver(replace(turn, state=TurnState.RUNNING), MIRA) as delivery:
        delivery.show(LONG)
        await theatre.server.wait_for(lambda _: 1 in theatre.record.chunks.get(turn.id, {}))
        assert theatre.record.chunks[turn.id][0] == first.id


async def test_a_turn_that_is_thought_again_goes_on_in_its_old_message(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("A first try")
        first = await theatre.shown(turn)
    rerun = replace(turn, state=TurnState.RUNNING, chunks=(first.id,))
    assert await theatre.say(rerun, "Another", "Another try.") == (first.id,)
    assert theatre.texts(theatre.inn.lobby) == ["Another try."]


async def test_all_that_a_turn_said_whose_record_is_lost_becomes_its_answer(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    first, *rest = await theatre.say(turn, LONG)
    assert rest
    theatre.die_unwritten()
    rerun = replace(turn, state=TurnState.RUNNING)
    assert await theatre.say(rerun, "Another answer.") == (first,)
    assert theatre.texts(theatre.inn.lobby) == ["Another answer."]


async def test_the_end_of_an_answer_whose_record_is_lost_is_not_said_again(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    ids = await theatre.say(turn, LONG)
    theatre.die_unwritten()
    rerun = replace(turn, state=TurnState.RUNNING, chunks=ids[:1])
    assert await theatre.say(rerun, LONG) == ids
    assert tuple(one.id for one in theatre.said(theatre.inn.lobby.id)) == ids


async def test_what_a_gone_webhook_began_is_finished_and_not_said_again(theatre: Theatre):
    world, lobby = theatre.server.world, theatre.inn.lobby
    world.permit(lobby, theatre.inn.application.user.id, allow=Permission.MANAGE_MESSAGES)
    turn = theatre.asked(lobby)
    await theatre.say(turn, "A first try.")
    theatre.die_unwritten()
    world.webhooks.clear()
    await theatre.stage.webhooks_changed(lobby.id)
    rerun = replace(turn, state=TurnState.RUNNING)
    await theatre.say(rerun, "Another answer.")
    assert theatre.texts(lobby) == ["Another answer."]


async def test_an_answer_whose_record_still_waits_is_no_others_beginning(theatre: Theatre):
    turn = theatre.asked(theatre.inn.lobby)
    other = theatre.asked(theatre.inn.lobby)
    await theatre.say(turn, "One.")
    theatre.record.forget()
    await theatre.say(replace(other, state=TurnState.RUNNING), "Another.")
    assert [text.splitlines()[-1] for text in theatre.texts(theatre.inn.lobby)] == [
        *("One.", "Another.")
    ]


async def test_without_its_record_nothing_that_was_begun_goes_on(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
):
    turn = theatre.asked(theatre.inn.lobby)
    (first,) = await theatre.say(turn, "One.")
    authors, tried = theatre.record.authors, asyncio.Event()

    async def away_once(message_ids):
        if not tried.is_set():
            tried.set()
            raise StoreUnavailableError("away")
        return await authors(message_ids)

    monkeypatch.setattr(theatre.record, "authors", away_once)
    other = replace(theatre.asked(theatre.inn.lobby), state=TurnState.RUNNING, trigger=turn.trigger)
    theatre.stage._lanes = Lanes()
    assert await theatre.say(other, "Another.") != (first,)
    assert tried.is_set()
    assert [text.splitlines()[-1] for text in theatre.texts(theatre.inn.lobby)] == [
        *("One.", "Another.")
    ]


async def test_a_beginning_that_can_only_be_said_anew_takes_the_rest_with_it(theatre: Theatre):
    world, lobby = theatre.server.world, theatre.inn.lobby
    world.permit(lobby, theatre.inn.application.user.id, allow=Permission.MANAGE_MESSAGES)
    turn = theatre.asked(lobby)
    ids = await theatre.say(turn, LONG)
    assert len(ids) > 2
    shown = theatre.texts(lobby)
    world.webhooks.clear()
    await theatre.stage.webhooks_changed(lobby.id)
    changed = replace(turn, state=TurnState.RECORDED, text=LONG, chunks=ids)
    again = await theatre.say(changed, LONG.replace("0. The road", "0. The path", 1))
    assert theatre.texts(lobby) == [shown[0].replace("road", "path", 1), *shown[1:]]
    assert tuple(one.id for one in theatre.said(lobby.id)) == again
    assert theatre.record.chunks[turn.id] == dict(enumerate(again))


@pytest.mark.parametrize("state", [TurnState.RECORDED, TurnState.RUNNING])
@pytest.mark.parametrize("taken_first", [True, False])
@pytest.mark.parametrize(("words", "between"), [(LONG, "\n"), (WIDE, " ")])
async def test_what_was_begun_in_another_voice_is_finished_and_not_said_again(
    theatre: Theatre, state: TurnState, taken_first: bool, words: str, between: str
):
    turn = theatre.asked(theatre.inn.lobby)
    await let_webhooks(theatre, taken=taken_first)
    await theatre.say(turn, words)
    theatre.die_unwritten()
    await let_webhooks(theatre, taken=not taken_first)
    text = words if state is TurnState.RECORDED else None
    ids = await theatre.say(replace(turn, state=state, text=text), words)
    assert tuple(one.id for one in theatre.said(theatre.inn.lobby.id)) == ids
    bare = [one.removeprefix("**Mira**\n") for one in theatre.texts(theatre.inn.lobby)]
    assert between.join(bare) == words.strip()


async def let_webhooks(theatre: Theatre, *, taken: bool) -> None:
    """Have the bot lose the right to webhooks, or have it."""
    inn = theatre.inn
    denied = int(Permission.MANAGE_WEBHOOKS) if taken else 0
    theatre.server.world.permit(inn.lobby, inn.application.user.id, deny=denied)
    await theatre.stage.webhooks_changed(inn.lobby.id)


async def test_what_a_dead_process_began_is_not_heard_before_it_is_whole(theatre: Theatre):
    turn, room = theatre.asked(theatre.inn.lobby), theatre.room(theatre.inn.lobby)
    ids = await theatre.say(turn, LONG)
    theatre.die_unwritten()
    assert await theatre.stage.history(room, after=turn.trigger) == []
    assert await theatre.say(replace(turn, state=TurnState.RECORDED, text=LONG), LONG) == ids
    (heard,) = await theatre.stage.history(room, after=turn.trigger)
    assert heard.text.split() == LONG.split()


async def test_what_was_begun_is_looked_for_until_it_may_be_seen(theatre: Theatre):
    inn, world = theatre.inn, theatre.server.world
    turn, room = theatre.asked(inn.lobby), theatre.room(inn.lobby)
    ids = await theatre.say(turn, LONG)
    theatre.die_unwritten()
    world.permit(inn.lobby, inn.application.user.id, deny=int(Permission.READ_MESSAGE_HISTORY))
    with pytest.raises(NotPermittedError, match="Read Message History"):
        await theatre.stage.history(room)
    again = replace(turn, state=TurnState.RECORDED, text=LONG)
    async with asyncio.TaskGroup() as both:
        said = both.create_task(theatre.say(again, LONG))
        before = len(theatre.server.record.requests)
        await theatre.server.wait_for(lambda _: refused(theatre, before))
        world.permit(inn.lobby, inn.application.user.id)
    assert said.result() == ids
    assert tuple(one.id for one in theatre.said(inn.lobby.id)) == ids


def refused(theatre: Theatre, before: int) -> bool:
    """Whether a request since then was not permitted."""
    return any(one.status == 403 for one in theatre.server.record.requests[before:])


@pytest.mark.parametrize("removed", [True, False])
@pytest.mark.parametrize("state", [TurnState.RECORDED, TurnState.RUNNING])
async def test_a_beginning_that_was_said_anew_on_no_record_takes_the_place_of_the_old_one(
    theatre: Theatre, state: TurnState, removed: bool
):
    world, lobby = theatre.server.world, theatre.inn.lobby
    world.permit(lobby, theatre.inn.application.user.id, allow=Permission.MANAGE_MESSAGES)
    turn = theatre.asked(lobby)
    (old,) = await theatre.say(turn, "1. The road")
    world.webhooks.clear()
    await theatre.stage.webhooks_changed(lobby.id)
    anew, *rest = await theatre.say(turn, LONG)
    for message_id in rest:
        world.delete(world.message(lobby, message_id))
    # The process died before that was on record, and perhaps before the old one was removed.
    theatre.die_unwritten()
    if removed:
        world.delete(world.message(lobby, old))
    left = replace(turn, state=state, text=LONG if state is TurnState.RECORDED else None)
    again = await theatre.say(replace(left, chunks=(old,)), LONG)
    assert again[0] == anew
    assert tuple(one.id for one in theatre.said(lobby.id)) == again
    assert "".join(theatre.texts(lobby)).count("The road goes") == LONG.count("The road goes")


async def test_what_was_said_anew_is_removed_though_a_second_process_dies_before(theatre: Theatre):
    world, lobby = theatre.server.world, theatre.inn.lobby
    world.permit(lobby, theatre.inn.application.user.id, allow=Permission.MANAGE_MESSAGES)
    turn = theatre.asked(lobby)
    (old,) = await theatre.say(turn, "1. The road")
    world.webhooks.clear()
    await theatre.stage.webhooks_changed(lobby.id)
    (anew,) = await theatre.say(turn, "1. The road goes")
    # The first process died after it had sent the text anew, and recorded the old message alone.
    theatre.die_unwritten()
    await theatre.record.chunk(turn, 0, old)
    rerun = replace(turn, state=TurnState.RUNNING, chunks=(old,))
    async with theatre.stage.deliver(rerun, MIRA) as delivery:
        delivery.show("1. The road goes ever")
        await theatre.server.wait_for(lambda _: theatre.texts(lobby)[-1].endswith("ever"))
    theatre.stage._lanes = Lanes()
    recorded = tuple(one for _, one in sorted(theatre.record.chunks[turn.id].items()))
    text = "1. The road goes ever on."
    left = replace(turn, state=TurnState.RECORDED, text=text, chunks=recorded)
    assert await theatre.say(left, text) == (anew,)
    assert [one.id for one in theatre.said(lobby.id)] == [anew]


async def test_an_answer_that_a_person_deleted_meanwhile_is_not_said_again(theatre: Theatre):
    world, lobby = theatre.server.world, theatre.inn.lobby
    turn = theatre.asked(lobby)
    ids = await theatre.say(turn, LONG)
    for message_id in (ids[0], *ids[2:]):
        world.delete(world.message(lobby, message_id))
    theatre.die_unwritten()
    left = replace(turn, state=TurnState.RECORDED, text=LONG, chunks=ids[:1])
    await theatre.say(left, LONG)
    assert len(theatre.said(lobby.id)) == 1
