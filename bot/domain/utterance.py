"""One line of talk, free of any library's types. Owns the value only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class SpeakerKind(StrEnum):
    """Who talks: only people trigger turns; characters and other bots are heard."""

    PERSON = "person"
    CHARACTER = "character"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it. `id` is the snowflake (the webhook's for a character): that is identity.

    `name` is what people saw. `character` is the key when a character spoke.
    """

    id: int
    name: str
    kind: SpeakerKind = SpeakerKind.PERSON
    character: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a message. `size` in bytes; `content_type` as Discord says it.

    Once it was opened for a mind, `note` says what came of it (“picture 1”, “too large to look
    at”) and `text` is what a text file holds.
    """

    name: str
    url: str
    size: int
    content_type: str | None = None
    note: str = ""
    text: str | None = None
    voice_seconds: int | None = None
    """How long a voice message is; None for any other file."""

    @property
    def key(self) -> str:
        """What stays the same of its address: the rest is a signature that Discord renews."""
        return self.url.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a mind to look at. `content_type` is that of `data`, an image's file."""

    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a message shows beside its speaker's own words: a forwarded message, a link's preview.

    It is no speech of theirs, so it calls nobody.
    """

    label: str
    """What it is, in words of ours."""
    text: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said. `message_id` orders a room: snowflakes grow with time.

    `reply_to` is the message that it answers, `reply_to_name` whom that message was by, and
    `reply_to_text` what it said.
    `text` has mentions already turned into names. `turn` is the id of the turn whose answer it is,
    when a character said it. `edited_at`: when its speaker changed it last.
    `settled` is the moment of its last word as a snowflake, for what was streamed into a message
    that is older.
    """

    message_id: int
    room_id: int
    speaker: Speaker
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    reply_to: int | None = None
    reply_to_name: str | None = None
    reply_to_text: str = ""
    mentions_bot: bool = False
    edited_at: datetime | None = None
    settled: int | None = None
    turn: str | None = None
    excerpts: tuple[Excerpt, ...] = ()
    reply_to_files: tuple[Attachment, ...] = ()
    """The files of the message that it answers."""
    reply_to_own: str | None = None
    """The name that a character of ours wears on the message that it answers, by Discord's word."""

    @property
    def order(self) -> int:
        """Where it belongs in the talk: what was streamed counts from its last word on.

        Snowflakes grow with time, so this is compared with cursors as well.
        """
        return self.settled or self.message_id

    def reads_as(self, other: Utterance) -> bool:
        """Whether both say the same words with the same files, whenever Discord signed those."""
        files = [file.key for file in self.attachments]
        return self.text == other.text and files == [file.key for file in other.attachments]


# Discord's epoch, in milliseconds since 1970 (reference: “Snowflakes” in its API documentation).
_EPOCH = 1_420_070_400_000
# An answer that is streamed into its messages comes to its end within this.
LONGEST_WORDS = timedelta(minutes=10)


def snowflake_at(moment: datetime) -> int:
    """The first snowflake of that moment: for placing what has no message of its own."""
    return (int(moment.timestamp() * 1000) - _EPOCH) << 22


def begun_by(order: int) -> int:
    """Words whose last came after `order` began after this snowflake: nobody speaks for longer."""
    return max(0, order - (int(LONGEST_WORDS.total_seconds() * 1000) << 22))


def moment_of(snowflake: int) -> datetime:
    """When that snowflake was made, to the millisecond."""
    since_epoch = timedelta(milliseconds=(snowflake >> 22) + _EPOCH)
    return datetime.fromtimestamp(0, UTC) + since_epoch
