"""Serves the page: its static files, the session that it starts with, and how the bot is.

`/sandbox/session` hands out tokens of made-up people, so only pages of this very origin get an
answer: a foreign site that lets its name point at 127.0.0.1 is turned away by its Host.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from sandbox.discord.world import payloads
from sandbox.discord.world.model import User

STATIC = Path(__file__).parent / "static"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

BotState = Literal["starting", "online", "restarting", "offline"]


@dataclass(frozen=True, slots=True)
class Guest:
    """Someone whom a person at the page can be.

    `key` stands in the address, `role` under the name.
    """

    key: str
    user: User
    role: str


@dataclass(frozen=True, slots=True)
class BotStatus:
    """How the bot's process is; `note` is a sentence for people."""

    state: BotState
    note: str = ""


class Page:
    """The page's routes, for `DiscordServer(extra_routes=…)`.

    `status` is asked for each poll of the page; `model` is "scripted", "real" or "local".
    Guests are added once their accounts exist, which may be after the server was made.
    """

    def __init__(
        self,
        *,
        status: Callable[[], BotStatus],
        model: Literal["scripted", "real", "local"] = "scripted",
    ) -> None:
        self.guests: list[Guest] = []
        self._status = status
        self._model = model

    def routes(self) -> Sequence[BaseRoute]:
        """Must come last: the static files take every path that is left."""
        return (
            Route("/sandbox/session", self._session),
            Route("/sandbox/status", self._show_status),
            Mount("/", app=_Static()),
        )

    def _find(self, key: str | None) -> Guest | None:
        if key is None:
            return self.guests[0] if self.guests else None
        return next((one for one in self.guests if one.key == key), None)

    async def _session(self, request: Request) -> Response:
        if request.url.hostname not in _LOOPBACK:
            return _refusal(421, "This page is only for this machine: open it at 127.0.0.1.")
        guest = self._find(request.query_params.get("user"))
        if guest is None:
            return _refusal(404, "Nobody by that name is here.")
        shown = {
            "token": guest.user.token,
            "api": "/api/v10",
            "gateway": f"ws://{request.url.netloc}/gateway",
            "me": payloads.own_user(guest.user),
            "people": [_person(one) for one in self.guests],
            "bot": self._status().state,
            "model": self._model,
        }
        return JSONResponse(shown, headers={"cache-control": "no-store"})

    async def _show_status(self, _: Request) -> Response:
        status = self._status()
        shown = {"bot": status.state, "note": status.note}
        return JSONResponse(shown, headers={"cache-control": "no-store"})


def _person(guest: Guest) -> dict[str, Any]:
    user = guest.user
    name = user.global_name or user.username
    return {"key": guest.key, "id": str(user.id), "name": name, "role": guest.role}


def _refusal(status: int, words: str) -> Response:
    return JSONResponse({"message": words}, status)


class _Static(StaticFiles):
    """The files, with headers that let the page run only its own code and reach only its origin."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC, html=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_guards(host)]
            await send(message)

        await super().__call__(scope, receive, guarded)


def _guards(host: str) -> list[tuple[bytes, bytes]]:
    # Not every browser counts a websocket of the same host as 'self'.
    socket = f" ws://{host}" if host.replace(".", "").replace(":", "").isalnum() else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self'; connect-src 'self'{socket}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode("latin-1")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-cache"),
    ]
