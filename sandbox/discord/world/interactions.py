"""What a person does with an application: commands, autocompletion, components, modals.

This file checks it and tells the bot. How the bot answers is `answers`.
"""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.discord.world import (
    bodies,
    channels,
    commands,
    components,
    errors,
    message_payloads,
    payloads,
    resolving,
)
from sandbox.discord.world.events import Event
from sandbox.discord.world.interaction import ANSWER_WITHIN, Interaction, Kind
from sandbox.discord.world.model import Application, Channel, Command, Json, Message, Upload, User
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State


def begin(state: State, user: User, body: Json, files: list[Upload]) -> Interaction:
    """`POST /interactions` as Discord's own client sends it. 50035 and 50013 as in the client."""
    application = state.applications.get(int(body["application_id"]))
    if application is None:
        raise errors.unknown("Application")
    channel = state.channel(int(body["channel_id"]))
    state.require(user.id, channel)
    kind = _kind(body["type"])
    resolver = resolving.Resolver(state, channel, files)
    data, source = _data(state, user, application, channel, (kind, body, resolver))
    if resolver.found:
        data["resolved"] = resolver.found
    one = Interaction(
        id=state.ids.next(),
        kind=kind,
        application=application,
        user=user,
        channel=channel,
        data=data,
        created=state.clock(),
        token=secrets.token_urlsafe(80),
        nonce=None if body.get("nonce") is None else str(body["nonce"]),
        source=source,
    )
    _start(state, one)
    return one


def _kind(raw: object) -> Kind:
    for kind in (Kind.COMMAND, Kind.COMPONENT, Kind.AUTOCOMPLETE, Kind.MODAL):
        if raw == kind:
            return kind
    raise errors.invalid("type", "BASE_TYPE_CHOICES", "Value must be one of {2, 3, 4, 5}.")


def _data(
    state: State,
    user: User,
    application: Application,
    channel: Channel,
    what: tuple[Kind, Json, resolving.Resolver],
) -> tuple[Json, Message | None]:
    kind, body, resolver = what
    raw = body.get("data") or {}
    match kind:
        case Kind.COMMAND | Kind.AUTOCOMPLETE:
            command = _command(state, user, application, channel, int(raw["id"]))
            return _command_data(resolver, command, raw, partial=kind is Kind.AUTOCOMPLETE), None
        case Kind.COMPONENT:
            source = _source(state, user, application, channel, int(body["message_id"]))
            return _component_data(resolver, source, raw), source
        case Kind.MODAL:
            return _modal_data(state, user, resolver, raw)
        case Kind.PING:
            raise AssertionError("people send no pings")


def _command(
    state: State, user: User, application: Application, channel: Channel, command_id: int
) -> Command:
    command = application.commands.get(command_id)
    if command is None:
        raise errors.unknown("application command")
    bits = state.require(user.id, channel, Permission.USE_APPLICATION_COMMANDS)
    if not commands.usable(command, channel.guild_id, bits):
        raise errors.missing_permissions()
    return command


def _command_data(
    resolver: resolving.Resolver, command: Command, raw: Json, *, partial: bool
) -> Json:
    name, kind = command.key
    data: Json = {"id": str(command.id), "name": name, "type": kind}
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    if kind == 1:
        offered = command.fields.get("options") or []
        given = resolving.options(resolver, raw.get("options") or [], offered, partial=partial)
        return data | ({"options": given} if given else {})
    target = int(raw["target_id"])
    if kind == 2:
        resolver.user(target)
    else:
        resolver.message(target)
    return data | {"target_id": str(target)}


def _source(
    state: State, user: User, application: Application, channel: Channel, message_id: int
) -> Message:
    hidden = state.hidden.get(message_id)
    if hidden is not None and hidden.only_for == user.id:
        return hidden
    message = state.message(channel, message_id)
    if message.application_id != application.id:
        raise errors.unknown("Application")
    return message


def _component_data(resolver: resolving.Resolver, source: Message, raw: Json) -> Json:
    for _, one in components.walk(source.components):
        if one.get("custom_id") == raw.get("custom_id") and not one.get("disabled"):
            break
    else:
        raise errors.invalid(
            "data.custom_id", "COMPONENT_VALIDATION_FAILED", "Component validation failed"
        )
    data: Json = {
        "id": one.get("id"),
        "component_type": one["type"],
        "custom_id": one["custom_id"],
    }
    if one["type"] != 2:
        data["values"] = _values(one, raw.get("values") or [])
        resolver.select(one["type"], data["values"])
    return data


def _values(component: Json, values: list[str]) -> list[str]:
    options = component.get("options")
    if options is not None and not set(values) <= {one["value"] for one in options}:
        raise errors.invalid(
            "data.values", "COMPONENT_VALIDATION_FAILED", "Component validation failed"
        )
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    if not low <= len(values) <= high:
        raise errors.bad_length("data.values", low, high)
    return values


def _modal_data(
    state: State, user: User, resolver: resolving.Resolver, raw: Json
) -> tuple[Json, Message | None]:
    modal = state.modals.get(int(raw["id"]))
    if modal is None or modal.user.id != user.id:
        raise errors.invalid("data.id", "MODAL_UNKNOWN", "This form is not open")
    given = raw.get("components") or []
    _check_form(modal.components, given)
    _resolve_form(resolver, given)
    del state.modals[modal.id]
    return {"custom_id": modal.custom_id, "components": given}, modal.source


def _check_form(offered: list[Json], given: list[Json]) -> None:
    answers = {
        one.get("custom_id"): one for _, one in components.walk(given) if one.get("custom_id")
    }
    for _, field in components.walk(offered):
        if field.get("type") != 4:
            continue
        answer = answers.get(field["custom_id"]) or {}
        text = str(answer.get("value") or "")
        low = field.get("min_length") or (1 if field.get("required", True) else 0)
        high = field.get("max_length") or 4000
        if not (low <= len(text) <= high or (not text and not field.get("required", True))):
            raise errors.bad_length(f"data.components.{field['custom_id']}", low, high)


def _resolve_form(resolver: resolving.Resolver, given: list[Json]) -> None:
    for _, one in components.walk(given):
        if one.get("type") == 19:
            one["values"] = [str(resolver.file(int(each)).id) for each in one.get("values") or []]
        else:
            resolver.select(int(one.get("type", 0)), one.get("values") or [])


def _start(state: State, one: Interaction) -> None:
    state.interactions[one.token] = one
    mine: Json = {"id": str(one.id), "nonce": one.nonce}
    only = frozenset({one.user.id})
    state.emit(Event("INTERACTION_CREATE", mine, one.channel.guild_id, only=only))
    bot = frozenset({one.application.user.id})
    state.emit(Event("INTERACTION_CREATE", payload(state, one), one.channel.guild_id, only=bot))
    state.later(ANSWER_WITHIN, lambda: _expire(state, one))


def _expire(state: State, one: Interaction) -> None:
    if one.answer is not None or one.failed:
        return
    one.failed = True
    tell_user(state, one, "INTERACTION_FAILURE", {"reason_code": 2})


def tell_user(state: State, one: Interaction, name: str, more: Json) -> None:
    """Tell the person who acted, and nobody else."""
    data = {"id": str(one.id), "nonce": one.nonce} | more
    state.emit(Event(name, data, one.channel.guild_id, only=frozenset({one.user.id})))


def payload(state: State, one: Interaction) -> Json:
    """INTERACTION_CREATE as the bot gets it."""
    channel = one.channel
    application = one.application
    guild = state.guild_of(channel)
    shown: Json = {
        "id": str(one.id),
        "application_id": str(application.id),
        "type": int(one.kind),
        "data": one.data,
        "channel_id": str(channel.id),
        "channel": _channel(state, one),
        "token": one.token,
        "version": 1,
        "locale": "en-US",
        "app_permissions": str(state.permissions(application.user.id, channel)),
        "entitlements": [],
        "authorizing_integration_owners": owners(one),
        "context": 1 if guild is None else 0,
        "attachment_size_limit": bodies.FILE_MAX,
    }
    if one.source is not None:
        shown["message"] = message_payloads.message(state, one.source)
    return shown | _actor(state, one)


def _channel(state: State, one: Interaction) -> Json:
    if one.channel.guild_id is None:
        return channels.direct_payload(one.channel, one.application.user.id)
    bits = state.permissions(one.user.id, one.channel)
    return payloads.channel(one.channel) | {"permissions": str(bits)}


def _actor(state: State, one: Interaction) -> Json:
    guild = state.guild_of(one.channel)
    if guild is None:
        return {"user": payloads.user(one.user)}
    member = guild.members[one.user.id]
    bits = str(state.permissions(one.user.id, one.channel))
    about: dict[str, Any] = {"id": str(guild.id), "locale": guild.locale, "features": []}
    return {
        "guild_id": str(guild.id),
        "guild": about,
        "guild_locale": guild.locale,
        "member": payloads.member(member) | {"permissions": bits},
    }


def owners(one: Interaction) -> Json:
    """Through whose installation the application was used (Discord's `"0"`: the guild's)."""
    return {"0": str(one.channel.guild_id or 0)}
