"""The dependencies of the stage: senders, the rooms' state, and the pace of edits. Values only."""

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

# Most seconds that the first send waits for a whole sentence: a phone's notification shows its
# text, and edits notify nobody.
HELD: Final = 0.8


@dataclass(frozen=True, slots=True)
class Senders:
    """The parts that send a character's messages and show its avatar."""

    api: WebhookApi
    """The webhook requests."""
    webhooks: Webhooks
    """The webhook of each channel."""
    avatars: Avatars
    """The characters' avatars."""
    typing: Typing
    """Shows the typing indicator."""


@dataclass(frozen=True, slots=True)
class KnownRooms:
    """The rooms' state that the stage reads to send characters' messages and to read history."""

    find: Callable[[str], Character | None]
    """Returns the character of a key; None if its file is missing."""
    cast: Callable[[Room], Sequence[Character]] = lambda _: ()
    """Returns the characters in a room."""
    worn: Callable[[Room, Character], Character] = lambda _, character: character
    """Returns the character with the avatar of its mood in a room."""
    open_from: Callable[[Room, str], int | None] = lambda _, __: 0
    """Returns the first message that the character of a key may still answer in a room; None if
    there is none."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """How often a streamed answer is sent."""

    edit_interval: float = 1.0
    """Least seconds between two edits of a message."""
    held: float = HELD
    """Most seconds that the first send waits for a whole sentence."""
