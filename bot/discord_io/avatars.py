"""URLs of the characters' avatars. Owns the upload; `AvatarMemory` stores the URL.

A picture on disk is uploaded once as an application emoji: an upload needs no permission in any
server, and the emoji's URL outlives every channel and message. A character without an avatar speaks
with the webhook's default avatar: a missing picture never delays a reply.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Final, Protocol

import aiohttp
import discord

from bot.domain.character import Character, Picture
from bot.errors import StoreError
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Discord's limits for an emoji: file size in bytes, length of the name, content types.
LARGEST: Final = 256 * 1024
_NAME_LENGTH: Final = 32
_KINDS: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# Seconds that a reply waits for an upload that `prepare` has not finished.
PATIENCE: Final = 1.0
# Timeout of an upload in seconds: discord.py sleeps for as long as a 429 asks.
LONGEST: Final = 10.0
# Seconds until an upload is retried after a transient error; replies do not wait for it before.
AGAIN_AFTER: Final = 60.0
# The URL of an emoji in discord.py.
_EMOJI: Final = re.compile(r"/emojis/(?P<id>\d{1,20})\.(?P<kind>\w+)")
_FAULTS: Final = (
    StoreError,
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,  # includes TimeoutError
    ValueError,
)


class AvatarMemory(Protocol):
    """Digest of a picture → URL; survives restarts."""

    async def get(self, digest: str) -> str | None:
        """Return the URL of the picture; None if it was never uploaded."""
        ...

    async def set(self, digest: str, address: str) -> None:
        """Store the URL of the picture."""
        ...


class Avatars:
    """Uploads the characters' avatars and caches their URLs, so that replies need no look-up.

    An upload times out after `longest` seconds; a failed upload is retried after `again_after`.
    """

    def __init__(
        self,
        *,
        client: discord.Client,
        memory: AvatarMemory,
        tasks: Tasks,
        longest: float = LONGEST,
        again_after: float = AGAIN_AFTER,
    ) -> None:
        self._client = client
        self._memory = memory
        self._tasks = tasks
        self._longest = longest
        self._again_after = again_after
        # Digest → URL; None if the picture was refused, which is logged once.
        self._known: dict[str, str | None] = {}
        # Digest → when to retry after a transient error, in the loop's time.
        self._retry_at: dict[str, float] = {}
        # Digest → the upload in progress, which concurrent callers share.
        self._uploads: dict[str, asyncio.Task[str | None]] = {}

    async def prepare(self, character: Character) -> str | None:
        """Return the URL of the character's avatar and upload it if needed; None without one."""
        avatar = character.avatar
        if not isinstance(avatar, Picture):
            return avatar
        if avatar.digest in self._known:
            return self._known[avatar.digest]
        if asyncio.get_running_loop().time() < self._retry_at.get(avatar.digest, 0.0):
            return None
        upload = self._uploads.get(avatar.digest)
        if upload is None:
            upload = self._tasks.start(f"avatar {character.key}", self._fetch(avatar))
            self._uploads[avatar.digest] = upload
            upload.add_done_callback(lambda _: self._uploads.pop(avatar.digest, None))
        return await asyncio.shield(upload)

    async def of(self, character: Character) -> str | None:
        """Return the avatar's URL for a reply; None if an upload takes longer than `PATIENCE`."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.prepare(character)
        except TimeoutError:
            return None

    async def emojis(self, characters: Sequence[Character]) -> dict[str, discord.PartialEmoji]:
        """Return the avatars as emojis for the bot's own messages, by character key.

        Leaves out avatars that are not uploaded within `PATIENCE`, and avatars given as a URL.
        """
        pictured = [character for character in characters if isinstance(character.avatar, Picture)]
        found = await asyncio.gather(*(self._emoji(character) for character in pictured))
        return {
            character.key: emoji
            for character, emoji in zip(pictured, found, strict=True)
            if emoji is not None
        }

    async def _emoji(self, character: Character) -> discord.PartialEmoji | None:
        picture, found = character.avatar, _EMOJI.search(await self.of(character) or "")
        if found is None or not isinstance(picture, Picture):
            return None
        return discord.PartialEmoji(
            name=_name(picture), id=int(found["id"]), animated=found["kind"] == "gif"
        )

    async def _fetch(self, picture: Picture) -> str | None:
        try:
            async with asyncio.timeout(self._longest):
                address = await self._stored_or_uploaded(picture)
        except _FAULTS as error:
            log.warning(
                "cannot use %s as an avatar: %s; its character speaks without",
                picture.path,
                str(error) or type(error).__name__,
            )
            if not _is_final(error):
                now = asyncio.get_running_loop().time()
                self._retry_at[picture.digest] = now + self._again_after
                return None
            address = None
        self._known[picture.digest] = address
        self._retry_at.pop(picture.digest, None)
        return address

    async def _stored_or_uploaded(self, picture: Picture) -> str:
        address = await self._memory.get(picture.digest)
        if address is None:
            address = await self._upload(picture)
            await self._memory.set(picture.digest, address)
        return address

    async def _upload(self, picture: Picture) -> str:
        name = _name(picture)
        for emoji in await self._client.fetch_application_emojis():
            if emoji.name == name:
                return emoji.url
        if picture.content_type not in _KINDS:
            raise ValueError(f"Discord accepts no {picture.content_type} for an emoji")
        image = await asyncio.to_thread(picture.path.read_bytes)
        if len(image) > LARGEST:
            raise ValueError(f"it has {len(image) // 1024} KiB, Discord allows {LARGEST // 1024}")
        made = await self._client.create_application_emoji(name=name, image=image)
        return made.url


def _name(picture: Picture) -> str:
    """Return the name of the picture's emoji."""
    return f"face_{picture.digest}"[:_NAME_LENGTH]


def _is_final(error: Exception) -> bool:
    """Return whether the picture was refused; all else is transient, even a missing file."""
    return isinstance(error, ValueError) or (
        isinstance(error, discord.HTTPException)
        and 400 <= error.status < 500
        and error.status != 429
    )
