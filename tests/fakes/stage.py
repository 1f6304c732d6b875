"""The twin in memory of `bot.discord_io.stage.DiscordStage`: rooms that are lists."""

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
    """A message. `turn` is set when a character said it."""

    id: int
    room_id: int
    speaker: Speaker
    text: str
    turn: str | None = None
    reactions: list[str] = field(default_factory=list)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    settled: int | None = None
    reply_to: int | None = None
    attachments: tuple[Attachment, ...] = ()
    edited_at: datetime | None = None


class MemoryStage:
    """A `Stage` in memory.

    `posted`, `told` and `typing_in` are for tests to read; `fails_with` is raised by the next
    writes while it is set, `mute` wherever somebody is to speak. `active` are its threads.
    `on_chunk` is awaited like a ledger's. `labels` are the places (from 1) of the takes that turns
    show, each with the number of takes. `prepared` are the keys of the characters that were made
    ready, `forgotten` the places that were let go.
    """

    def __init__(self, on_chunk: Callable[[Turn, int, int], Awaitable[None]] | None = None) -> None:
        self.posted: dict[int, Posted] = {}
        self.told: list[tuple[int, str, int | None]] = []
        self.typing_in: Counter[int] = Counter()
        self.typed_in: set[int] = set()
        self.gone: set[int] = set()
        self.labels: dict[str, tuple[int, int]] = {}
        self.active: list[Room] = []
        self.prepared: list[str] = []
        self.forgotten: list[int] = []
        self.fails_with: DeliveryError | None = None
        self.mute: DeliveryError | None = None
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
        """Somebody says something."""
        one = Posted(
            next(self._ids),
            room.id,
            speaker,
            text,
            at=self.now(),
            reply_to=reply_to,
            attachments=attachments,
        )
        self.posted[one.id] = one
        return self._heard([one])

    def texts(self, room_id: int) -> list[str]:
        """What characters said there, message by message."""
        return [one.text for one in self._in(room_id) if one.turn is not None]

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
        return None  # no record of its ledger is ever lost

    async def places_gone(self, room_ids: Sequence[int]) -> None:
        self.forgotten += room_ids

    async def discard(self, room: Room, message_id: int) -> None:
        self.check(room)
        self.posted.pop(message_id, None)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def set_clock(self, ahead: timedelta) -> None:
        """Discord's clock, by which messages are dated, is so far ahead of the host's."""
        self._ahead = ahead
        self._ids = count(snowflake_at(self.now()), 1 << 22)

    def newest(self, room: Room) -> int | None:
        return max((one.id for one in self._in(room.id)), default=None)

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
            one
            for one in self._in(room.id)
            if one.id > after and (before is None or one.id < before)
        ][-limit:]
        turns: dict[str, list[Posted]] = {}
        for one in shown:
            turns.setdefault(one.turn or str(one.id), []).append(one)
        heard = [self._heard(chunks) for chunks in turns.values()]
        return sorted(heard, key=lambda one: one.order)

    async def messages(self, room: Room, *, limit: int = 100) -> dict[int, datetime | None]:
        self.check(room)
        return {one.id: one.edited_at for one in self._in(room.id)[-limit:]}

    def check(self, room: Room) -> None:
        """Fail as Discord would."""
        if self.fails_with is not None:
            raise self.fails_with
        if room.id in self.gone:
            raise RoomGoneError(f"room {room.id} is gone")

    def put(self, turn: Turn, character: Character, text: str) -> int:
        """A character's chunk is shown."""
        speaker = Speaker(1, character.name, SpeakerKind.CHARACTER, character.key)
        one = Posted(next(self._ids), turn.room.id, speaker, text, turn.id, at=self.now())
        one.settled = one.id
        self.posted[one.id] = one
        return one.id

    async def record(self, turn: Turn, index: int, message_id: int) -> None:
        """Tell the ledger."""
        if self._on_chunk is not None:
            await self._on_chunk(turn, index, message_id)

    def _in(self, room_id: int) -> list[Posted]:
        return [one for one in self.posted.values() if one.room_id == room_id]

    def _heard(self, chunks: list[Posted]) -> Utterance:
        first = chunks[0]
        settled = [one.settled for one in chunks if one.settled is not None]
        answered = self.posted.get(first.reply_to) if first.reply_to is not None else None
        return Utterance(
            message_id=first.id,
            room_id=first.room_id,
            speaker=first.speaker,
            text=without_editor(joined([one.text for one in chunks])) if first.turn else first.text,
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
    """A `Delivery`; `frames` keeps everything that it was asked to show."""

    def __init__(self, stage: MemoryStage, turn: Turn, character: Character) -> None:
        self.frames: list[str] = []
        self.askers = frozenset({turn.asker, *turn.along})
        self._stage = stage
        self._turn = turn
        self._character = character
        # What an earlier process sent is found in the room, recorded or not; a fresh turn has none.
        begun = turn.state is not TurnState.ACCEPTED or bool(turn.chunks)
        shown = (one.id for one in stage.posted.values() if one.turn == turn.id)
        self._chunks = sorted(shown) if begun else []
        found = enumerate(self._chunks)
        self._unrecorded = [index for index, one in found if one not in turn.chunks]

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
                one = self._stage.posted[self._chunks[index]]
                one.text, one.settled = part, max(self._chunks)
            else:
                self._chunks.append(self._stage.put(self._turn, self._character, part))
                await self._stage.record(self._turn, index, self._chunks[index])
        for surplus in self._chunks[len(parts) :]:
            del self._stage.posted[surplus]
        del self._chunks[len(parts) :]
        return tuple(self._chunks)

    async def withdraw(self) -> None:
        self._stage.check(self._turn.room)
        for one in self._chunks:
            del self._stage.posted[one]
        self._chunks.clear()
