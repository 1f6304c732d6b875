"""Routes of application commands, and of the list that people choose from."""

from __future__ import annotations

from sandbox.discord.rest.call import EMPTY, Call, Reply
from sandbox.discord.rest.router import Routes
from sandbox.discord.world import commands, errors, payloads
from sandbox.discord.world.model import Application, Command, Json
from sandbox.discord.world.permissions import in_guild

routes = Routes()

_SCOPES = (
    "/applications/{application_id}/commands",
    "/applications/{application_id}/guilds/{guild_id}/commands",
)


def _scope(call: Call) -> tuple[Application, int | None]:
    application = call.application()
    if "guild_id" not in call.params:
        return application, None
    return application, call.guild().id


def _all(call: Call) -> object:
    """The commands of a scope."""
    return [payloads.command(one) for one in commands.scoped(*_scope(call))]


def _create(call: Call) -> object:
    """Add a command, or replace the one of that name."""
    application, guild_id = _scope(call)
    made, new = commands.register(call.world, application, guild_id, call.fields)
    return Reply(201 if new else 200, payloads.command(made))


def _overwrite(call: Call) -> object:
    """Replace a whole scope."""
    application, guild_id = _scope(call)
    if not isinstance(call.body, list):
        raise errors.invalid("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    made = commands.overwrite(call.world, application, guild_id, call.body)
    return [payloads.command(one) for one in made]


def _found(call: Call) -> Command:
    application, guild_id = _scope(call)
    return commands.find(application, guild_id, call.id("command_id"))


def _one(call: Call) -> object:
    """One command."""
    return payloads.command(_found(call))


def _edit(call: Call) -> object:
    """Change a command."""
    command = _found(call)
    commands.edit(call.world, command, call.fields)
    return payloads.command(command)


def _delete(call: Call) -> object:
    """Remove a command."""
    del call.application().commands[_found(call).id]
    return EMPTY


@routes.get("/applications/{application_id}/guilds/{guild_id}/commands/permissions")
def permissions(call: Call) -> object:
    """What a guild has set under *Integrations*."""
    application, guild_id = call.application(), call.guild().id
    return [
        {
            "id": str(target),
            "application_id": str(application.id),
            "guild_id": str(guild_id),
            "permissions": rows,
        }
        for target, rows in application.command_permissions.get(guild_id, {}).items()
    ]


for _path in _SCOPES:
    routes.get(_path)(_all)
    routes.post(_path)(_create)
    routes.put(_path)(_overwrite)
    routes.get(_path + "/{command_id}")(_one)
    routes.patch(_path + "/{command_id}")(_edit)
    routes.delete(_path + "/{command_id}")(_delete)


@routes.get("/guilds/{guild_id}/application-command-index")
def index(call: Call) -> object:
    """What a person can run in a guild, as Discord's own client asks for it."""
    guild = call.guild()
    bits = in_guild(guild, guild.members[call.user.id])
    inside = [one for one in call.world.applications.values() if one.user.id in guild.members]
    return _index(inside, guild.id, bits)


@routes.get("/channels/{channel_id}/application-command-index")
def direct_index(call: Call) -> object:
    """The same for one channel or DM."""
    channel = call.channel()
    bits = call.world.permissions(call.user.id, channel)
    guild = call.world.guild_of(channel)
    known = guild.members if guild else {one.id for one in channel.recipients}
    inside = [one for one in call.world.applications.values() if one.user.id in known]
    return _index(inside, channel.guild_id, bits)


def _index(applications: list[Application], guild_id: int | None, bits: int) -> Json:
    return {
        "applications": [
            {"id": str(one.id), "name": one.name, "bot": payloads.user(one.user)}
            for one in applications
        ],
        "application_commands": [
            payloads.command(command)
            for one in applications
            for command in one.commands.values()
            if commands.usable(command, guild_id, bits)
        ],
        "version": str(
            max((c.version for a in applications for c in a.commands.values()), default=0)
        ),
    }
