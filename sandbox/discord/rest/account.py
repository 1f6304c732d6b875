"""Routes about the caller itself: gateway, users, applications, direct messages."""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import channels, errors, guilds, payloads, pictures

routes = Routes()


@routes.get("/gateway")
def gateway(call: Call) -> object:
    """Where the gateway is."""
    return {"url": call.gateway_url}


@routes.get("/gateway/bot")
def gateway_bot(call: Call) -> object:
    """The same for a bot, with shards and the budget of new sessions."""
    if not call.user.bot:
        raise errors.only_bots()
    budget = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    return {"url": call.gateway_url, "shards": 1, "session_start_limit": budget}


@routes.get("/users/@me")
def me(call: Call) -> object:
    """The caller."""
    return payloads.own_user(call.user)


@routes.patch("/users/@me")
def edit_me(call: Call) -> object:
    """Rename or repaint the caller."""
    if call.fields.get("username"):
        call.user.username = str(call.fields["username"])
    if "avatar" in call.fields:
        call.user.avatar = pictures.upload(call.world, call.fields["avatar"])
    return payloads.own_user(call.user)


@routes.get("/users/{user_id}")
def one_user(call: Call) -> object:
    """Any account."""
    user = call.world.users.get(call.id("user_id"))
    if user is None:
        raise errors.unknown("User")
    return payloads.user(user)


@routes.get("/users/@me/guilds")
def my_guilds(call: Call) -> object:
    """The caller's guilds."""
    return [
        payloads.partial_guild(guild, guild.members[call.user.id])
        for guild in call.world.guilds.values()
        if call.user.id in guild.members
    ]


@routes.delete("/users/@me/guilds/{guild_id}")
def leave_guild(call: Call) -> object:
    """Leave a guild."""
    guilds.leave(call.world, call.guild(), call.user.id)
    return EMPTY


@routes.post("/users/@me/channels")
def open_direct(call: Call) -> object:
    """Open the DM with someone; 50007 between two bots."""
    raw = call.fields.get("recipient_id")
    if raw is None:
        raise errors.required("recipient_id")
    other = call.world.users.get(int(raw))
    if other is None:
        raise errors.unknown("User")
    if other.id == call.user.id or (other.bot and call.user.bot):
        raise errors.ApiError(403, 50007, "Cannot send messages to this user")
    channel = channels.direct(call.world, call.user, other)
    return channels.direct_payload(channel, call.user.id)


@routes.get("/applications/@me")
def my_application(call: Call) -> object:
    """The caller's application, with the flags of its privileged intents."""
    application = call.world.application_of(call.user)
    if application is None:
        raise errors.only_bots()
    return payloads.application(application)


routes.get("/oauth2/applications/@me")(my_application)
