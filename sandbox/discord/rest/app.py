"""The way of a REST request: record, fault, caller, limits, check, handler, answer.

An ASGI app to mount at `/api/v10`. Knows no rule of the world.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from sandbox.discord.faults import Faults, HttpFault
from sandbox.discord.record import Record, RequestSeen, keep
from sandbox.discord.rest import (
    account,
    channels,
    commands,
    emojis,
    guilds,
    intake,
    interactions,
    messages,
    polls,
    webhooks,
)
from sandbox.discord.rest.call import Call, Reply
from sandbox.discord.rest.limits import Limiter, Verdict, refusal
from sandbox.discord.rest.router import Router
from sandbox.discord.world import World, errors
from sandbox.discord.world.model import User

log = logging.getLogger(__name__)

_TOPICS = (account, guilds, channels, messages, polls, webhooks, commands, emojis, interactions)
_WITHOUT_CALLER = ("/webhooks/{webhook_id}/{webhook_token}", "/interactions/{interaction_id}")

Answer = tuple[int, object, dict[str, str]]


class Checker(Protocol):
    """Finds what a request breaks of a description of the API."""

    def check(self, method: str, template: str, query: dict[str, str], body: object) -> list[str]:
        """What is wrong with it, in words; empty when nothing is."""
        ...


class RestApp:
    """Serves REST over `world`. `reset` cuts the connection of an ASGI scope."""

    def __init__(
        self,
        world: World,
        record: Record,
        *,
        limiter: Limiter,
        faults: Faults,
        checker: Checker | None,
        reset: Callable[[Scope], None],
    ) -> None:
        self._world = world
        self._record = record
        self._limiter = limiter
        self._faults = faults
        self._checker = checker
        self._reset = reset
        self._router = Router(topic.routes for topic in _TOPICS)
        self._stopping = asyncio.Event()
        self.gateway_url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        path = scope["raw_path"].decode("ascii").removeprefix(scope["root_path"])
        seen = RequestSeen(request.method, path, dict(request.query_params), time.monotonic())
        keep(self._record.requests, seen)
        fault = self._faults.take(seen.method, seen.path)
        self._record.changed()
        if fault is not None and fault.delay:
            await self._pause(fault.delay)
        answer: Answer | None = None
        if fault is None or fault.carried_out or fault.action == "delay":
            answer = await self._serve(request, seen)
        if fault is not None and fault.action == "reset":
            await self._cut(scope, receive, seen)
            return
        if answer is None or (fault is not None and fault.action == "status"):
            assert fault is not None
            answer = _faulty(fault)
        self._note(seen, answer[0])
        await _send(send, answer)

    def stop(self) -> None:
        """End every delay: the server is going."""
        self._stopping.set()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _serve(self, request: Request, seen: RequestSeen) -> Answer:
        headers: dict[str, str] = {}
        try:
            seen.body, files = await intake.read(request)
            route, params = self._router.find(seen.method, seen.path)
            seen.template = route.template
            seen.files = [one.filename for one in files]
            user, is_bot = self._caller(request, route.template)
            seen.user_id = None if user is None else user.id
            verdict = self._limit(seen, params, user)
            headers = verdict.headers
            if verdict.retry_after is not None:
                seen.limited = "global" if verdict.is_global else "bucket"
                return 429, refusal(verdict), headers
            self._check(seen, user)
            call = Call(
                self._world, seen.method, route.template, params, seen.query,
                body=seen.body, files=files, caller=user, is_bot=is_bot,
                gateway_url=self.gateway_url,
            )  # fmt: skip
            return *_reply(route.handler(call)), headers
        except errors.ApiError as refused:
            seen.code = refused.code
            return refused.status, refused.body(), headers
        except (AttributeError, KeyError, TypeError, ValueError) as confused:
            # A body of the wrong shape. The record keeps it, lest a fault of our own hides here.
            log.warning("%s %s: %r", seen.method, seen.template, confused, exc_info=confused)
            self._record.failures.append(f"{seen.method} {seen.path}: {confused!r}")
            seen.code = 50035
            return 400, {"message": "Invalid Form Body", "code": 50035}, headers
        except Exception as broken:  # Discord answers 500; the record keeps the cause
            log.exception("%s %s failed in the sandbox", seen.method, seen.template)
            self._record.failures.append(f"{seen.method} {seen.path}: {broken!r}")
            return 500, {"message": "500: Internal Server Error", "code": 0}, headers

    def _caller(self, request: Request, template: str) -> tuple[User | None, bool]:
        if template.startswith(_WITHOUT_CALLER):
            return None, False
        raw = request.headers.get("authorization", "")
        is_bot = raw.startswith("Bot ")
        user = self._world.tokens.get(raw.removeprefix("Bot "))
        if user is None or user.bot is not is_bot:
            if template == "/gateway":
                return None, False
            raise errors.unauthorized()
        return user, is_bot

    def _limit(self, seen: RequestSeen, params: dict[str, str], user: User | None) -> Verdict:
        if user is not None and not user.bot:
            return Verdict({})
        token = "" if user is None else user.token
        return self._limiter.take(seen.method, seen.template, params, token)

    def _check(self, seen: RequestSeen, user: User | None) -> None:
        if self._checker is None or (user is not None and not user.bot):
            return
        found = self._checker.check(seen.method, seen.template, seen.query, seen.body)
        self._record.violations += [f"{seen.method} {seen.path}: {one}" for one in found]

    async def _cut(self, scope: Scope, receive: Receive, seen: RequestSeen) -> None:
        self._note(seen, 0)
        self._reset(scope)
        while (await receive())["type"] != "http.disconnect":
            pass

    def _note(self, seen: RequestSeen, status: int) -> None:
        seen.status = status
        seen.answered_at = time.monotonic()
        self._record.changed()


def _reply(result: object) -> tuple[int, object]:
    if isinstance(result, Reply):
        return result.status, result.body
    return 200, result


def _faulty(fault: HttpFault) -> Answer:
    if fault.status == 429:
        verdict = Verdict({}, fault.retry_after, is_global=fault.is_global)
        headers = {
            "Via": "1.1 sandbox",
            "Retry-After": str(max(1, round(fault.retry_after))),
            "X-RateLimit-Scope": fault.scope,
        }
        if fault.is_global:
            headers["X-RateLimit-Global"] = "true"
        return 429, refusal(verdict) | ({"code": fault.code} if fault.code else {}), headers
    return fault.status, {"message": f"{fault.status}: fault on request", "code": fault.code}, {}


async def _send(send: Send, answer: Answer) -> None:
    status, body, headers = answer
    raw = b"" if status == 204 else json.dumps(body, separators=(",", ":")).encode()
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if status != 204:
        # Exactly this, with no charset: discord.py compares the whole value.
        lines.append((b"content-type", b"application/json"))
        lines.append((b"content-length", str(len(raw)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": raw})
