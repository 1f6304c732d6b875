"""REST calls that the bot makes as itself, through discord.py. Owns retries and error mapping.

Each send carries a nonce that Discord enforces, which makes a send idempotent.
"""

from __future__ import annotations

import io
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeVar

import aiohttp
import discord
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
)

from bot.discord_io import controls, permissions, polls
from bot.discord_io.discord_errors import MessageGoneError, fault_of
from bot.discord_io.intake import attachments_of, room_at
from bot.discord_io.parts import Part, Shown
from bot.discord_io.voice_check import require_voice
from bot.discord_io.webhook_api import Hook
from bot.domain.room import Room
from bot.domain.utterance import Attachment
from bot.errors import DiscordDownError, NotPermittedError, PlaceGoneError, RoomGoneError
from bot.rooms.record.retry import retry_policy

log = logging.getLogger(__name__)

T = TypeVar("T")
_Call = Callable[[], Awaitable[T]]

# A channel or thread of a server, which has permissions.
GuildPlace = discord.abc.GuildChannel | discord.Thread
# Minutes without a message until Discord archives a thread.
ARCHIVED_AFTER: Final = 1_440

# On top of discord.py's own five tries after a 5xx: it does not retry cut connections and 503.
ATTEMPTS: Final = 3
# Seconds to wait for the permission to read the history, when looking for earlier sends.
HISTORY_SECONDS: Final = 10.0
_TRANSIENT = (OSError, aiohttp.ClientError, TimeoutError, discord.DiscordServerError)


class BotApi:
    """The bot's REST calls. `backoff` is the first wait between two tries, in seconds."""

    def __init__(self, client: discord.Client, *, backoff: float = 0.5) -> None:
        self._client = client
        self._backoff = backoff

    @property
    def application_id(self) -> int | None:
        """The id of the bot's application; None before login."""
        return self._client.application_id

    @property
    def user_id(self) -> int:
        """The bot's user id; 0 before login."""
        return self._client.user.id if self._client.user is not None else 0

    async def send(self, channel_id: int, part: Part, *, reply_to: int | None = None) -> Shown:
        """Send a message exactly once, even if the message `reply_to` was deleted."""
        channel = self._messageable(channel_id)
        options: dict[str, Any] = {
            "nonce": secrets.token_hex(12),
            "allowed_mentions": discord.AllowedMentions.none(),
        }
        if reply_to is not None:
            options["reference"] = discord.MessageReference(
                message_id=reply_to, channel_id=channel_id, fail_if_not_exists=False
            )
        if part.row:
            options["view"] = controls.view(part.row)
        if part.bare_links:
            options["suppress_embeds"] = True
        if part.poll is not None:
            options["poll"] = polls.made(part.poll)
        permission = permissions.FILES if part.files else permissions.SEND
        sent = await self._retry_in(
            channel_id,
            permission,
            lambda: channel.send(part.content, files=_files(part), **options),
        )
        return shown(sent)

    async def edit(self, channel_id: int, message_id: int, part: Part) -> Shown:
        """Edit one of the bot's own messages to show exactly `part`."""
        message = self._message(channel_id, message_id)
        changed = await self._retry_in(
            channel_id,
            permissions.FILES if part.files else permissions.SEND,
            lambda: message.edit(
                content=part.content,
                attachments=_files(part),
                view=controls.view(part.row),
                allowed_mentions=discord.AllowedMentions.none(),
            ),
        )
        return shown(changed)

    async def bare_links(self, channel_id: int, message_id: int) -> None:
        """Suppress link previews in one of the bot's messages, permanently.

        `discord.PartialMessage.edit` has no such option.
        """
        route = discord.http.Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=channel_id,
            message_id=message_id,
        )
        flags = discord.MessageFlags(suppress_embeds=True).value
        await self._retry(
            permissions.SEND, lambda: self._client.http.request(route, json={"flags": flags})
        )

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message. Idempotent."""
        message = self._message(channel_id, message_id)
        try:
            await self._retry_in(channel_id, permissions.MANAGE, message.delete)
        except MessageGoneError:
            return

    async def react(self, channel_id: int, message_id: int, emoji: str) -> None:
        """Add a reaction to a message."""
        message = self._message(channel_id, message_id)
        await self._retry_in(channel_id, permissions.REACT, lambda: message.add_reaction(emoji))

    async def unreact(self, channel_id: int, message_id: int, emoji: str) -> None:
        """Remove the bot's own reaction. Idempotent."""
        with suppress(PlaceGoneError):
            await self._retry(
                permissions.REACT,
                lambda: self._client.http.remove_own_reaction(channel_id, message_id, emoji),
            )

    async def pin(self, channel_id: int, message_id: int) -> None:
        """Pin a message. Idempotent."""
        await self._retry_in(
            channel_id,
            permissions.PIN,
            lambda: self._client.http.pin_message(channel_id, message_id),
        )

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """Open a public Discord thread on a message and return the thread's id.

        Raises `DeliveryError` if the message already has a Discord thread.
        """
        row = await self._retry_in(
            channel_id,
            permissions.THREAD,
            lambda: self._client.http.start_thread_with_message(
                channel_id, message_id, name=name, auto_archive_duration=ARCHIVED_AFTER
            ),
        )
        return int(row["id"])

    async def place(self, channel_id: int) -> GuildPlace:
        """Return a channel or Discord thread of a server, with its permissions.

        Raises `PlaceGoneError` if it was deleted or belongs to no server.
        """
        channel: object = self._client.get_channel(channel_id)
        if channel is None:
            channel = await self._retry(
                permissions.VIEW, lambda: self._client.fetch_channel(channel_id)
            )
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            raise PlaceGoneError(f"channel {channel_id} is in no server")
        return channel

    async def require_voice(self, room: Room) -> None:
        """Raise if the bot cannot send messages in the room; see `bot.discord_io.voice_check`."""

        async def look(channel_id: int) -> Mapping[str, Any]:
            return await self._retry(
                permissions.VIEW, lambda: self._client.http.get_channel(channel_id)
            )

        await require_voice(self._client, room, look)

    async def member(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        """Fetch a member of the server; None if the user is not a member."""
        try:
            return await self._retry(permissions.VIEW, lambda: guild.fetch_member(user_id))
        except PlaceGoneError:
            return None

    async def typing(self, channel_id: int) -> None:
        """Show the typing indicator for ten seconds."""
        channel = self._messageable(channel_id)

        async def type_once() -> None:
            await channel.typing()

        await self._retry(permissions.SEND, type_once)

    async def messages(
        self, channel_id: int, *, after: int = 0, before: int | None = None, limit: int
    ) -> list[discord.Message]:
        """Return the newest `limit` messages between two ids (both exclusive), oldest first."""
        found = await self._read(
            channel_id,
            limit=limit,
            after=discord.Object(after) if after else None,
            before=discord.Object(before) if before is not None else None,
            oldest_first=False,
        )
        return found[::-1]

    async def following(self, channel_id: int, *, after: int, limit: int) -> list[discord.Message]:
        """Return the first `limit` messages after message `after`, oldest first.

        If the bot may not read the history, retry for `HISTORY_SECONDS`, then return no messages.
        """
        retrying = retry_policy(
            "cannot read the messages after an earlier send yet",
            stop=stop_after_delay(HISTORY_SECONDS),
            over=(NotPermittedError,),
        )
        bounds = {"limit": limit, "after": discord.Object(after), "oldest_first": True}
        try:
            return await retrying(self._read, channel_id, **bounds)
        except NotPermittedError as refused:
            log.warning("channel %s: cannot read earlier messages: %s", channel_id, refused)
            return []

    async def files_of(self, channel_id: int, message_id: int) -> tuple[Attachment, ...]:
        """Fetch the attachments of a message with fresh URLs, which stay valid for a day."""
        message = self._message(channel_id, message_id)
        return attachments_of(await self._retry_in(channel_id, permissions.HISTORY, message.fetch))

    def newest_message(self, channel_id: int) -> int | None:
        """Return the id of the channel's newest message in the gateway's cache; None if unknown."""
        channel = self._client.get_channel(channel_id)
        newest = getattr(channel, "last_message_id", None)
        return newest if isinstance(newest, int) else None

    def emojis(self, guild_id: int | None) -> dict[str, str]:
        """Return the server's emojis that the bot may use: name → markup in a message."""
        guild = self._client.get_guild(guild_id) if guild_id is not None else None
        emojis = guild.emojis if guild is not None else ()
        return {emoji.name: str(emoji) for emoji in emojis if emoji.is_usable()}

    def threads(self) -> list[Room]:
        """Return all active Discord threads and forum posts in the gateway's cache."""
        return [
            room_at(thread, guild.id) for guild in self._client.guilds for thread in guild.threads
        ]

    async def own_webhooks(self, channel_id: int) -> list[Hook]:
        """Return the channel's webhooks that belong to our application, oldest first."""
        rows = await self._retry_in(
            channel_id,
            permissions.WEBHOOKS,
            lambda: self._client.http.channel_webhooks(channel_id),
        )
        # Raw rows: `discord.Webhook` drops the application id. Only the owner sees the token.
        own = str(self._client.application_id)
        hooks = [
            Hook(int(row["id"]), str(row["token"]))
            for row in rows
            if str(row.get("application_id")) == own and row.get("token")
        ]
        return sorted(hooks, key=lambda hook: hook.id)

    async def make_webhook(self, channel_id: int, name: str) -> Hook:
        """Create a webhook in the channel. Raises `NotPermittedError`, `WebhooksFullError`."""
        row = await self._retry_in(
            channel_id,
            permissions.WEBHOOKS,
            lambda: self._client.http.create_webhook(channel_id, name=name),
        )
        return Hook(int(row["id"]), str(row["token"]))

    async def _read(self, channel_id: int, **bounds: Any) -> list[discord.Message]:  # noqa: ANN401 discord.py's own
        channel = self._messageable(channel_id)

        async def read() -> list[discord.Message]:
            return [message async for message in channel.history(**bounds)]

        found = await self._retry_in(channel_id, permissions.HISTORY, read)
        if not found:
            await self._check_history(channel_id, bounds)
        return found

    async def _check_history(self, channel_id: int, bounds: Mapping[str, Any]) -> None:
        """Raise `NotPermittedError` if a page was empty because the bot may not read the history.

        Discord then returns an empty page (reference: “Get Channel Messages”), but a request for a
        single message fails with 403.
        """
        after, before = bounds.get("after"), bounds.get("before")
        asked = after.id if after is not None else before.id - 1 if before is not None else 0
        message_id = self.newest_message(channel_id) or asked
        if not message_id:
            return
        with suppress(MessageGoneError):
            await self._retry(
                permissions.HISTORY, lambda: self._client.http.get_message(channel_id, message_id)
            )

    async def sure(self, channel_id: int, call: _Call[T]) -> T:
        """Call, and retry once if Discord reports an existing channel as unknown (10003).

        A request that fails with 10003 had no effect, so the retry is safe. Raises `RoomGoneError`
        for a deleted channel, `DiscordDownError` if the retry fails in the same way.
        """
        try:
            return await call()
        except RoomGoneError as error:
            if await self._is_gone(channel_id):
                raise
            log.warning(
                "Discord called channel %d unknown, but the channel exists: %s", channel_id, error
            )
        try:
            return await call()
        except RoomGoneError as error:
            raise DiscordDownError(
                404, f"Discord contradicts itself about channel {channel_id}: {error}"
            ) from None

    async def _is_gone(self, channel_id: int) -> bool:
        """Fetch the channel and return whether Discord reports it as unknown."""
        try:
            await self._retry(permissions.VIEW, lambda: self._client.http.get_channel(channel_id))
        except RoomGoneError:
            return True
        except NotPermittedError:
            pass  # the channel exists, but the bot may not view it
        return False

    async def _retry_in(self, channel_id: int, permission: str, call: _Call[T]) -> T:
        """Call like `_retry`, for a request in a channel: with the check of `sure`."""
        return await self.sure(channel_id, lambda: self._retry(permission, call))

    def _messageable(self, channel_id: int) -> discord.abc.Messageable:
        channel = self._client.get_channel(channel_id)
        if isinstance(channel, discord.abc.Messageable):
            return channel
        return self._client.get_partial_messageable(channel_id)

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)

    async def _retry(self, permission: str, call: _Call[T]) -> T:
        """Call, retry after transient errors, and map all other errors to `bot.errors`.

        `permission` is the permission that the request needs, for `NotPermittedError`.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_TRANSIENT),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=self._backoff),
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    return await call()
        except discord.HTTPException as error:
            raise fault_of(error, permission=permission) from error
        except _TRANSIENT as error:
            raise DiscordDownError(
                None, f"no answer from Discord: {type(error).__name__}"
            ) from error
        raise AssertionError("a retry ends with an answer or an error")


def shown(message: discord.Message) -> Shown:
    """Convert a discord.py message to `Shown`."""
    return Shown(
        message.id,
        message.content,
        message.author.name,
        message.webhook_id,
        tuple((file.filename, file.size) for file in message.attachments),
        controls.ids_of(message),
        polls.words_of(message),
        message.application_id,
        message.author.id,
    )


def _files(part: Part) -> list[discord.File]:
    """Return new file objects for each try: a send reads a file to its end."""
    return [discord.File(io.BytesIO(file.data), file.name) for file in part.files]
