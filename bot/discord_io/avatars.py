"""An address for a character's face. Owns the upload; keeping the address is the memory's.

A picture on disk is uploaded once as an emoji of the application: that needs no permission
anywhere, and its address outlives every channel and message. Without one, a character speaks with
the webhook's own face: a missing picture never holds up a reply.
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

# Discord's limits for an emoji: its file's size, its name's length, its kinds of files.
LARGEST: Final = 256 * 1024
_NAME_LENGTH: Final = 32
_KINDS: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# How long a reply may wait for an upload that `prepare` did not see to.
PATIENCE: Final = 1.0
# How long one upload may take: discord.py sleeps for as long as a 429 asks.
LONGEST: Final = 10.0
# When an upload is tried again that failed by what passes: no reply is held up before that.
AGAIN_AFTER: Final = 60.0
# The address of an emoji, as discord.py gives it.
_EMOJI: Final = re.compile(r"/emojis/(?P<id>\d{1,20})\.(?P<kind>\w+)")
_FAULTS: Final = (
    StoreError,
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,  # and TimeoutError, which is one
    ValueError,
)


class AvatarMemory(Protocol):
    """Picture's digest → address, kept over restarts."""

    async def get(self, digest: str) -> str | None:
        """The address of that picture; None when it was never uploaded."""
        ...

    async def set(self, digest: str, address: str) -> None:
        """Remember it."""
        ...


class Avatars:
    """The faces. What is known is kept in the process too: no look-up a reply.

    An upload may take `longest` seconds; one that failed is tried again after `again_after`.
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
        # None: it was tried and cannot be had; said once, in the log.
        self._known: dict[str, str | None] = {}
        # When those may be tried again that failed by what passes; the loop's time.
        self._put_off: dict[str, float] = {}
        self._flights: dict[str, asyncio.Task[str | None]] = {}

    async def prepare(self, character: Character) -> str | None:
        """The address of the character's face, uploaded if need be; None when it has none."""
        avatar = character.avatar
        if not isinstance(avatar, Picture):
            return avatar
        if avatar.digest in self._known:
            return self._known[avatar.digest]
        if asyncio.get_running_loop().time() < self._put_off.get(avatar.digest, 0.0):
            return None
        flight = self._flights.get(avatar.digest)
        if flight is None:
            flight = self._tasks.start(f"avatar {character.key}", self._fetch(avatar))
            self._flights[avatar.digest] = flight
            flight.add_done_callback(lambda _: self._flights.pop(avatar.digest, None))
        return await asyncio.shield(flight)

    async def of(self, character: Character) -> str | None:
        """The same for a reply: what takes longer than `PATIENCE` is left to the next one."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.prepare(character)
        except TimeoutError:
            return None

    async def emojis(self, characters: Sequence[Character]) -> dict[str, discord.PartialEmoji]:
        """Their faces as emojis for the bot's own lines, by character key.

        Without those that are not at hand within `PATIENCE`, and pictures that are no files.
        """
        pictured = [who for who in characters if isinstance(who.avatar, Picture)]
        found = await asyncio.gather(*(self._emoji(who) for who in pictured))
        return {
            who.key: emoji for who, emoji in zip(pictured, found, strict=True) if emoji is not None
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
                address = await self._found(picture)
        except _FAULTS as error:
            log.warning(
                "%s is no avatar: %s; its character speaks without",
                picture.path,
                str(error) or type(error).__name__,
            )
            if not _is_final(error):
                now = asyncio.get_running_loop().time()
                self._put_off[picture.digest] = now + self._again_after
                return None
            address = None
        self._known[picture.digest] = address
        self._put_off.pop(picture.digest, None)
        return address

    async def _found(self, picture: Picture) -> str:
        address = await self._memory.get(picture.digest)
        if address is None:
            address = await self._uploaded(picture)
            await self._memory.set(picture.digest, address)
        return address

    async def _uploaded(self, picture: Picture) -> str:
        name = _name(picture)
        for emoji in await self._client.fetch_application_emojis():
            if emoji.name == name:
                return emoji.url
        if picture.content_type not in _KINDS:
            raise ValueError(f"Discord takes no {picture.content_type} here")
        image = await asyncio.to_thread(picture.path.read_bytes)
        if len(image) > LARGEST:
            raise ValueError(f"it has {len(image) // 1024} KiB, Discord takes {LARGEST // 1024}")
        made = await self._client.create_application_emoji(name=name, image=image)
        return made.url


def _name(picture: Picture) -> str:
    """What the emoji of this picture is called."""
    return f"face_{picture.digest}"[:_NAME_LENGTH]


def _is_final(error: Exception) -> bool:
    """Whether the picture itself is refused; all else may pass, a missing file too."""
    return isinstance(error, ValueError) or (
        isinstance(error, discord.HTTPException)
        and 400 <= error.status < 500
        and error.status != 429
    )
