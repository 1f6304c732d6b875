"""Our webhook is moved or deleted: what is said here is read here, and only here."""

from __future__ import annotations

from typing import Any

import pytest

from bot.discord_io.webhook_api import Hook
from sandbox.discord.world.model import Channel
from tests.fixtures_stage import MIRA, Theatre


@pytest.fixture
def elsewhere(theatre: Theatre) -> Channel:
    return theatre.server.world.add_channel(theatre.inn.guild, "elsewhere")


def move(theatre: Theatre, channel: Channel) -> None:
    """Move every webhook there, without a word: the event may be lost, or come too late."""
    for hook in theatre.server.world.webhooks.values():
        hook.channel_id = channel.id


async def test_an_answer_is_said_in_its_own_room_and_taken_back_elsewhere(
    theatre: Theatre, elsewhere: Channel
):
    await theatre.say(theatre.asked(theatre.inn.lobby), "One.")
    move(theatre, elsewhere)
    turn = theatre.asked(theatre.inn.lobby)
    (shown,) = await theatre.say(turn, "Two, in confidence.")
    assert theatre.texts(theatre.inn.lobby) == ["One.", "Two, in confidence."]
    assert theatre.said(elsewhere.id) == []
    assert theatre.record.chunks[turn.id] == {0: shown}
    await theatre.say(theatre.asked(theatre.inn.lobby), "Three.")
    assert theatre.texts(theatre.inn.lobby)[-1] == "Three."
    kept = theatre.memory.kept[theatre.inn.lobby.id]
    assert theatre.server.world.webhooks[kept.id].channel_id == theatre.inn.lobby.id


async def test_an_answer_goes_on_when_its_webhook_is_moved_in_the_middle(
    theatre: Theatre, elsewhere: Channel
):
    turn = theatre.asked(theatre.inn.lobby)
    async with theatre.stage.deliver(turn, MIRA) as delivery:
        delivery.show("Good")
        await theatre.shown(turn)
        move(theatre, elsewhere)
        await delivery.finish("Good evening, traveller.")
    assert theatre.texts(theatre.inn.lobby)[-1] == "Good evening, traveller."
    assert theatre.said(elsewhere.id) == []


async def test_in_a_thread_a_moved_webhook_is_not_taken_for_a_thread_that_is_gone(
    theatre: Theatre, elsewhere: Channel
):
    thread = theatre.server.world.start_thread(theatre.inn.ada, theatre.inn.lobby, "Aside")
    await theatre.say(theatre.asked(thread), "One.")
    move(theatre, elsewhere)
    await theatre.say(theatre.asked(thread), "Two.")
    assert theatre.texts(thread) == ["One.", "Two."]
    assert theatre.said(elsewhere.id) == []


async def test_a_deleted_webhook_that_the_store_remembers_again_is_made_anew(theatre: Theatre):
    world, lobby = theatre.server.world, theatre.inn.lobby
    await theatre.say(theatre.asked(lobby), "One.")
    before = theatre.memory.kept[lobby.id]
    async with theatre.stage.deliver(theatre.asked(lobby), MIRA) as delivery:
        await delivery.opened()
        world.webhooks.clear()
        await theatre.stage.webhooks_changed(lobby.id)
        # The store was killed, and came back as it was before the webhook was dropped.
        theatre.memory.kept[lobby.id] = before
        await delivery.finish("Two.")
    assert theatre.texts(lobby) == ["One.", "Two."]
    assert list(world.webhooks) == [theatre.memory.kept[lobby.id].id]


@pytest.mark.parametrize("deletions", [2, 10])
async def test_webhooks_that_are_deleted_as_soon_as_they_are_made_cost_no_answer(
    theatre: Theatre, deletions: int
):
    world, lobby = theatre.server.world, theatre.inn.lobby
    await theatre.say(theatre.asked(lobby), "One.")
    left, made = deletions, theatre.bot.make_webhook

    async def made_and_deleted(*args: Any) -> Hook:
        nonlocal left
        hook = await made(*args)
        if left > 0:
            left -= 1
            world.webhooks.clear()
        return hook

    world.webhooks.clear()
    left -= 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(theatre.bot, "make_webhook", made_and_deleted)
        await theatre.say(theatre.asked(lobby), "Two.")
    assert theatre.texts(lobby)[-1].endswith("Two.")
