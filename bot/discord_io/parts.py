"""A message as it is to be sent (`Part`) and as the channel shows it (`Shown`). Values only."""

from __future__ import annotations

from dataclasses import dataclass

from bot.discord_io.controls import Row
from bot.domain.action_arguments import Poll
from bot.domain.enclosing import Enclosure

Files = tuple[tuple[str, int], ...]
"""Names and sizes in bytes of files, for comparing files without fetching them."""


def through_our_webhook(
    webhook_id: int | None, application_id: int | None, own: int | None
) -> bool:
    """Return whether a webhook of application `own`, possibly deleted, sent a message.

    `webhook_id` and `application_id` are those of the message.
    """
    # Responses to commands come from a webhook whose id is the application's id.
    return own is not None and application_id == own and webhook_id not in (None, own)


@dataclass(frozen=True, slots=True)
class Look:
    """The visible content of a message, for comparing two messages."""

    content: str
    """Stripped, as Discord strips it."""
    files: Files = ()
    controls: tuple[str, ...] = ()
    """The custom ids of the buttons."""


@dataclass(frozen=True, slots=True)
class Part:
    """A message to send, or the desired state of a sent message."""

    content: str
    files: tuple[Enclosure, ...] = ()
    row: Row = ()
    poll: Poll | None = None
    """A message with a poll is never edited: Discord does not allow it."""
    bare_links: bool = False
    """Suppress link previews. Not part of the look, because Discord keeps it through edits."""

    @property
    def look(self) -> Look:
        """The visible content of the message once it is sent."""
        files = tuple((file.name, len(file.data)) for file in self.files)
        return Look(self.content.strip(), files, tuple(button.id for button in self.row))


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the channel shows it."""

    id: int
    content: str
    name: str = ""
    """The author's name."""
    webhook_id: int | None = None
    """The webhook that sent the message; None for a user's or bot's own message."""
    files: Files = ()
    controls: tuple[str, ...] = ()
    """The custom ids of the buttons."""
    poll: tuple[str, ...] = ()
    """The question of the poll, then its answers; empty without a poll."""
    application_id: int | None = None
    """The application of the webhook, even if the webhook was deleted."""
    author: int = 0
    """The author's id; 0 if unknown."""
    channel_id: int = 0
    """The channel or Discord thread of the message; 0 if unknown."""

    @property
    def look(self) -> Look:
        """The visible content of the message."""
        return Look(self.content.strip(), self.files, self.controls)

    def is_(self, part: Part) -> bool:
        """Return whether the message can be `part`, sent before: same text, files and poll."""
        look, poll = part.look, part.poll
        same = (self.look.content, self.files) == (look.content, look.files)
        return same and self.poll == (() if poll is None else (poll.question, *poll.answers))
