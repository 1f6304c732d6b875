"""What the bot does under its own name, through discord.py. Owns retries and error mapping.

Its sends carry a nonce that Discord enforces, so that repeating one is safe.
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
from bot.discord_io.faults import MessageGoneError, fault_of
from bot.discord_io.intake import attachments_of, room_at
from bot.discord_io.parts import Part, Shown
from bot.discord_io.voice_check import require_voice
from bot.discord_io.webhook_api import Hook
from bot.domain.room import Room
from bot.domain.utterance import Attachment
from bot.errors import DiscordDownError, NotPermittedError, PlaceGoneError, RoomGoneError
from bot.rooms.patience import patiently

log = logging.getLogger(__name__)

T = TypeVar("T")

# A place of a server: what has permissions of its own.
GuildPlace = discord.abc.GuildChannel | discord.Thread
# Minutes without a word until Discord folds up a thread.
ARCHIVED_AFTER: Final = 1_440

# On top of discord.py's own five tries after a 5xx: it lets cut lines and 503 through.
ATTEMPTS: Final = 3
# What an earlier process sent is looked for so long where we may not see it, in seconds.
HISTORY_SECONDS: Final = 10.0
_PASSING = (OSError, aiohttp.ClientError, TimeoutError, discord.DiscordServerError)


class BotApi:
    """The bot's own REST calls. `backoff` is the first wait between tries, in seconds."""

    def __init__(self, client: discord.Client, *, backoff: float = 0.5) -> None:
        self._client = client
        self._backoff = backoff

    @property
    def application_id(self) -> int | None:
        """The application whose bot this is; None before it is known."""
        return self._client.application_id

    @property
    def user_id(self) -> int:
        """The bot's snowflake; 0 before it is logged in."""
        return self._client.user.id if self._client.user is not None else 0

    async def send(
        self,
        channel_id: int,
        part: Part,
        *,
        reply_to: int | None = None,
    ) -> Shown:
        """Post a message, once. A `reply_to` that is gone does not hinder it."""
        place = self._place(channel_id)
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
        sent = await self._in(
            channel_id,
            permission,
            lambda: place.send(part.content, files=_files(part), **options),
        )
        return shown(sent)

    async def edit(self, channel_id: int, message_id: int, part: Part) -> Shown:
        """Bring one of the bot's own messages to exactly this part."""
        message = self._message(channel_id, message_id)
        changed = await self._in(
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
        """Have one of the bot's messages show no preview of what links lead to, from now on.

        discord.py's edit of a message that is known by its id alone has no such option.
        """
        route = discord.http.Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=channel_id,
            message_id=message_id,
        )
        flags = discord.MessageFlags(suppress_embeds=True).value
        await self._patiently(
            permissions.SEND, lambda: self._client.http.request(route, json={"flags": flags})
        )

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message; that it is gone already is no error."""
        message = self._message(channel_id, message_id)
        try:
            await self._in(channel_id, permissions.MANAGE, message.delete)
        except MessageGoneError:
            return

    async def react(self, channel_id: int, message_id: int, emoji: str) -> None:
        """Put a reaction under a message."""
        message = self._message(channel_id, message_id)
        await self._in(channel_id, permissions.REACT, lambda: message.add_reaction(emoji))

    async def unreact(self, channel_id: int, message_id: int, emoji: str) -> None:
        """Take the bot's own reaction back; that it is gone already is no error."""
        with suppress(PlaceGoneError):
            await self._patiently(
                permissions.REACT,
                lambda: self._client.http.remove_own_reaction(channel_id, message_id, emoji),
            )

    async def pin(self, channel_id: int, message_id: int) -> None:
        """Pin a message; that it is pinned already is no error."""
        await self._in(
            channel_id,
            permissions.PIN,
            lambda: self._client.http.pin_message(channel_id, message_id),
        )

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """Open a public thread at a message; gives its id. `DeliveryError` when it has one."""
        row = await self._in(
            channel_id,
            permissions.THREAD,
            lambda: self._client.http.start_thread_with_message(
                channel_id, message_id, name=name, auto_archive_duration=ARCHIVED_AFTER
            ),
        )
        return int(row["id"])

    async def place(self, channel_id: int) -> GuildPlace:
        """A channel or thread of a server, with who may do what there.

        Raises `PlaceGoneError`, also where there is no server.
        """
        known: object = self._client.get_channel(channel_id)
        if known is None:
            known = await self._patiently(
                permissions.VIEW, lambda: self._client.fetch_channel(channel_id)
            )
        if not isinstance(known, discord.abc.GuildChannel | discord.Thread):
            raise PlaceGoneError(f"channel {channel_id} is in no server")
        return known

    async def require_voice(self, room: Room) -> None:
        """Raise where the bot could say nothing: see `bot.discord_io.voice_check`."""

        async def look(channel_id: int) -> Mapping[str, Any]:
            return await self._patiently(
                permissions.VIEW, lambda: self._client.http.get_channel(channel_id)
            )

        await require_voice(self._client, room, look)

    async def member(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        """That person there, as of now; None when they are not."""
        try:
            return await self._patiently(permissions.VIEW, lambda: guild.fetch_member(user_id))
        except PlaceGoneError:
            return None

    async def typing(self, channel_id: int) -> None:
        """Show for ten seconds that the bot types."""
        place = self._place(channel_id)

        async def type_once() -> None:
            await place.typing()

        await self._patiently(permissions.SEND, type_once)

    async def messages(
        self, channel_id: int, *, after: int = 0, before: int | None = None, limit: int
    ) -> list[discord.Message]:
        """The newest `limit` messages between two ids (both exclusive), oldest first."""
        found = await self._read(
            channel_id,
            limit=limit,
            after=discord.Object(after) if after else None,
            before=discord.Object(before) if before is not None else None,
            oldest_first=False,
        )
        return found[::-1]

    async def following(self, channel_id: int, *, after: int, limit: int) -> list[discord.Message]:
        """The first `limit` messages after that id, oldest first.

        Where the right to see them was taken it waits a while for that; then it gives none.
        """
        waiting = patiently(
            "what was sent before cannot be seen yet",
            stop=stop_after_delay(HISTORY_SECONDS),
            over=(NotPermittedError,),
        )
        bounds = {"limit": limit, "after": discord.Object(after), "oldest_first": True}
        try:
            return await waiting(self._read, channel_id, **bounds)
        except NotPermittedError as refused:
            log.warning("channel %s: what was sent before cannot be seen: %s", channel_id, refused)
            return []

    async def files_of(self, channel_id: int, message_id: int) -> tuple[Attachment, ...]:
        """The files of one message, with addresses that hold for a day from now."""
        message = self._message(channel_id, message_id)
        return attachments_of(await self._in(channel_id, permissions.HISTORY, message.fetch))

    def newest_message(self, channel_id: int) -> int | None:
        """The channel's newest message, as the gateway told; None when it did not."""
        channel = self._client.get_channel(channel_id)
        newest = getattr(channel, "last_message_id", None)
        return newest if isinstance(newest, int) else None

    def emojis(self, guild_id: int | None) -> dict[str, str]:
        """The emojis of that server that the bot may use, by name, as they stand in a message."""
        guild = self._client.get_guild(guild_id) if guild_id is not None else None
        usable = guild.emojis if guild is not None else ()
        return {one.name: str(one) for one in usable if one.is_usable()}

    def threads(self) -> list[Room]:
        """Every active thread and forum post that the gateway told of."""
        return [
            room_at(thread, guild.id) for guild in self._client.guilds for thread in guild.threads
        ]

    async def own_webhooks(self, channel_id: int) -> list[Hook]:
        """The webhooks of that channel that are ours, oldest first."""
        found = await self._in(
            channel_id,
            permissions.WEBHOOKS,
            lambda: self._client.http.channel_webhooks(channel_id),
        )
        # discord.py's objects drop the application's id; its token is shown to its owner only.
        own = str(self._client.application_id)
        hooks = [
            Hook(int(row["id"]), str(row["token"]))
            for row in found
            if str(row.get("application_id")) == own and row.get("token")
        ]
        return sorted(hooks, key=lambda hook: hook.id)

    async def make_webhook(self, channel_id: int, name: str) -> Hook:
        """Make a webhook there. Raises `NotPermittedError`, `WebhooksFullError`."""
        row = await self._in(
            channel_id,
            permissions.WEBHOOKS,
            lambda: self._client.http.create_webhook(channel_id, name=name),
        )
        return Hook(int(row["id"]), str(row["token"]))

    async def _read(self, channel_id: int, **bounds: Any) -> list[discord.Message]:  # noqa: ANN401 discord.py's own
        place = self._place(channel_id)

        async def read() -> list[discord.Message]:
            return [message async for message in place.history(**bounds)]

        found = await self._in(channel_id, permissions.HISTORY, read)
        if not found:
            await self._check_history(channel_id, bounds)
        return found

    async def _check_history(self, channel_id: int, bounds: Mapping[str, Any]) -> None:
        """Raise `NotPermittedError` where an empty page may only mean that we may not see it.

        Discord answers so (reference: “Get Channel Messages”); for one message it says why.
        """
        after, before = bounds.get("after"), bounds.get("before")
        asked = after.id if after is not None else before.id - 1 if before is not None else 0
        message_id = self.newest_message(channel_id) or asked
        if not message_id:
            return
        with suppress(MessageGoneError):
            await self._patiently(
                permissions.HISTORY, lambda: self._client.http.get_message(channel_id, message_id)
            )

    async def sure(self, channel_id: int, call: Callable[[], Awaitable[T]]) -> T:
        """Call, and once more if Discord says that a channel is not there which it shows.

        Nothing was done then, so calling again is safe. Raises `RoomGoneError` for a channel that
        is gone, `DiscordDownError` where Discord keeps saying both.
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
        """Whether Discord, asked for the channel itself, says that there is none."""
        try:
            await self._patiently(
                permissions.VIEW, lambda: self._client.http.get_channel(channel_id)
            )
        except RoomGoneError:
            return True
        except NotPermittedError:
            pass  # it is there, and hidden from us
        return False

    async def _in(self, channel_id: int, permission: str, call: Callable[[], Awaitable[T]]) -> T:
        """As `_patiently`, for what is done in a channel."""
        return await self.sure(channel_id, lambda: self._patiently(permission, call))

    def _place(self, channel_id: int) -> discord.abc.Messageable:
        known = self._client.get_channel(channel_id)
        if isinstance(known, discord.abc.Messageable):
            return known
        return self._client.get_partial_messageable(channel_id)

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)

    async def _patiently(self, permission: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call again after what passes by itself; the rest becomes an error of ours."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_PASSING),
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
        except _PASSING as error:
            raise DiscordDownError(
                None, f"no answer from Discord: {type(error).__name__}"
            ) from error
        raise AssertionError("a retry ends with an answer or an error")


def shown(message: discord.Message) -> Shown:
    """A message of discord.py as ours."""
    return Shown(
        message.id,
        message.content,
        message.author.name,
        message.webhook_id,
        tuple((one.filename, one.size) for one in message.attachments),
        controls.ids_of(message),
        polls.words_of(message),
        message.application_id,
        message.author.id,
    )


def _files(part: Part) -> list[discord.File]:
    """Made anew for each try: a file is read to its end."""
    return [discord.File(io.BytesIO(file.data), file.name) for file in part.files]
