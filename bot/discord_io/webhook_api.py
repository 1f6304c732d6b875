"""Webhook requests over HTTP. Owns retries, rate limits and error mapping.

discord.py's own webhooks repeat a send after any 5xx, though Discord may have written the message:
people then see it twice. Here, a message whose fate is unknown is first looked for in the channel.
A webhook's URL contains its token, and aiohttp's exceptions contain the URL, so none of them leaves
this module.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import discord
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from bot.discord_io import permissions, polls
from bot.discord_io.controls import ids_in, payload
from bot.discord_io.discord_errors import MessageGoneError, fault
from bot.discord_io.old_edits import OLD_MESSAGE, too_often
from bot.discord_io.parts import Part, Shown
from bot.discord_io.ratelimit import Bucket, Priority
from bot.discord_io.recent import Recent
from bot.domain.enclosing import Enclosure
from bot.errors import DeliveryError, DiscordDownError

log = logging.getLogger(__name__)

# Tries of each request, with waits of 0.5, 1, 2 and 4 s in between.
ATTEMPTS: Final = 5
# Seconds: a 429 that asks for a longer wait is a ban of our IP address, not a rate limit.
LONGEST_HOLD: Final = 60.0
# Seconds that idle connections stay open: a new TLS connection costs two round trips.
KEEP_ALIVE: Final = 90.0
# Buckets in the cache; an evicted bucket learns its limit again from the next response.
BUCKETS_KEPT: Final = 4_000
TIMEOUT: Final = aiohttp.ClientTimeout(total=30, sock_connect=10)


@dataclass(frozen=True, slots=True)
class Hook:
    """The credentials of a webhook. The token is a secret, so `repr` leaves it out."""

    id: int
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Saying:
    """A message of a character, with its name and avatar."""

    part: Part
    username: str = ""
    avatar_url: str | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    hook: Hook
    message_id: int | None = None
    thread_id: int | None = None
    body: Mapping[str, Any] | None = None
    files: Sequence[Enclosure] = ()
    priority: Priority = Priority.FINAL
    wait: bool = False

    @property
    def path(self) -> str:
        tail = "" if self.message_id is None else f"/messages/{self.message_id}"
        return f"/webhooks/{self.hook.id}/{self.hook.token}{tail}"

    @property
    def params(self) -> dict[str, str]:
        thread = {} if self.thread_id is None else {"thread_id": str(self.thread_id)}
        return thread | ({"wait": "true"} if self.wait else {})

    def content(self) -> dict[str, Any]:
        """Return the body for aiohttp; called for each try, because a form can be sent once."""
        if not self.files:
            return {"json": self.body}
        form = aiohttp.FormData()
        form.add_field("payload_json", json.dumps(self.body), content_type="application/json")
        for index, file in enumerate(self.files):
            form.add_field(
                f"files[{index}]",
                file.data,
                filename=file.name,
                content_type="text/plain; charset=utf-8",
            )
        return {"data": form}


Reconcile = Callable[[], Awaitable[Shown | None]]
"""Looks in the channel for a message of unknown fate; None if the channel does not show it."""


class _UnclearError(DiscordDownError):
    """The request failed, but Discord may have carried it out."""


class _UnsentError(DiscordDownError):
    """The request failed before Discord received it."""


_RETRIED = (_UnclearError, _UnsentError)


class WebhookApi:
    """HTTP client for webhooks. Used as an async context manager, which owns the connections.

    `backoff` is the first wait between two tries, in seconds; further waits double.
    """

    def __init__(self, api_base: str, *, backoff: float = 0.5) -> None:
        self._base = api_base.rstrip("/")
        self._backoff = backoff
        self._session: aiohttp.ClientSession | None = None
        self._buckets: Recent[tuple[int, str], Bucket] = Recent(BUCKETS_KEPT)
        # The end of a global 429 in the loop's time, which also applies to new buckets.
        self._held_until = 0.0

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE, limit=0)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "DiscordBot (troupe, 1)"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def execute(
        self, hook: Hook, saying: Saying, *, thread_id: int | None, reconcile: Reconcile
    ) -> Shown:
        """Send a message exactly once, even if a response is lost.

        Raises `WebhookGoneError`, `NotPermittedError`, `PlaceGoneError`, `DiscordDownError`.
        """
        body = _body(saying) | {"username": saying.username}
        if saying.avatar_url:
            body["avatar_url"] = saying.avatar_url
        request = _Request(
            "POST", hook, thread_id=thread_id, body=body, files=saying.part.files, wait=True
        )
        tried = False
        try:
            async for attempt in self._retrying():
                with attempt:
                    if tried and (found := await _reconciled(reconcile)) is not None:
                        return found
                    tried = True
                    return _shown(await self._attempt(request))
        except _UnclearError as unclear:
            found = await _reconciled(reconcile)
            if found is None:
                raise DiscordDownError(unclear.status, str(unclear)) from None
            return found
        raise AssertionError("a retry ends with an answer or an error")

    async def edit(
        self,
        hook: Hook,
        message_id: int,
        saying: Saying,
        *,
        thread_id: int | None,
        priority: Priority = Priority.EDIT,
    ) -> Shown:
        """Edit a message to show exactly the part. Raises `MessageGoneError` if it was deleted."""
        request = _Request(
            "PATCH", hook, message_id, thread_id, _body(saying), saying.part.files, priority
        )
        return _shown(await self._request_idempotent(request))

    async def delete(self, hook: Hook, message_id: int, *, thread_id: int | None) -> None:
        """Delete a message. Idempotent."""
        try:
            await self._request_idempotent(_Request("DELETE", hook, message_id, thread_id))
        except MessageGoneError:
            return

    async def fetch(self, hook: Hook, message_id: int, *, thread_id: int | None) -> Shown:
        """Fetch a message that the webhook sent."""
        return _shown(await self._request_idempotent(_Request("GET", hook, message_id, thread_id)))

    def has_room_for_a_frame(self, hook: Hook) -> bool:
        """Return whether the rate limit allows a frame now, and another edit after it."""
        return self._bucket(hook, "PATCH").has_room(spare=1)

    def forget(self, hook: Hook) -> None:
        """Drop the rate limits of a deleted webhook."""
        for method in ("POST", "PATCH", "DELETE", "GET"):
            self._buckets.pop((hook.id, method), None)

    # --- requests -------------------------------------------------------------------------

    def _retrying(self) -> AsyncRetrying:
        return AsyncRetrying(
            retry=retry_if_exception_type(_RETRIED),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=self._backoff),
            reraise=True,
        )

    async def _request_idempotent(self, request: _Request) -> dict[str, Any]:
        """Make an idempotent request, and retry it after transient errors."""
        async for attempt in self._retrying():
            with attempt:
                return await self._attempt(request)
        raise AssertionError("a retry ends with an answer or an error")

    async def _attempt(self, request: _Request) -> dict[str, Any]:
        """Make a request without retries, except after a 429: Discord did not carry it out then."""
        bucket = self._bucket(request.hook, request.method)
        for _ in range(ATTEMPTS):
            await bucket.take(request.priority)
            headers: Mapping[str, str] | None = None
            try:
                status, headers, data = await self._exchange(request)
                if status == 429 and data.get("code") == OLD_MESSAGE:
                    raise too_often()
                if status == 429:
                    self._hold(bucket, headers, data)
            finally:
                bucket.settle(headers)
            if status != 429:
                return _answer(status, data)
        raise DiscordDownError(429, "Discord's rate limit did not end")

    async def _exchange(self, request: _Request) -> tuple[int, Mapping[str, str], dict[str, Any]]:
        if self._session is None:
            raise RuntimeError("the client is not open")
        try:
            async with self._session.request(
                request.method,
                self._base + request.path,
                params=request.params,
                **request.content(),
            ) as response:
                return response.status, response.headers, _data(await response.read())
        # `from None` in both: these errors contain the URL, and with it the token.
        except aiohttp.ClientConnectorError as error:
            raise _UnsentError(None, f"no connection to Discord ({type(error).__name__})") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _UnclearError(None, f"the connection broke ({type(error).__name__})") from None

    def _hold(self, bucket: Bucket, headers: Mapping[str, str], data: Mapping[str, Any]) -> None:
        seconds = float(data.get("retry_after") or headers.get("Retry-After") or 1)
        if seconds > LONGEST_HOLD:
            raise DiscordDownError(429, f"Discord asks to wait for {seconds:.0f} s")
        is_global = bool(data.get("global"))
        log.info("%srate limit: waiting for %.2f s", "global " if is_global else "", seconds)
        if is_global:
            self._held_until = asyncio.get_running_loop().time() + seconds
        for held in self._buckets.values() if is_global else (bucket,):
            held.hold(seconds)

    def _bucket(self, hook: Hook, method: str) -> Bucket:
        bucket = self._buckets.get((hook.id, method))
        if bucket is None:
            bucket = self._buckets[hook.id, method] = Bucket()
            bucket.hold(self._held_until - asyncio.get_running_loop().time())
        return bucket


async def _reconciled(reconcile: Reconcile) -> Shown | None:
    """Look for the message; raise `_UnclearError` if that fails, so that nothing is sent."""
    try:
        return await reconcile()
    except DeliveryError as error:
        raise _UnclearError(None, f"cannot see whether a message was sent: {error}") from None


def _body(saying: Saying) -> dict[str, Any]:
    # All fields are explicit on edits too: without `allowed_mentions`, an edit would parse all
    # mentions again, and omitted files and buttons would stay.
    part = saying.part
    poll = {} if part.poll is None else {"poll": polls.payload(part.poll)}
    # An edit without flags keeps them: a moderator may have suppressed the previews.
    flags = {"flags": discord.MessageFlags(suppress_embeds=True).value} if part.bare_links else {}
    return (
        poll
        | flags
        | {
            "content": part.content,
            "allowed_mentions": {"parse": []},
            "components": payload(part.row),
            "attachments": [
                {"id": str(index), "filename": file.name} for index, file in enumerate(part.files)
            ],
        }
    )


def _data(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw) if raw else {}
    except ValueError:
        return {}  # an HTML page from a proxy
    return data if isinstance(data, dict) else {}


def _answer(status: int, data: dict[str, Any]) -> dict[str, Any]:
    if status < 300:
        return data
    if status >= 500:
        raise _UnclearError(status, f"Discord answered {status}")
    fields = data.get("errors")
    raise fault(
        status,
        int(data.get("code") or 0),
        str(data.get("message", ""))[:200],
        permission=permissions.SEND,
        fields=fields if isinstance(fields, dict) else (),
    )


def _shown(data: Mapping[str, Any]) -> Shown:
    if "id" not in data:
        raise _UnclearError(None, "Discord's response contains no message")
    hook, application = data.get("webhook_id"), data.get("application_id")
    return Shown(
        id=int(data["id"]),
        content=str(data.get("content", "")),
        name=str(data.get("author", {}).get("username", "")),
        webhook_id=int(hook) if hook else None,
        files=tuple(
            (str(file["filename"]), int(file["size"])) for file in _rows(data, "attachments")
        ),
        controls=ids_in(_rows(data, "components")),
        poll=polls.words_in(data),
        application_id=int(application) if application else None,
        channel_id=int(data.get("channel_id") or 0),
    )


def _rows(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = data.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
