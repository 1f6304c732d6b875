"""One REST request as a handler sees it, and what a handler gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.world import World, errors
from sandbox.discord.world.model import Application, Channel, Guild, Json, Upload, User


@dataclass(slots=True)
class Reply:
    """A status and a JSON body; None is an empty body."""

    status: int = 200
    body: Any = None


EMPTY = Reply(204)


@dataclass(slots=True)
class Call:
    """A request with its path parameters, its caller and its body parsed.

    `caller` is None where the path's own token is the proof (webhooks, interactions).
    """

    world: World
    method: str
    template: str
    params: dict[str, str]
    query: dict[str, str]
    body: Any = None
    files: list[Upload] = field(default_factory=list)
    caller: User | None = None
    is_bot: bool = False
    gateway_url: str = ""

    @property
    def user(self) -> User:
        """The caller; 401 where there is none."""
        if self.caller is None:
            raise errors.unauthorized()
        return self.caller

    @property
    def fields(self) -> Json:
        """The body as an object; an absent one is empty."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise errors.invalid(
                "", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            )
        return self.body

    def id(self, name: str) -> int:
        """A snowflake of the path; 50035 for anything else."""
        raw = self.params[name]
        if not raw.isdigit():
            raise errors.not_snowflake(name, raw)
        return int(raw)

    def asked_id(self, name: str) -> int | None:
        """A snowflake of the query; None when it is absent."""
        raw = self.query.get(name)
        if raw is None:
            return None
        if not raw.isdigit():
            raise errors.not_snowflake(name, raw)
        return int(raw)

    def limit(self, default: int, most: int) -> int:
        """`limit` of the query, from 1 to `most`, else 50035."""
        raw = self.query.get("limit", str(default))
        if not raw.isdigit() or not 1 <= int(raw) <= most:
            raise errors.invalid(
                "limit", "NUMBER_TYPE_MAX", f"int value should be between 1 and {most}."
            )
        return int(raw)

    def truth(self, name: str) -> bool:
        """A flag of the query."""
        return self.query.get(name, "").lower() in {"true", "1"}

    def channel(self) -> Channel:
        """The channel of the path, which the caller sees: 10003, else 50001."""
        channel = self.world.channel(self.id("channel_id"))
        self.world.require(self.user.id, channel)
        return channel

    def guild(self) -> Guild:
        """The guild of the path, which the caller is in: 10004, else 50001."""
        guild = self.world.guild(self.id("guild_id"))
        self.world.require_in_guild(self.user.id, guild)
        return guild

    def application(self) -> Application:
        """The application of the path, if the caller is its bot; 20012 otherwise."""
        application = self.world.applications.get(self.id("application_id"))
        if application is None:
            raise errors.unknown("Application")
        if self.user.id != application.user.id:
            raise errors.ApiError(
                403, 20012, "You are not authorized to perform this action on this application"
            )
        return application


Handler = Callable[[Call], object]
"""A handler gives a JSON value (200), None (204) or a `Reply`, or raises `ApiError`."""
