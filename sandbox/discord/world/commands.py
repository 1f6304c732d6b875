"""Application commands: registered, checked as Discord checks them, and found by their users."""

from __future__ import annotations

import re

from sandbox.discord.world import errors
from sandbox.discord.world.model import Application, Command, Json
from sandbox.discord.world.permissions import EVERYTHING
from sandbox.discord.world.state import State

_NAME = re.compile(r"[-_'\w]{1,32}")
_MOST = {1: 100, 2: 15, 3: 15}
_OPTIONS_MAX = 25
_NESTED = frozenset({1, 2})


def scoped(application: Application, guild_id: int | None) -> list[Command]:
    """The commands of one scope: a guild's, or the global ones."""
    return [one for one in application.commands.values() if one.guild_id == guild_id]


def find(application: Application, guild_id: int | None, command_id: int) -> Command:
    """The command in that scope, or 10063."""
    command = application.commands.get(command_id)
    if command is None or command.guild_id != guild_id:
        raise errors.unknown("application command")
    return command


def register(
    state: State, application: Application, guild_id: int | None, fields: Json
) -> tuple[Command, bool]:
    """Add a command, or replace the one of that name. The flag says whether it is new."""
    check(fields, "")
    wanted = str(fields["name"]), int(fields.get("type") or 1)
    for known in scoped(application, guild_id):
        if known.key == wanted:
            known.fields, known.version = fields, state.ids.next()
            return known, False
    made = Command(state.ids.next(), application.id, guild_id, fields, state.ids.next())
    application.commands[made.id] = made
    _check_count(application, guild_id)
    return made, True


def overwrite(
    state: State, application: Application, guild_id: int | None, bodies: list[Json]
) -> list[Command]:
    """Replace the whole scope; commands of the same name and kind keep their ids."""
    seen: set[tuple[str, int]] = set()
    for index, fields in enumerate(bodies):
        check(fields, f"{index}.")
        key = str(fields["name"]), int(fields.get("type") or 1)
        if key in seen:
            raise errors.invalid(
                str(index),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            )
        seen.add(key)
    for known in scoped(application, guild_id):
        if known.key not in seen:
            del application.commands[known.id]
    return [register(state, application, guild_id, fields)[0] for fields in bodies]


def edit(state: State, command: Command, fields: Json) -> None:
    """Change the given fields of a command."""
    merged = command.fields | fields
    check(merged, "")
    command.fields, command.version = merged, state.ids.next()


def _check_count(application: Application, guild_id: int | None) -> None:
    for kind, most in _MOST.items():
        of_kind = [one for one in scoped(application, guild_id) if one.key[1] == kind]
        if len(of_kind) > most:
            del application.commands[of_kind[-1].id]
            raise errors.ApiError(
                400, 30032, f"Maximum number of application commands reached ({most})."
            )


def check(fields: Json, path: str) -> None:
    """50035 where a command body breaks Discord's rules for names, texts and options."""
    kind = int(fields.get("type") or 1)
    if fields.get("name") is None:
        raise errors.required(f"{path}name")
    if kind != 1:
        if not 1 <= len(fields["name"]) <= 32:
            raise errors.bad_length(f"{path}name", 1, 32)
        return
    _check_name(fields["name"], f"{path}name")
    _check_description(fields, path)
    _check_options(fields.get("options") or [], f"{path}options")


def _check_name(name: str, path: str) -> None:
    if not _NAME.fullmatch(name) or name != name.lower():
        raise errors.invalid(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_description(fields: Json, path: str) -> None:
    description = fields.get("description")
    if not description:
        raise errors.required(f"{path}description")
    if len(description) > 100:
        raise errors.bad_length(f"{path}description", 1, 100)


def _check_options(options: list[Json], path: str) -> None:
    if len(options) > _OPTIONS_MAX:
        raise errors.bad_length(path, 0, _OPTIONS_MAX)
    optional_seen = False
    for index, option in enumerate(options):
        where = f"{path}.{index}"
        _check_name(str(option.get("name", "")), f"{where}.name")
        _check_description(option, f"{where}.")
        if option.get("type") in _NESTED:
            _check_options(option.get("options") or [], f"{where}.options")
            continue
        if option.get("required") and optional_seen:
            raise errors.invalid(
                where,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not option.get("required")
        _check_choices(option, where)


def _check_choices(option: Json, path: str) -> None:
    choices = option.get("choices") or []
    if len(choices) > _OPTIONS_MAX:
        raise errors.bad_length(f"{path}.choices", 0, _OPTIONS_MAX)
    for index, choice in enumerate(choices):
        if not 1 <= len(str(choice.get("name", ""))) <= 100:
            raise errors.bad_length(f"{path}.choices.{index}.name", 1, 100)


def usable(command: Command, guild_id: int | None, bits: int) -> bool:
    """Whether someone with `bits` may use the command in that guild (None: in a DM)."""
    fields = command.fields
    if guild_id is None:
        contexts = fields.get("contexts")
        direct = 1 in contexts if contexts is not None else fields.get("dm_permission") is not False
        return command.guild_id is None and direct
    if command.guild_id not in (None, guild_id):
        return False
    contexts = fields.get("contexts")
    if contexts is not None and 0 not in contexts:
        return False
    raw = fields.get("default_member_permissions")
    if raw is None or bits == EVERYTHING:
        return True
    # "0" means: administrators only.
    needed = int(raw)
    return needed != 0 and bits & needed == needed
