"""What the stage is made of: how characters are shown, and what the rooms know. Values only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.discord_io.avatars import Avatars
from bot.discord_io.typing import Typing
from bot.discord_io.webhook_api import WebhookApi
from bot.discord_io.webhooks import Webhooks
from bot.domain.character import Character
from bot.domain.room import Room

# Seconds for which the first send waits for a whole sentence: it is what a phone's notification
# shows, and edits notify nobody.
HELD: Final = 0.8


@dataclass(frozen=True, slots=True)
class Senders:
    """What characters speak through."""

    api: WebhookApi
    """The requests that write by webhook."""
    webhooks: Webhooks
    """The webhook of each channel."""
    avatars: Avatars
    """The characters' faces."""
    typing: Typing
    """Shows that somebody types."""


@dataclass(frozen=True, slots=True)
class KnownRooms:
    """What the stage asks of the rooms' state to show and to read back what characters said."""

    find: Callable[[str], Character | None]
    """The character of a key; None when there is none any more."""
    cast: Callable[[Room], Sequence[Character]] = lambda _: ()
    """The characters of a room."""
    worn: Callable[[Room, Character], Character] = lambda _, character: character
    """A character with the face that it wears in a room."""
    open_from: Callable[[Room, str], int | None] = lambda _, __: 0
    """From which message on an answer of the character of that key may be on its way to a room;
    None: none is.
    """


@dataclass(frozen=True, slots=True)
class Pacing:
    """How often an answer that is being written is sent."""

    edit_interval: float = 1.0
    """Least seconds between two edits of a message."""
    held: float = HELD
    """Most seconds that the first send waits for the end of a sentence."""
