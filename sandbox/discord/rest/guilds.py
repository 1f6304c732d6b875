"""Routes of guilds: themselves, members, roles."""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call, Reply
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import bodies, channels, guilds, payloads
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Guild
from sandbox.discord.world.permissions import Permission

routes = Routes()


def _managed(call: Call, *needed: Permission) -> Guild:
    guild = call.guild()
    call.world.require_in_guild(call.user.id, guild, *needed)
    return guild


@routes.get("/guilds/{guild_id}")
def one(call: Call) -> object:
    """A guild."""
    guild = call.guild()
    shown = payloads.guild(guild)
    if call.truth("with_counts"):
        shown["approximate_member_count"] = len(guild.members)
        shown["approximate_presence_count"] = len(guild.members)
    return shown


@routes.patch("/guilds/{guild_id}")
def edit(call: Call) -> object:
    """Rename a guild."""
    guild = _managed(call, Permission.MANAGE_GUILD)
    if call.fields.get("name") is not None:
        guild.name = bodies.check_name("name", call.fields["name"])
    call.world.emit(Event("GUILD_UPDATE", payloads.guild(guild), guild.id))
    return payloads.guild(guild)


@routes.get("/guilds/{guild_id}/channels")
def its_channels(call: Call) -> object:
    """A guild's channels, without threads."""
    return [payloads.channel(one) for one in call.guild().channels.values()]


@routes.post("/guilds/{guild_id}/channels")
def add_channel(call: Call) -> object:
    """Make a channel."""
    guild = _managed(call, Permission.MANAGE_CHANNELS)
    return Reply(201, payloads.channel(channels.create(call.world, guild, call.fields)))


@routes.get("/guilds/{guild_id}/members")
def members(call: Call) -> object:
    """A page of members by id."""
    after = call.asked_id("after") or 0
    guild = call.guild()
    ids = sorted(each for each in guild.members if each > after)
    return [payloads.member(guild.members[each]) for each in ids[: call.limit(1, 1000)]]


@routes.get("/guilds/{guild_id}/members/search")
def search_members(call: Call) -> object:
    """Members whose name begins so."""
    wanted = call.query.get("query", "").lower()
    found = [
        payloads.member(each)
        for each in call.guild().members.values()
        if (each.nick or each.user.username).lower().startswith(wanted)
    ]
    return found[: call.limit(1, 1000)]


@routes.get("/guilds/{guild_id}/members/{user_id}")
def one_member(call: Call) -> object:
    """One member."""
    return payloads.member(call.world.member(call.guild(), call.id("user_id")))


@routes.patch("/guilds/{guild_id}/members/@me")
def edit_own_member(call: Call) -> object:
    """Change one's own nickname."""
    guild = call.guild()
    member = call.world.member(guild, call.user.id)
    guilds.edit_member(call.world, guild, member, {"nick": call.fields.get("nick")})
    return payloads.member(member)


@routes.patch("/guilds/{guild_id}/members/{user_id}")
def edit_member(call: Call) -> object:
    """Change a member's nickname, roles or time-out."""
    needed = {
        "nick": Permission.MANAGE_NICKNAMES,
        "roles": Permission.MANAGE_ROLES,
        "communication_disabled_until": Permission.MODERATE_MEMBERS,
    }
    guild = _managed(call, *(bit for key, bit in needed.items() if key in call.fields))
    member = call.world.member(guild, call.id("user_id"))
    guilds.edit_member(call.world, guild, member, call.fields)
    return payloads.member(member)


@routes.delete("/guilds/{guild_id}/members/{user_id}")
def kick(call: Call) -> object:
    """Remove a member."""
    guilds.leave(call.world, _managed(call, Permission.KICK_MEMBERS), call.id("user_id"))
    return EMPTY


@routes.put("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
def give_role(call: Call) -> object:
    """Give a member a role."""
    guild = _managed(call, Permission.MANAGE_ROLES)
    member = call.world.member(guild, call.id("user_id"))
    role = guilds.role_of(guild, call.id("role_id"))
    if role.id not in member.roles:
        fields = {"roles": [*member.roles, role.id]}
        guilds.edit_member(call.world, guild, member, fields)
    return EMPTY


@routes.delete("/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
def take_role(call: Call) -> object:
    """Take a role from a member."""
    guild = _managed(call, Permission.MANAGE_ROLES)
    member = call.world.member(guild, call.id("user_id"))
    left = [each for each in member.roles if each != call.id("role_id")]
    guilds.edit_member(call.world, guild, member, {"roles": left})
    return EMPTY


@routes.get("/guilds/{guild_id}/roles")
def its_roles(call: Call) -> object:
    """A guild's roles."""
    return [payloads.role(each) for each in call.guild().roles.values()]


@routes.post("/guilds/{guild_id}/roles")
def add_role(call: Call) -> object:
    """Make a role."""
    guild = _managed(call, Permission.MANAGE_ROLES)
    return payloads.role(guilds.add_role(call.world, guild, call.fields))


@routes.get("/guilds/{guild_id}/roles/{role_id}")
def one_role(call: Call) -> object:
    """One role."""
    return payloads.role(guilds.role_of(call.guild(), call.id("role_id")))


@routes.patch("/guilds/{guild_id}/roles/{role_id}")
def edit_role(call: Call) -> object:
    """Change a role."""
    guild = _managed(call, Permission.MANAGE_ROLES)
    role = guilds.role_of(guild, call.id("role_id"))
    guilds.edit_role(call.world, guild, role, call.fields)
    return payloads.role(role)


@routes.delete("/guilds/{guild_id}/roles/{role_id}")
def delete_role(call: Call) -> object:
    """Delete a role."""
    guild = _managed(call, Permission.MANAGE_ROLES)
    guilds.delete_role(call.world, guild, guilds.role_of(guild, call.id("role_id")))
    return EMPTY


@routes.get("/guilds/{guild_id}/threads/active")
def active_threads(call: Call) -> object:
    """The open threads that the caller sees."""
    world, viewer = call.world, call.user.id
    seen = [
        each
        for each in call.guild().threads.values()
        if each.thread and not each.thread.archived and world.can_see(viewer, each)
    ]
    mine = [each for each in seen if each.thread and viewer in each.thread.members]
    return {
        "threads": [payloads.channel(each) for each in seen],
        "members": [payloads.thread_member(each, viewer) for each in mine],
        "has_more": False,
    }


@routes.get("/guilds/{guild_id}/emojis")
def emojis(call: Call) -> object:
    """A guild's own emoji."""
    return call.guild().emojis


@routes.get("/guilds/{guild_id}/webhooks")
def its_webhooks(call: Call) -> object:
    """A guild's webhooks."""
    guild = _managed(call, Permission.MANAGE_WEBHOOKS)
    return [
        payloads.webhook(each, token=payloads.token_visible(each, call.user, 1 << 29))
        for each in call.world.webhooks.values()
        if each.guild_id == guild.id
    ]
