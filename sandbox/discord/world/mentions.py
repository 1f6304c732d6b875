"""Whom a message pings: Discord's `allowed_mentions`, for a new message and for an edited one.

Without `allowed_mentions` everything in the text counts; an edit without it counts anew too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.discord.world import errors
from sandbox.discord.world.model import Channel, Guild, Json

_CODE = re.compile(r"```.*?```|``.+?``|`[^`\n]+`", re.DOTALL)
_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
_KINDS = frozenset({"users", "roles", "everyone"})
_MOST = 100


@dataclass(frozen=True, slots=True)
class Pings:
    """Who is pinged: ids of users and roles, and everybody."""

    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """Parsed `allowed_mentions`. A set names the only ids; None allows each id in the text."""

    users: frozenset[int] | None = None
    roles: frozenset[int] | None = None
    everyone: bool = True
    replied_user: bool = True


def parse_allowed(raw: object) -> Allowed:
    """`allowed_mentions` of a body; 50035 where Discord refuses the combination."""
    if raw is None:
        return Allowed()
    if not isinstance(raw, dict):
        raise errors.invalid(
            "allowed_mentions", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        )
    parse = set(raw.get("parse") or ())
    if not parse <= _KINDS:
        raise errors.invalid(
            "allowed_mentions.parse", "BASE_TYPE_CHOICES", "Value must be one of the known types."
        )
    return Allowed(
        users=_ids(raw, "users", parse),
        roles=_ids(raw, "roles", parse),
        everyone="everyone" in parse,
        replied_user=bool(raw.get("replied_user", False)),
    )


def _ids(raw: Json, kind: str, parse: set[str]) -> frozenset[int] | None:
    listed = raw.get(kind) or []
    if len(listed) > _MOST:
        raise errors.bad_length(f"allowed_mentions.{kind}", 0, _MOST)
    if kind not in parse:
        return frozenset(int(each) for each in listed)
    if listed:
        raise errors.invalid(
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
            f"parse:[{kind!r}] and {kind}: [ids...] are mutually exclusive.",
        )
    return None


def pings(
    text: str,
    allowed: Allowed,
    *,
    guild: Guild | None,
    channel: Channel,
    may_ping_all: bool,
    replied_to: int | None = None,
) -> Pings:
    """Whom `text` pings. `may_ping_all`: the author may mention everyone and every role."""
    plain = _CODE.sub(" ", text)
    known = guild.members if guild is not None else {one.id for one in channel.recipients}
    users = [
        each
        for each in _found(_USER, plain)
        if each in known and (allowed.users is None or each in allowed.users)
    ]
    if replied_to is not None and replied_to not in users and allowed.replied_user:
        users.append(replied_to)
    if guild is None:
        return Pings(users=users)
    return Pings(
        users=users,
        roles=_roles(plain, allowed, guild, may_ping_all=may_ping_all),
        everyone=may_ping_all and allowed.everyone and bool(_EVERYONE.search(plain)),
    )


def _roles(plain: str, allowed: Allowed, guild: Guild, *, may_ping_all: bool) -> list[int]:
    found = []
    for each in _found(_ROLE, plain):
        role = guild.roles.get(each)
        if role is None or (allowed.roles is not None and each not in allowed.roles):
            continue
        if role.mentionable or may_ping_all:
            found.append(each)
    return found


def _found(pattern: re.Pattern[str], text: str) -> list[int]:
    return list(dict.fromkeys(int(each) for each in pattern.findall(text)))


def text_of(content: str, components: list[Json]) -> str:
    """All text that can ping: the content, and text displays of Components V2."""
    parts = [content]
    for component in components:
        if component.get("type") == 10:
            parts.append(str(component.get("content", "")))
        parts.append(text_of("", component.get("components") or []))
    return "\n".join(part for part in parts if part)
