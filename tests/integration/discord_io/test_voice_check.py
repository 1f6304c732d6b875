"""Where the bot can say nothing is known by what the gateway told, without asking for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.room import Room
from bot.errors import (
    DeliveryError,
    NotAMemberError,
    NotPermittedError,
    RoomGoneError,
    ThreadClosedError,
)
from sandbox.discord.world import channels, guilds
from sandbox.discord.world.model import Channel
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.threads import set_archived
from tests.fixtures_stage import Theatre


async def muted(theatre: Theatre, room: Room) -> type[DeliveryError] | None:
    try:
        await theatre.stage.require_voice(room)
    except DeliveryError as mute:
        return type(mute)
    return None


async def becomes(
    theatre: Theatre, room: Room, kind: type[DeliveryError] | None, known: Callable[[], object]
) -> None:
    """Once the client `known`s of it, the place is judged so, and nobody was asked."""
    await theatre.server.wait_for(lambda _: known())
    before = len(theatre.server.record.requests)
    assert await muted(theatre, room) is kind
    assert len(theatre.server.record.requests) == before


def thread_of(theatre: Theatre) -> Channel:
    return theatre.server.world.start_thread(theatre.inn.ada, theatre.inn.lobby, "a corner")


async def test_a_known_place_is_open_until_the_bot_may_not_speak_there(theatre: Theatre) -> None:
    inn, world = theatre.inn, theatre.server.world
    room = theatre.room(inn.lobby)
    await becomes(theatre, room, None, lambda: True)
    for denied in (Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL):
        theatre.heard.rights.clear()
        world.permit(inn.lobby, inn.application.user.id, deny=denied)
        await becomes(theatre, room, NotPermittedError, lambda: theatre.heard.rights)
    theatre.heard.rights.clear()
    world.permit(inn.lobby, inn.application.user.id)
    await becomes(theatre, room, None, lambda: theatre.heard.rights)


async def test_in_a_thread_its_own_right_and_its_lock_count(theatre: Theatre) -> None:
    inn, world = theatre.inn, theatre.server.world
    thread = thread_of(theatre)
    room, bot = theatre.room(thread), inn.application.user.id

    def cached() -> object:
        return theatre.client.get_channel(thread.id)

    world.permit(inn.lobby, bot, deny=Permission.SEND_MESSAGES)
    await becomes(theatre, room, None, lambda: cached() and theatre.heard.rights)
    theatre.heard.rights.clear()
    world.permit(inn.lobby, bot, deny=Permission.SEND_MESSAGES_IN_THREADS)
    await becomes(theatre, room, NotPermittedError, lambda: theatre.heard.rights)
    theatre.heard.rights.clear()
    world.permit(inn.lobby, bot, deny=Permission.MANAGE_THREADS)
    set_archived(world, thread, archived=False, locked=True)
    await becomes(
        theatre,
        room,
        ThreadClosedError,
        lambda: theatre.heard.rights and getattr(cached(), "locked", False),
    )


@pytest.mark.parametrize("locked", [True, False])
async def test_an_archived_thread_is_looked_at_and_is_closed_when_it_is_locked(
    theatre: Theatre, *, locked: bool
) -> None:
    inn, world = theatre.inn, theatre.server.world
    thread = thread_of(theatre)
    world.permit(inn.lobby, inn.application.user.id, deny=Permission.MANAGE_THREADS)
    set_archived(world, thread, archived=True, locked=locked)
    await theatre.server.wait_for(
        lambda _: theatre.heard.rights and theatre.client.get_channel(thread.id) is None
    )
    assert await muted(theatre, theatre.room(thread)) is (ThreadClosedError if locked else None)


async def test_a_place_that_is_gone_is_gone(theatre: Theatre) -> None:
    inn, world = theatre.inn, theatre.server.world
    room = theatre.room(inn.lobby)
    channels.delete(world, inn.lobby)
    await theatre.server.wait_for(lambda _: theatre.heard.gone)
    assert await muted(theatre, room) is RoomGoneError


async def test_in_a_server_that_the_bot_left_there_is_no_voice(theatre: Theatre) -> None:
    inn, world = theatre.inn, theatre.server.world
    room = theatre.room(inn.lobby)
    await becomes(theatre, replace(room, guild_id=1), NotAMemberError, lambda: True)
    guilds.leave(world, inn.guild, inn.application.user.id)
    await becomes(theatre, room, NotAMemberError, lambda: theatre.heard.gone)


async def test_a_direct_talk_is_open_to_both_sides(theatre: Theatre) -> None:
    direct = theatre.server.world.direct(theatre.inn.ada, theatre.inn.application.user)
    await becomes(theatre, theatre.room(direct), None, lambda: True)
