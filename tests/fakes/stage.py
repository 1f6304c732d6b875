"""The in-memory twin of `bot.discord_io.stage.DiscordStage`: rooms are lists of messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.domain.character import Character
from bot.domain.editing import without_editor
from bot.domain.room import Room
from bot.domain.splitting import joined, split
from bot.domain.turn import Turn, TurnState
from bot.domain.utterance import Attachment, Speaker, SpeakerKind, Utterance, snowflake_at
from bot.errors import DeliveryError, PlaceGoneError, RoomGoneError


@dataclass(slots=True)
class Posted:
    """A message in a room."""

    id: int
    room_id: int
    speaker: Speaker
    text: str
    turn: str | None = None
    """Id of the turn that posted the message, if a character wrote it."""
    reactions: list[str] = field(default_factory=list)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    settled: int | None = None
    reply_to: int | None = None
    attachments: tuple[Attachment, ...] = ()
    edited_at: datetime | None = None


class MemoryStage:
    """A `RoomStage` in memory. `on_chunk` is awaited for each chunk, like a ledger's `chunk`."""

    def __init__(self, on_chunk: Callable[[Turn, int, int], Awaitable[None]] | None = None) -> None:
        self.posted: dict[int, Posted] = {}
        """All messages by id."""
        self.told: list[tuple[int, str, int | None]] = []
        """Notices of the bot: (room id, text, message replied to)."""
        self.typing_in: Counter[int] = Counter()
        """Room id → running typing indicators."""
        self.typed_in: set[int] = set()
        """Rooms in which a typing indicator was ever shown."""
        self.gone: set[int] = set()
        """Rooms that were deleted."""
        self.labels: dict[str, tuple[int, int]] = {}
        """Turn id → (number of the shown alternative, from 1; number of alternatives)."""
        self.active: list[Room] = []
        """The active Discord threads."""
        self.prepared: list[str] = []
        """Keys of the characters that were prepared."""
        self.forgotten: list[int] = []
        """Rooms whose state was dropped."""
        self.fails_with: DeliveryError | None = None
        """Raised by every request while it is set."""
        self.mute: DeliveryError | None = None
        """Raised by `require_voice` while it is set."""
        self._on_chunk = on_chunk
        self._ahead = timedelta()
        self._ids = count(snowflake_at(self.now()), 1 << 22)

    def say(
        self,
        room: Room,
        speaker: Speaker,
        text: str,
        *,
        reply_to: int | None = None,
        attachments: tuple[Attachment, ...] = (),
    ) -> Utterance:
        """Post a message of a person or bot, and return it."""
        posted = Posted(
            next(self._ids),
            room.id,
            speaker,
            text,
            at=self.now(),
            reply_to=reply_to,
            attachments=attachments,
        )
        self.posted[posted.id] = posted
        return self._heard([posted])

    def texts(self, room_id: int) -> list[str]:
        """Return the texts of the characters' messages in the room, in order."""
        return [posted.text for posted in self._in(room_id) if posted.turn is not None]

    @asynccontextmanager
    async def deliver(self, turn: Turn, character: Character) -> AsyncIterator[MemoryDelivery]:
        yield MemoryDelivery(self, turn, character)

    @asynccontextmanager
    async def typing(self, room: Room) -> AsyncIterator[Callable[[], None]]:
        held = [room.id]
        self.typing_in[room.id] += 1
        self.typed_in.add(room.id)

        def let_go() -> None:
            if held:
                self.typing_in[held.pop()] -= 1

        try:
            yield let_go
        finally:
            let_go()

    async def require_voice(self, room: Room) -> None:
        if self.mute is not None:
            raise self.mute
        if room.id in self.gone:
            raise RoomGoneError(f"room {room.id} is gone")

    async def tell(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        self.check(room)
        self.told.append((room.id, text, reply_to))

    async def prepare(self, room: Room, character: Character) -> None:
        self.prepared.append(character.key)

    async def unrecorded(self, room: Room, message_id: int) -> Turn | None:
        return None  # the in-memory ledger never loses a record

    async def places_gone(self, room_ids: Sequence[int]) -> None:
        self.forgotten += room_ids

    async def discard(self, room: Room, message_id: int) -> None:
        self.check(room)
        self.posted.pop(message_id, None)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def set_clock(self, ahead: timedelta) -> None:
        """Set how far Discord's clock, which dates messages, is ahead of the host's."""
        self._ahead = ahead
        self._ids = count(snowflake_at(self.now()), 1 << 22)

    def newest(self, room: Room) -> int | None:
        return max((posted.id for posted in self._in(room.id)), default=None)

    def threads(self) -> list[Room]:
        return list(self.active)

    async def react(self, room: Room, message_id: int, emoji: str) -> None:
        self.check(room)
        if message_id not in self.posted:
            raise PlaceGoneError("the message is gone")
        self.posted[message_id].reactions.append(emoji)

    async def unreact(self, room: Room, message_id: int, emoji: str) -> None:
        self.check(room)
        posted = self.posted.get(message_id)
        if posted is not None and emoji in posted.reactions:
            posted.reactions.remove(emoji)

    async def history(
        self, room: Room, *, after: int = 0, before: int | None = None, limit: int = 100
    ) -> list[Utterance]:
        self.check(room)
        shown = [
            posted
            for posted in self._in(room.id)
            if posted.id > after and (before is None or posted.id < before)
        ][-limit:]
        turns: dict[str, list[Posted]] = {}
        for posted in shown:
            turns.setdefault(posted.turn or str(posted.id), []).append(posted)
        heard = [self._heard(chunks) for chunks in turns.values()]
        return sorted(heard, key=lambda said: said.order)

    async def messages(self, room: Room, *, limit: int = 100) -> dict[int, datetime | None]:
        self.check(room)
        return {posted.id: posted.edited_at for posted in self._in(room.id)[-limit:]}

    def check(self, room: Room) -> None:
        """Raise `fails_with` if set, or `RoomGoneError` for a deleted room."""
        if self.fails_with is not None:
            raise self.fails_with
        if room.id in self.gone:
            raise RoomGoneError(f"room {room.id} is gone")

    def put(self, turn: Turn, character: Character, text: str) -> int:
        """Post a chunk of a character's answer, and return its message id."""
        speaker = Speaker(1, character.name, SpeakerKind.CHARACTER, character.key)
        posted = Posted(next(self._ids), turn.room.id, speaker, text, turn.id, at=self.now())
        posted.settled = posted.id
        self.posted[posted.id] = posted
        return posted.id

    async def record(self, turn: Turn, index: int, message_id: int) -> None:
        """Report a chunk to `on_chunk`."""
        if self._on_chunk is not None:
            await self._on_chunk(turn, index, message_id)

    def _in(self, room_id: int) -> list[Posted]:
        return [posted for posted in self.posted.values() if posted.room_id == room_id]

    def _heard(self, chunks: list[Posted]) -> Utterance:
        first = chunks[0]
        settled = [chunk.settled for chunk in chunks if chunk.settled is not None]
        answered = self.posted.get(first.reply_to) if first.reply_to is not None else None
        return Utterance(
            message_id=first.id,
            room_id=first.room_id,
            speaker=first.speaker,
            text=without_editor(joined([chunk.text for chunk in chunks]))
            if first.turn
            else first.text,
            attachments=first.attachments,
            at=first.at,
            reply_to=first.reply_to,
            reply_to_name=answered.speaker.name if answered is not None else None,
            reply_to_text=answered.text if answered is not None else "",
            edited_at=first.edited_at,
            settled=max(settled, default=None),
            turn=first.turn.removesuffix(f":{first.id}") if first.turn else None,
        )


class MemoryDelivery:
    """A `Delivery` to the lists of a `MemoryStage`."""

    def __init__(self, stage: MemoryStage, turn: Turn, character: Character) -> None:
        self.frames: list[str] = []
        """Every text passed to `show`."""
        self.askers = frozenset({turn.asker, *turn.along})
        self._stage = stage
        self._turn = turn
        self._character = character
        # Chunks of an earlier process are found in the room, recorded or not; a new turn has none.
        begun = turn.state is not TurnState.ACCEPTED or bool(turn.chunks)
        shown = (posted.id for posted in stage.posted.values() if posted.turn == turn.id)
        self._chunks = sorted(shown) if begun else []
        found = enumerate(self._chunks)
        self._unrecorded = [index for index, message_id in found if message_id not in turn.chunks]

    async def opened(self) -> None:
        if self._turn.room.id in self._stage.gone:
            raise RoomGoneError("gone")

    def show(self, text: str) -> None:
        self.frames.append(text)
        if self._stage.fails_with is None and not self._chunks and text.strip():
            self._chunks.append(self._stage.put(self._turn, self._character, split(text)[0]))
            self._unrecorded.append(0)
        elif self._chunks:
            self._stage.posted[self._chunks[0]].text = split(text)[0]

    async def finish(self, text: str, *, take: int = 0, of: int = 1) -> tuple[int, ...]:
        self._stage.check(self._turn.room)
        self._stage.labels[self._turn.id] = (take + 1, of)
        parts = split(text)
        for index in self._unrecorded:
            await self._stage.record(self._turn, index, self._chunks[index])
        for index, part in enumerate(parts):
            if index < len(self._chunks):
                posted = self._stage.posted[self._chunks[index]]
                posted.text, posted.settled = part, max(self._chunks)
            else:
                self._chunks.append(self._stage.put(self._turn, self._character, part))
                await self._stage.record(self._turn, index, self._chunks[index])
        for surplus in self._chunks[len(parts) :]:
            del self._stage.posted[surplus]
        del self._chunks[len(parts) :]
        return tuple(self._chunks)

    async def withdraw(self) -> None:
        self._stage.check(self._turn.room)
        for message_id in self._chunks:
            del self._stage.posted[message_id]
        self._chunks.clear()
