"""Guilds: members and roles come, change and go."""

from __future__ import annotations

from datetime import datetime

from sandbox.discord.world import errors, payloads
from sandbox.discord.world.bodies import check_name
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Guild, Json, Member, Role, User
from sandbox.discord.world.permissions import EVERYONE_DEFAULT
from sandbox.discord.world.state import State


def create(state: State, name: str, owner: User, own_id: int | None = None) -> Guild:
    """A guild with @everyone as Discord makes it and its owner inside."""
    guild = Guild(own_id or state.ids.next(), name, owner.id)
    guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE_DEFAULT, position=0)
    guild.members[owner.id] = Member(owner, state.now())
    state.guilds[guild.id] = guild
    tell_created(state, guild, owner.id)
    return guild


def tell_created(state: State, guild: Guild, user_id: int) -> None:
    """Tell one account that it is in this guild now."""
    data = payloads.guild_create(state, guild, user_id, all_members=True)
    # Without the member a guild is new; with it, one of those that READY named (discord.py tells
    # `on_guild_join` from `on_guild_available` by that).
    del data["unavailable"]
    state.emit(Event("GUILD_CREATE", data, guild.id, only=frozenset({user_id})))


def join(state: State, guild: Guild, user: User, roles: list[int] | None = None) -> Member:
    """An account enters a guild. A bot with permissions gets a role of its own elsewhere."""
    member = Member(user, state.now(), roles or [])
    guild.members[user.id] = member
    tell_created(state, guild, user.id)
    data = payloads.member(member) | {"guild_id": str(guild.id)}
    state.emit(Event("GUILD_MEMBER_ADD", data, guild.id))
    return member


def leave(state: State, guild: Guild, user_id: int) -> None:
    """An account leaves or is removed."""
    member = state.member(guild, user_id)
    gone: Json = {"id": str(guild.id), "unavailable": False}
    state.emit(Event("GUILD_DELETE", gone, guild.id, only=frozenset({user_id})))
    del guild.members[user_id]
    data = {"guild_id": str(guild.id), "user": payloads.user(member.user)}
    state.emit(Event("GUILD_MEMBER_REMOVE", data, guild.id))


def edit_member(state: State, guild: Guild, member: Member, fields: Json) -> None:
    """Change nickname, roles or time-out."""
    if "nick" in fields:
        member.nick = fields["nick"] or None
    if fields.get("roles") is not None:
        member.roles = [int(each) for each in fields["roles"]]
    if "communication_disabled_until" in fields:
        raw = fields["communication_disabled_until"]
        member.timed_out_until = None if raw is None else datetime.fromisoformat(raw).timestamp()
    data = payloads.member(member) | {"guild_id": str(guild.id)}
    state.emit(Event("GUILD_MEMBER_UPDATE", data, guild.id))


def add_role(state: State, guild: Guild, fields: Json, bot_id: int | None = None) -> Role:
    """Make a role from the fields of a REST body."""
    role = Role(
        id=state.ids.next(),
        name=check_name("name", fields.get("name") or "new role"),
        permissions=int(fields.get("permissions") or guild.roles[guild.id].permissions),
        position=len(guild.roles),
        bot_id=bot_id,
    )
    guild.roles[role.id] = role
    _set_role(role, fields)
    _tell_role(state, "GUILD_ROLE_CREATE", guild, role)
    return role


def edit_role(state: State, guild: Guild, role: Role, fields: Json) -> None:
    """Change a role by the fields of a REST body."""
    if fields.get("name") is not None:
        role.name = check_name("name", fields["name"])
    if fields.get("permissions") is not None:
        role.permissions = int(fields["permissions"])
    _set_role(role, fields)
    _tell_role(state, "GUILD_ROLE_UPDATE", guild, role)


def delete_role(state: State, guild: Guild, role: Role) -> None:
    """Delete a role and take it from everyone."""
    if role.id == guild.id:
        raise errors.ApiError(400, 50028, "Invalid role")
    del guild.roles[role.id]
    for member in guild.members.values():
        if role.id in member.roles:
            member.roles.remove(role.id)
    data = {"guild_id": str(guild.id), "role_id": str(role.id)}
    state.emit(Event("GUILD_ROLE_DELETE", data, guild.id))


def _set_role(role: Role, fields: Json) -> None:
    role.color = int(fields.get("color") or role.color)
    role.hoist = bool(fields.get("hoist", role.hoist))
    role.mentionable = bool(fields.get("mentionable", role.mentionable))


def _tell_role(state: State, name: str, guild: Guild, role: Role) -> None:
    data = {"guild_id": str(guild.id), "role": payloads.role(role)}
    state.emit(Event(name, data, guild.id))


def role_of(guild: Guild, role_id: int) -> Role:
    """The role, or 10011."""
    role = guild.roles.get(role_id)
    if role is None:
        raise errors.unknown("Role")
    return role
