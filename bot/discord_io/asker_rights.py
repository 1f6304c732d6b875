"""A sender that is limited by the permissions of the people whom the character answers.

A person without *Embed Links* or *Attach Files* must not get previews or files by asking a
character for them. The text stays the same: links are sent without previews, long code as text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Final

from bot.discord_io import permissions
from bot.discord_io.parts import Part, Shown
from bot.discord_io.sender import Sender
from bot.errors import DeliveryError, NotPermittedError

log = logging.getLogger(__name__)

May = Callable[[str, int], Awaitable[bool]]
"""(Name of a discord.py permission, user id) → whether the user has it in the sender's room."""

EMBED: Final = "embed_links"
FILES: Final = "attach_files"

# Links for which Discord shows a preview; invites also work without a scheme. Links to messages,
# such as the one in the reply line, show no preview.
_LINK: Final = re.compile(
    r"https?://(?!discord\.com/channels/)|discord\.gg/|discord(?:app)?\.com/invite/", re.IGNORECASE
)


class AskerRightsSender:
    """A `Sender` that wraps another and checks the askers' permissions before each write.

    `askers` returns the ids of all people whom the turn answers. Nobody can tell which person asked
    for a link or a file, so all of them need the permission. Permissions are looked up only for
    messages with a link or a file.
    """

    def __init__(self, sender: Sender, *, askers: Callable[[], Collection[int]], may: May) -> None:
        self._sender = sender
        self._askers = askers
        self._may = may

    @property
    def header(self) -> str:
        """Prefix of every message."""
        return self._sender.header

    @property
    def has_room_for_a_frame(self) -> bool:
        """Whether the rate limit allows a frame (an edit that may be dropped) now."""
        return self._sender.has_room_for_a_frame

    async def send(self, part: Part, *, after: int) -> Shown:
        """Send exactly once. Raises `NotPermittedError` if an asker may not send the files."""
        return await self._sender.send(await self._restricted(part), after=after)

    async def edit(self, message_id: int, part: Part, *, frame: bool) -> None:
        """Edit a message, with the checks of `send`."""
        await self._sender.edit(message_id, await self._restricted(part), frame=frame)

    async def remove(self, message_id: int, *, orphaned: bool = False) -> None:
        """Delete a message if the bot is allowed to."""
        await self._sender.remove(message_id, orphaned=orphaned)

    async def following(self, after: int) -> list[Shown]:
        """Return the messages that follow message `after` in the room, oldest first."""
        return await self._sender.following(after)

    def wrote(self, message: Shown) -> bool:
        """Return whether the character wrote the message."""
        return self._sender.wrote(message)

    def may_edit(self, message: Shown) -> bool:
        """Return whether this sender can edit the message."""
        return self._sender.may_edit(message)

    async def _restricted(self, part: Part) -> Part:
        """Return `part` without what the askers may not have. Raises `NotPermittedError`."""
        if part.files and not await self._all_may(FILES):
            raise NotPermittedError(permissions.FILES, "an asker may not send files")
        if _LINK.search(part.content) and not await self._all_may(EMBED):
            return replace(part, bare_links=True)
        return part

    async def _all_may(self, flag: str) -> bool:
        try:
            for asker in self._askers():
                if not await self._may(flag, asker):
                    return False
        except DeliveryError as error:
            log.info("no previews or files: cannot look up an asker's permissions: %s", error)
            return False
        return True
