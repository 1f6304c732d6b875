"""One message of an answer: as it is to stand, and as the room shows it. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from bot.discord_io.controls import Row
from bot.domain.action_arguments import Poll
from bot.domain.enclosing import Enclosure

# Names and sizes in bytes: what tells files apart without fetching them.
Files = tuple[tuple[str, int], ...]


def through_our_webhook(
    webhook_id: int | None, application_id: int | None, own: int | None
) -> bool:
    """Whether a message came through a webhook of the application `own`, though it be gone."""
    # An answer to a command comes through a webhook that has the application's own id.
    return own is not None and application_id == own and webhook_id not in (None, own)


@dataclass(frozen=True, slots=True)
class Look:
    """What people see of a message, so that two can be compared. Discord trims what it is sent."""

    content: str
    files: Files = ()
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A message as it is to stand: exactly this text, these files, these buttons.

    One with a poll is sent and never edited: Discord lets nobody do that.
    """

    content: str
    files: tuple[Enclosure, ...] = ()
    row: Row = ()
    poll: Poll | None = None
    bare_links: bool = False
    """Links show no preview of what they lead to. No part of the look: it stays once it is set."""

    @property
    def look(self) -> Look:
        """What people will see of it."""
        files = tuple((one.name, len(one.data)) for one in self.files)
        return Look(self.content.strip(), files, tuple(button.id for button in self.row))


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the channel shows it. `author` wrote it; `webhook_id` is None for the bot's own.

    `application_id` is whose webhook it came through, also when that is gone.
    `poll` is the question that it puts, and the answers to choose from; empty when it puts none.
    """

    id: int
    content: str
    name: str = ""
    webhook_id: int | None = None
    files: Files = ()
    controls: tuple[str, ...] = ()
    poll: tuple[str, ...] = ()
    application_id: int | None = None
    author: int = 0
    channel_id: int = 0
    """The channel or thread that it stands in; 0 where Discord did not say."""

    @property
    def look(self) -> Look:
        """What people see of it."""
        return Look(self.content.strip(), self.files, self.controls)

    def is_(self, part: Part) -> bool:
        """Whether it may be `part`, sent before: the same words, files and poll."""
        look, poll = part.look, part.poll
        same = (self.look.content, self.files) == (look.content, look.files)
        return same and self.poll == (() if poll is None else (poll.question, *poll.answers))
