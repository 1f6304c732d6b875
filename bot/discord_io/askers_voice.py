"""A character's voice, limited by the permissions of the people whom the character answers.

A person without *Embed Links* or *Attach Files* cannot have a character show previews or send files
for them. The words stay the same: links are sent without previews, long code as text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Final

from bot.discord_io import permissions
from bot.discord_io.parts import Part, Shown
from bot.discord_io.voice import Voice
from bot.errors import DeliveryError, NotPermittedError

log = logging.getLogger(__name__)

# Whether that person may do what discord.py's flag says in the room of the voice.
May = Callable[[str, int], Awaitable[bool]]

EMBED: Final = "embed_links"
FILES: Final = "attach_files"

# What Discord shows a preview of, also without a scheme; a link to a message, as the line above an
# answer has it, shows none.
_LINK: Final = re.compile(
    r"https?://(?!discord\.com/channels/)|discord\.gg/|discord(?:app)?\.com/invite/", re.IGNORECASE
)


class AskersVoice:
    """A `Voice`. `askers` gives everybody who is answered. Nobody can tell who of them asked for a
    link or a file, so all need the permission, which is looked up for such messages only.
    """

    def __init__(self, voice: Voice, *, askers: Callable[[], Collection[int]], may: May) -> None:
        self._voice = voice
        self._askers = askers
        self._may = may

    @property
    def header(self) -> str:
        """What stands above every message."""
        return self._voice.header

    @property
    def has_room_for_a_frame(self) -> bool:
        """Whether an edit that may be left out can go now."""
        return self._voice.has_room_for_a_frame

    async def send(self, part: Part, *, after: int) -> Shown:
        """Send, once. Raises `NotPermittedError` for files that somebody may not send."""
        return await self._voice.send(await self._held(part), after=after)

    async def edit(self, message_id: int, part: Part, *, frame: bool) -> None:
        """Edit, likewise."""
        await self._voice.edit(message_id, await self._held(part), frame=frame)

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:
        """Delete, if that is possible at all."""
        await self._voice.remove(message_id, orphaned=orphaned)

    async def following(self, after: int) -> list[Shown]:
        """What the room shows right after that message."""
        return await self._voice.following(after)

    def wrote(self, message: Shown) -> bool:
        """Whether the character said it."""
        return self._voice.wrote(message)

    def may_edit(self, message: Shown) -> bool:
        """Whether it can be edited by this voice."""
        return self._voice.may_edit(message)

    async def _held(self, part: Part) -> Part:
        if part.files and not await self._all_may(FILES):
            raise NotPermittedError(permissions.FILES, "somebody who asked may not send files")
        if _LINK.search(part.content) and not await self._all_may(EMBED):
            return replace(part, bare_links=True)
        return part

    async def _all_may(self, flag: str) -> bool:
        try:
            for asker in self._askers():
                if not await self._may(flag, asker):
                    return False
        except DeliveryError as unclear:
            log.info(
                "links and files are held back: what an asker may do here is unknown: %s", unclear
            )
            return False
        return True
