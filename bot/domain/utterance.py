"""A message of a room as a plain value, free of library types; and snowflake arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class SpeakerKind(StrEnum):
    """The kind of a speaker. Only people trigger turns; talk of the others becomes context."""

    PERSON = "person"
    CHARACTER = "character"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Speaker:
    """The author of a message."""

    id: int
    """Snowflake of the user, or of a character's webhook: the author's identity."""
    name: str
    """Name as shown to people."""
    kind: SpeakerKind = SpeakerKind.PERSON
    character: str | None = None
    """Key of the character; None for other speakers."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a message."""

    name: str
    url: str
    size: int
    """Size in bytes."""
    content_type: str | None = None
    """MIME type as reported by Discord."""
    note: str = ""
    """Result of opening the file for a mind: “picture 1”, “too large to look at”; else empty."""
    text: str | None = None
    """Content of a text file, once opened for a mind."""
    voice_seconds: int | None = None
    """Length of a voice message; None for any other file."""

    @property
    def key(self) -> str:
        """The URL without its query, a signature that Discord renews."""
        return self.url.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a mind."""

    content_type: str
    """MIME type of `data`."""
    data: bytes = field(repr=False)
    """Bytes of the image file."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Quoted content of a message: a forwarded message, a link preview.

    Not the speaker's own words, so names in it address nobody.
    """

    label: str
    """Description of the content, in our words."""
    text: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message, or an answer of a character in one or more messages."""

    message_id: int
    """Snowflake; snowflakes grow with time."""
    room_id: int
    speaker: Speaker
    text: str
    """The speaker's words, with mentions replaced by names."""
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    reply_to: int | None = None
    """Id of the message that this message replies to."""
    reply_to_name: str | None = None
    """Author's name of the `reply_to` message."""
    reply_to_text: str = ""
    """Text of the `reply_to` message."""
    mentions_bot: bool = False
    edited_at: datetime | None = None
    """When the speaker last edited the message."""
    settled: int | None = None
    """Snowflake of the moment when an answer's last word was streamed into an older message."""
    turn: str | None = None
    """Id of the turn whose answer this is; None for other messages."""
    excerpts: tuple[Excerpt, ...] = ()
    reply_to_files: tuple[Attachment, ...] = ()
    """Files of the `reply_to` message."""
    reply_to_own: str | None = None
    """Name of our character on the `reply_to` message, as reported by Discord."""

    @property
    def order(self) -> int:
        """Position in the room's talk, comparable with cursors; for a streamed answer, its end."""
        return self.settled or self.message_id

    def reads_as(self, other: Utterance) -> bool:
        """Return whether both have the same text and files, ignoring the signatures of URLs."""
        files = [file.key for file in self.attachments]
        return self.text == other.text and files == [file.key for file in other.attachments]


# Discord's epoch, in milliseconds since 1970 (reference: “Snowflakes” in its API documentation).
_EPOCH = 1_420_070_400_000
# Upper bound for the time that an answer takes to stream into its messages.
LONGEST_WORDS = timedelta(minutes=10)


def snowflake_at(moment: datetime) -> int:
    """Return the first snowflake of `moment`, for events that have no message of their own."""
    return (int(moment.timestamp() * 1000) - _EPOCH) << 22


def begun_by(order: int) -> int:
    """Return a lower bound for the first message id of an answer that finished after `order`.

    Answers stream for `LONGEST_WORDS` at most.
    """
    return max(0, order - (int(LONGEST_WORDS.total_seconds() * 1000) << 22))


def moment_of(snowflake: int) -> datetime:
    """Return when `snowflake` was made, to the millisecond."""
    since_epoch = timedelta(milliseconds=(snowflake >> 22) + _EPOCH)
    return datetime.fromtimestamp(0, UTC) + since_epoch
