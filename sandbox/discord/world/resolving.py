"""What an interaction carries besides the bare ids: `resolved` users, roles, channels, messages
and files; and the check of what a person chose against what the application offers."""

from __future__ import annotations

from sandbox.discord.world import errors, message_payloads, messages, payloads
from sandbox.discord.world.model import Attachment, Channel, Guild, Json, Upload
from sandbox.discord.world.state import State

_SUBCOMMAND, _GROUP = 1, 2
_USER, _CHANNEL, _ROLE, _MENTIONABLE, _FILE = 6, 7, 8, 9, 11
_SELECT_KINDS = {5: _USER, 6: _ROLE, 7: _MENTIONABLE, 8: _CHANNEL}


Value = str | int | float | bool


class Resolver:
    """Collects `resolved` for one interaction in one channel."""

    def __init__(self, state: State, channel: Channel, files: list[Upload]) -> None:
        self._state = state
        self._channel = channel
        self._guild: Guild | None = state.guild_of(channel)
        self._files = {one.index: one for one in files}
        self.found: dict[str, Json] = {}

    def user(self, user_id: int) -> None:
        """Add a user, and its membership where there is a guild."""
        user = self._state.users.get(user_id)
        if user is None:
            raise errors.unknown("User")
        self._put("users", user_id, payloads.user(user))
        if self._guild is not None and user_id in self._guild.members:
            member = self._guild.members[user_id]
            bits = str(self._state.permissions(user_id, self._channel))
            shown = payloads.member(member, with_user=False) | {"permissions": bits}
            self._put("members", user_id, shown)

    def role(self, role_id: int) -> None:
        """Add a role."""
        if self._guild is None or role_id not in self._guild.roles:
            raise errors.unknown("Role")
        self._put("roles", role_id, payloads.role(self._guild.roles[role_id]))

    def message(self, message_id: int) -> None:
        """Add a message of this channel. Its text shows whatever the bot's intents are."""
        message = self._state.message(self._channel, message_id)
        self._put("messages", message_id, message_payloads.message(self._state, message))

    def option(self, kind: int, value: Value) -> Value:
        """Add what an option's value names; the value as the application shall see it."""
        if kind == _USER:
            self.user(int(value))
        elif kind == _ROLE:
            self.role(int(value))
        elif kind == _CHANNEL:
            self._add_channel(int(value))
        elif kind == _MENTIONABLE:
            self._mentionable(int(value))
        elif kind == _FILE:
            return str(self.file(int(value)).id)
        return value

    def select(self, component_type: int, values: list[str]) -> None:
        """Add what the values of a user, role, mentionable or channel select name."""
        kind = _SELECT_KINDS.get(component_type)
        if kind is not None:
            for value in values:
                self.option(kind, value)

    def file(self, index: int) -> Attachment:
        """Add an uploaded file by its number in the request."""
        upload = self._files.get(index)
        if upload is None:
            raise errors.required("data.attachments")
        made = messages.store_file(self._state, self._channel.id, upload, {})
        made.ephemeral = True
        self._put("attachments", made.id, message_payloads.attachment(self._state, made))
        return made

    def _add_channel(self, channel_id: int) -> None:
        channel = self._state.channel(channel_id)
        shown = payloads.channel(channel)
        bits = self._state.permissions(self._channel.id, channel)
        self._put("channels", channel_id, shown | {"permissions": str(bits)})

    def _mentionable(self, any_id: int) -> None:
        if self._guild is not None and any_id in self._guild.roles:
            self.role(any_id)
        else:
            self.user(any_id)

    def _put(self, kind: str, one_id: int, payload: Json) -> None:
        self.found.setdefault(kind, {})[str(one_id)] = payload


def options(
    resolver: Resolver, given: list[Json], offered: list[Json], *, partial: bool
) -> list[Json]:
    """The options that a person gave, checked against those registered; `partial` for
    autocompletion, where some may be missing or half typed."""
    known = {one["name"]: one for one in offered}
    made = []
    for one in given:
        about = known.get(one.get("name"))
        if about is None:
            raise errors.invalid("data.options", "INVALID_OPTION", f"No option {one.get('name')!r}")
        made.append(_one(resolver, one, about, partial=partial))
    names = {one["name"] for one in given}
    for about in offered:
        if about.get("required") and not partial and about["name"] not in names:
            raise errors.required(f"data.options.{about['name']}")
    return made


def _one(resolver: Resolver, given: Json, about: Json, *, partial: bool) -> Json:
    kind = int(about["type"])
    if kind in (_SUBCOMMAND, _GROUP):
        inner = given.get("options") or []
        nested = options(resolver, inner, about.get("options") or [], partial=partial)
        return {"name": given["name"], "type": kind, "options": nested}
    shown: Json = {"name": given["name"], "type": kind, "value": given.get("value")}
    if given.get("focused"):
        return shown | {"focused": True}
    if not partial:
        _check_value(shown["value"], about)
        shown["value"] = resolver.option(kind, shown["value"])
    return shown


def _check_value(value: Value, about: Json) -> None:
    path = f"data.options.{about['name']}"
    choices = about.get("choices")
    if choices and value not in [one["value"] for one in choices]:
        raise errors.invalid(path, "BASE_TYPE_CHOICES", "Value must be one of the choices.")
    if isinstance(value, str):
        low, high = about.get("min_length") or 0, about.get("max_length") or 6000
        if not low <= len(value) <= high:
            raise errors.bad_length(path, low, high)
    elif not isinstance(value, bool):
        low, high = about.get("min_value", value), about.get("max_value", value)
        if not low <= value <= high:
            raise errors.invalid(path, "NUMBER_TYPE_RANGE", f"Must be between {low} and {high}.")
