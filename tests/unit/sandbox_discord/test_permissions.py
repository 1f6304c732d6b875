"""Who may do what: roles, overwrites, threads, time-outs."""

from __future__ import annotations

from sandbox.discord import Permission, World
from sandbox.discord.world import guilds
from sandbox.discord.world.permissions import EVERYTHING

SEND = int(Permission.SEND_MESSAGES)
VIEW = int(Permission.VIEW_CHANNEL)


def test_the_owner_may_everything_whatever_is_denied() -> None:
    world = World()
    ada = world.add_user("ada")
    guild = world.add_guild("Inn", ada)
    lobby = world.add_channel(guild, "lobby")
    world.permit(lobby, ada.id, deny=VIEW)
    assert world.permissions(ada.id, lobby) == EVERYTHING


def test_a_members_own_overwrite_wins_over_its_roles_and_those_over_everyones() -> None:
    world = World()
    bob = world.add_user("bob")
    guild = world.add_guild("Inn", world.add_user("ada"))
    lobby = world.add_channel(guild, "lobby")
    role = guilds.add_role(world, guild, {"name": "guest"})
    world.add_member(guild, bob, role.id)
    world.permit(lobby, guild.id, deny=SEND)
    assert not world.permissions(bob.id, lobby) & SEND
    world.permit(lobby, role.id, allow=SEND)
    assert world.permissions(bob.id, lobby) & SEND
    world.permit(lobby, bob.id, deny=SEND)
    assert not world.permissions(bob.id, lobby) & SEND


def test_who_cannot_see_a_channel_may_do_nothing_there_nor_in_its_threads() -> None:
    world = World()
    ada, bob = world.add_user("ada"), world.add_user("bob")
    guild = world.add_guild("Inn", ada)
    lobby = world.add_channel(guild, "lobby")
    world.add_member(guild, bob)
    thread = world.start_thread(ada, lobby, "apart")
    assert world.can_see(bob.id, thread)
    world.permit(lobby, guild.id, deny=VIEW)
    assert world.permissions(bob.id, lobby) == 0
    assert world.permissions(bob.id, thread) == 0


def test_a_timed_out_member_only_reads() -> None:
    world = World()
    bob = world.add_user("bob")
    guild = world.add_guild("Inn", world.add_user("ada"))
    lobby = world.add_channel(guild, "lobby")
    member = world.add_member(guild, bob)
    member.timed_out_until = world.clock() + 60
    assert world.permissions(bob.id, lobby) & VIEW
    assert not world.permissions(bob.id, lobby) & SEND


def test_a_stranger_may_nothing() -> None:
    world = World()
    guild = world.add_guild("Inn", world.add_user("ada"))
    lobby = world.add_channel(guild, "lobby")
    assert world.permissions(world.add_user("eve").id, lobby) == 0
