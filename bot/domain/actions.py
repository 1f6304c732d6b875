"""What a character can do in a room besides talking: each action is a frozen value.

Owns the closed union `Action`. Each value declares its permission, its target and whether it is
idempotent. Discord knows who has which permission; a room's `Policy` knows what the room denies.
`bot.rooms.actions.service` takes the steps that all actions share, `bot.discord_io.actions` carries
them out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final, Self, TypeAlias, get_args

from bot import action_refusals
from bot.domain.action_arguments import Poll, one_line
from bot.domain.character import Character
from bot.domain.enclosing import Enclosure
from bot.domain.room import Place, Room
from bot.errors import RefusedError
from bot.message_data import Message

# In one turn. A model that runs wild must not fill a room.
ACTIONS_LIMIT = 10
# Characters. Our own limits: a longer text is no whisper and no status.
WHISPER_LIMIT = 1_800
STATUS_LIMIT = 80


class Power(StrEnum):
    """A permission in a channel, by Discord's own name for it."""

    REACT = "Add Reactions"
    POLL = "Create Polls"
    THREAD = "Create Public Threads"
    PIN = "Pin Messages"
    FILE = "Attach Files"


@dataclass(frozen=True, slots=True)
class Target:
    """The message that an action is about."""

    quote: str | None = None
    """Words of the message, which is the newest that has them. None: the message that the turn
    answers."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What came of an action."""

    message_id: int | None = None
    """The message that was posted under the character's name; None when none was."""
    thread: Room | None = None
    """The Discord thread that was opened; None when none was."""
    author: str = ""
    """The name of the quoted message's author, where the tool's answer names it."""


class BaseAction:
    """What the tools need to know of every action."""

    __slots__ = ()

    name: ClassVar[str]
    """The tool's name, as models and admins know it."""
    label: ClassVar[Message]
    """The action at the beginning of a sentence, for a refusal."""
    idempotent: ClassVar[bool] = False
    """Whether doing it twice is the same as doing it once."""


class BaseRoomAction(BaseAction):
    """What the rooms need to know of an action that Discord carries out.

    A subclass overrides what differs from these defaults.
    """

    __slots__ = ()

    power: ClassVar[Power | None] = None
    """The permission that the bot needs, and each person who is answered: nobody gets through a
    character what Discord denies to them. None: Discord guards nothing that the action changes."""
    is_answer: ClassVar[bool] = True
    """Whether the turn counts as answered by the action, even without words."""
    repeat_refusal: ClassVar[Message | None] = None
    """The refusal when an action that is not idempotent is repeated in one turn. None: the
    repeated call succeeds without a second effect."""

    @property
    def target(self) -> Target | None:
        """The message that the action is about; None for an action about no message."""
        return None

    @property
    def identity(self) -> tuple[str, ...]:
        """Texts by which a repetition within one turn is recognised."""
        return ()

    @property
    def posted_text(self) -> str:
        """The text of the message that the action posts, for the room's message log."""
        return ""

    @property
    def posted_file(self) -> Enclosure | None:
        """The file of the message that the action posts, for the room's message log."""
        return None

    def prepared(self, room: Room, character: Character) -> Self:  # noqa: ARG002 for subclasses
        """Return the action as `character` carries it out in `room`.

        Raises `RefusedError` for what no permission would make possible.
        """
        return self


@dataclass(frozen=True, slots=True)
class Skip(BaseAction):
    """Say nothing in this turn. Changes nothing on Discord, so no room can deny it."""

    name = "skip"
    label = action_refusals.SKIPPING
    idempotent = True

    reason: str
    """For the record of decisions; may be empty."""


@dataclass(frozen=True, slots=True)
class React(BaseRoomAction):
    """Put an emoji under the message that the turn answers."""

    name = "react"
    label = action_refusals.REACTING
    idempotent = True
    power = Power.REACT

    emoji: str

    @property
    def target(self) -> Target:
        """The message that the turn answers."""
        return Target()


@dataclass(frozen=True, slots=True)
class ReplyTo(BaseRoomAction):
    """Answer an earlier message: the reply line above the turn's words links to it."""

    name = "reply_to"
    label = action_refusals.REPLYING
    idempotent = True
    is_answer = False

    quote: str

    @property
    def target(self) -> Target:
        """The quoted message."""
        return Target(self.quote)


@dataclass(frozen=True, slots=True)
class StartPoll(BaseRoomAction):
    """Put a question to the vote. One poll for each question in a turn."""

    name = "poll"
    label = action_refusals.A_POLL
    power = Power.POLL

    poll: Poll

    @property
    def identity(self) -> tuple[str, ...]:
        """The question."""
        return (self.poll.question,)

    @property
    def posted_text(self) -> str:
        """The poll as a transcript shows it."""
        return str(self.poll)


@dataclass(frozen=True, slots=True)
class OpenThread(BaseRoomAction):
    """Open a Discord thread at the message that the turn answers; the character owns it."""

    name = "open_thread"
    label = action_refusals.OPENING_A_THREAD
    power = Power.THREAD
    repeat_refusal = action_refusals.THREAD_OPENED_ALREADY

    title: str

    @property
    def target(self) -> Target:
        """The message that the turn answers."""
        return Target()

    def prepared(self, room: Room, character: Character) -> Self:  # noqa: ARG002 of the base class
        """Return the action; raise `RefusedError` outside a channel."""
        if room.place is not Place.CHANNEL:
            raise RefusedError(action_refusals.THREAD_NEEDS_CHANNEL)
        return self


@dataclass(frozen=True, slots=True)
class Pin(BaseRoomAction):
    """Pin the quoted message; without a quote, the message that the turn answers."""

    name = "pin"
    label = action_refusals.PINNING
    idempotent = True
    power = Power.PIN

    quote: str = ""

    @property
    def target(self) -> Target:
        """The quoted message, or the message that the turn answers."""
        return Target(self.quote or None)


@dataclass(frozen=True, slots=True)
class SendFile(BaseRoomAction):
    """Send a text as a file."""

    name = "send_file"
    label = action_refusals.SENDING_A_FILE
    power = Power.FILE

    file: Enclosure

    @property
    def identity(self) -> tuple[str, ...]:
        """The file's name and text."""
        return (self.file.name, self.file.text)

    @property
    def posted_file(self) -> Enclosure:
        """The file."""
        return self.file


@dataclass(frozen=True, slots=True)
class Whisper(BaseRoomAction):
    """Tell the asker something that nobody else can read. Not part of the room's talk."""

    name = "whisper"
    label = action_refusals.WHISPERING

    text: str

    @property
    def identity(self) -> tuple[str, ...]:
        """The text."""
        return (self.text,)

    def prepared(self, room: Room, character: Character) -> Self:  # noqa: ARG002 of the base class
        """Return the action; raise `RefusedError` for a text that is empty or too long."""
        if not self.text.strip():
            raise RefusedError(action_refusals.WHISPER_EMPTY)
        if len(self.text) > WHISPER_LIMIT:
            raise RefusedError(action_refusals.WhisperTooLong(WHISPER_LIMIT))
        return self


@dataclass(frozen=True, slots=True)
class SetStatus(BaseRoomAction):
    """Set what `/cast` shows that the character is doing; an empty text removes it."""

    name = "set_status"
    label = action_refusals.A_STATUS
    idempotent = True

    text: str

    def prepared(self, room: Room, character: Character) -> Self:  # noqa: ARG002 of the base class
        """Return the status on one line; raise `RefusedError` when it is too long."""
        text = one_line(self.text)
        if len(text) > STATUS_LIMIT:
            raise RefusedError(action_refusals.StatusTooLong(STATUS_LIMIT))
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class SetMood(BaseRoomAction):
    """Change the character's face from the next message on; an empty mood is its usual face."""

    name = "set_mood"
    label = action_refusals.A_MOOD
    idempotent = True

    mood: str

    def prepared(self, room: Room, character: Character) -> Self:  # noqa: ARG002 of the base class
        """Return the mood as the character's file spells it; raise `RefusedError` if unknown."""
        mood = character.mood(self.mood)
        if self.mood.strip() and mood is None:
            known = tuple(mood.name for mood in character.moods)
            raise RefusedError(
                action_refusals.UnknownMood(known) if known else action_refusals.NO_MOODS
            )
        return replace(self, mood=mood.name if mood else "")


RoomAction: TypeAlias = (
    React | ReplyTo | StartPoll | OpenThread | Pin | SendFile | Whisper | SetStatus | SetMood
)
"""An action that Discord carries out; a room can deny it."""

Action: TypeAlias = RoomAction | Skip
"""Everything that a model's tools can do to the running turn and its room."""

# In the order of the union, which is the order of the choices in `/room settings`.
ACTION_NAMES: Final[tuple[str, ...]] = tuple(kind.name for kind in get_args(RoomAction))
