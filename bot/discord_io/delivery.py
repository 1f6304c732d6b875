"""One answer on its way into a room: first words at once, edits, then exactly the final text.

Owns the order of the writes and the record of each chunk. Nothing is ever sent twice: a chunk that
the record names, or that the room shows already, is edited or kept. While words come, a button
under the newest of them stops them, from the first edit on: the first send is bare, so that a short
answer needs no other write. Where the words stand is `layout`'s. Implements
`bot.rooms.ports.Delivery`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from bot.discord_io import chunks, controls, permissions
from bot.discord_io.chunks import Chunk, frame_interval
from bot.discord_io.controls import Row
from bot.discord_io.dressing import reply_line_of
from bot.discord_io.faults import MessageGoneError
from bot.discord_io.lane import Lane
from bot.discord_io.layout import Layout
from bot.discord_io.opened_voice import OpenedVoice
from bot.discord_io.parts import Look, Part, Shown
from bot.discord_io.stage_parts import Pacing
from bot.discord_io.voice import MessageOrphanedError, Voice, VoiceLostError
from bot.domain.sentences import has_ended
from bot.domain.turn import Turn, TurnState
from bot.errors import DeliveryError, NotPermittedError, StoreError
from bot.tasks import Aside, Tasks

log = logging.getLogger(__name__)

# A write in flight is let finish when the delivery is left: cut off, its fate would be unknown.
CLOSING: Final = 5.0
# An answer that takes longer than this after its first words can be stopped.
BARE: Final = 1.0


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """The record of the messages that an answer is shown in."""

    on_chunk: Callable[[int, int], Awaitable[None]]
    """Told which message (second) shows which chunk (from 0)."""
    recorded: Callable[[Sequence[int]], Awaitable[set[int]]]
    """Those of the messages that are on record as somebody's."""


class StreamedDelivery:
    """A `Delivery`. Used as an async context manager, by one turn."""

    def __init__(
        self,
        *,
        turn: Turn,
        open_voice: Callable[[], Awaitable[Voice]],
        lane: Lane,
        record: ChunkRecord,
        layout: Layout,
        pacing: Pacing,
        aside: Aside,
        now: Callable[[], datetime],
    ) -> None:
        self._turn = turn
        self.askers = frozenset({turn.asker, *turn.along})
        self._voice = OpenedVoice(open_voice)
        self._lane = lane
        self._on_chunk, self._recorded = record.on_chunk, record.recorded
        self._layout = layout
        self._interval, self._held = pacing.edit_interval, pacing.held
        self._aside = aside
        self._now = now
        self._chunks = [Chunk(message_id, None, recorded=True) for message_id in turn.chunks]
        # What an earlier process may have left behind is looked for once, before the first write.
        self._to_recover = turn.state is not TurnState.ACCEPTED or bool(turn.chunks)
        self._wanted = ""
        # What stands under the whole answer.
        self._row: Row = ()
        self._removed = False
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks = Tasks("delivery")
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pump = self._tasks.start(self._turn.id, self._stream())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._news.set()
        await self._tasks.join(CLOSING)
        await self._tasks.close()
        self._lane.leave(self)

    async def opened(self) -> None:
        """Wait until it is known whether there is a way, not for long. Raises `RoomGoneError`."""
        await self._voice.known()

    def show(self, text: str) -> None:
        """The whole speech so far; never blocks."""
        self._wanted = text
        self._news.set()

    async def finish(self, text: str, *, take: int = 0, of: int = 1) -> tuple[int, ...]:
        """Bring the room to exactly `text`; gives the chunks' message ids in order.

        The buttons below name it as the take `take` (from 0) of so many. When a person deleted the
        answer while it was made, nothing more of it is sent.
        """
        await self._stop_streaming()
        self._row = controls.under(text, take=take, of=of)
        # Each of the two may happen on the way of the other.
        for _ in range(2):
            try:
                return await self._finish(text)
            except VoiceLostError as lost:
                log.warning("the answer goes on in another voice: %s", lost)
                self._voice.drop()
                for chunk in self._chunks:
                    chunk.orphaned = True
            except NotPermittedError as refused:
                if refused.permission != permissions.FILES:
                    raise
                log.warning("long code goes out as text: %s", refused)
                self._layout.encloses = False
        return await self._finish(text)

    async def _finish(self, text: str) -> tuple[int, ...]:
        voice = await self._voice.get()
        # What was begun before a text was on record is known by its voice alone.
        await self._recover(voice, text if self._turn.state is TurnState.RECORDED else None)
        parts = await self._laid_out(voice, self._layout.parts, text, self._row)
        for index, part in enumerate(parts):
            await self._bring(voice, index, part)
            if self._removed and index == 0:
                log.info("the answer was deleted while it was made: no more of it is sent")
                return tuple(chunk.id for chunk in self._chunks)
        for chunk in self._chunks[len(parts) :]:
            await voice.remove(chunk.id, orphaned=chunk.orphaned)
        del self._chunks[len(parts) :]
        return tuple(chunk.id for chunk in self._chunks)

    async def withdraw(self) -> None:
        """Remove what was shown: the turn ends without an answer."""
        await self._stop_streaming()
        if not self._chunks and not self._to_recover:
            return
        voice = await self._voice.get()
        await self._recover(voice, None)
        while self._chunks:
            last = self._chunks[-1]
            await voice.remove(last.id, orphaned=last.orphaned)
            self._chunks.pop()

    # --- streaming ------------------------------------------------------------------------

    async def _stream(self) -> None:
        """Show the newest words, again and again, until the delivery is finished or left."""
        try:
            # Opened before there are words, so that the first ones find the way ready.
            voice = await self._voice.get()
            while not self._stopping.is_set():
                await self._something_to_show()
                self._news.clear()
                if self._stopping.is_set() or self._removed:
                    return
                if not self._chunks and not await self._first_sentence():
                    continue
                if await self._show_frame(voice):
                    await self._pause()
        except (DeliveryError, StoreError) as error:
            # `finish` meets the same, and its caller hears of it.
            log.info("streaming ends: %s", error)

    async def _something_to_show(self) -> None:
        """Wait for words; where some stand without a button to stop them, not for ever."""
        bare = bool(self._chunks) and not (self._chunks[-1].look or Look("")).controls
        try:
            async with asyncio.timeout(BARE if bare else None):
                await self._news.wait()
        except TimeoutError:
            return

    async def _first_sentence(self) -> bool:
        """Wait until a sentence is whole, for a while; False when there are no words, or all."""
        if chunks.is_wordless(self._wanted):
            return False
        try:
            async with asyncio.timeout(self._held):
                while not (has_ended(self._wanted) or self._stopping.is_set()):
                    await self._news.wait()
                    self._news.clear()
        except TimeoutError:
            pass
        return not self._stopping.is_set()

    async def _show_frame(self, voice: Voice) -> bool:
        """Show what there is now; False when there was nothing to write."""
        if chunks.is_wordless(self._wanted) or not self._lane.may_stream(self):
            return False
        await self._recover(voice, None)
        if self._chunks and not voice.has_room_for_a_frame:
            self._news.set()  # looked at again after the pause
            return True
        parts = await self._laid_out(voice, self._layout.begun, self._wanted)
        if parts and self._chunks:
            parts[-1] = replace(parts[-1], row=controls.STOP)
        wrote = [await self._bring_frame(voice, index, part) for index, part in enumerate(parts)]
        return any(wrote)

    async def _bring_frame(self, voice: Voice, index: int, part: Part) -> bool:
        """Make chunk `index` show `part` for now; False when it does."""
        if self._removed or self._stopping.is_set():
            return False
        if index >= len(self._chunks):
            await self._send(voice, part)
        elif self._chunks[index].look != part.look:
            await self._edit(voice, index, part, frame=True)
        else:
            return False
        return True

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._until_next()):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _until_next(self) -> float:
        """Seconds from one frame to the next."""
        shown = self._chunks[-1].id if self._chunks else self._turn.trigger
        return frame_interval(shown, self._now(), self._interval)

    async def _stop_streaming(self) -> None:
        self._stopping.set()
        self._news.set()
        if self._pump is not None:
            # Not awaited itself: cancelling this must not cut a write that is on its way.
            await asyncio.wait({self._pump})

    # --- writing --------------------------------------------------------------------------

    async def _laid_out(
        self, voice: Voice, lay_out: Callable[..., list[Part]], text: str, *more: Row
    ) -> list[Part]:
        """The messages for `text`; nobody waits while a long one is cut."""
        self._layout.above(voice.header)
        self._layout.expect([chunk.id for chunk in self._chunks])
        return await self._aside.read(text, lay_out, voice.header, text, *more)

    async def _bring(self, voice: Voice, index: int, part: Part) -> None:
        """Make chunk `index` show `part`, and have it recorded."""
        if index >= len(self._chunks):
            await self._send(voice, part)
            return
        if index and self._chunks[index].id < self._chunks[index - 1].id:
            # What stands before it was said anew, below: so is the rest, or it would come first.
            await self._replace(voice, index, part)
        elif self._chunks[index].look != part.look:
            await self._edit(voice, index, part, frame=False)
        await self._record(index)

    async def _send(self, voice: Voice, part: Part) -> None:
        newest = max((chunk.id for chunk in self._chunks), default=self._turn.trigger)
        sent = await voice.send(part, after=newest)
        self._chunks.append(Chunk(sent.id, part.look))
        await self._record(len(self._chunks) - 1)

    async def _edit(self, voice: Voice, index: int, part: Part, *, frame: bool) -> None:
        chunk = self._chunks[index]
        now = asyncio.get_running_loop().time()
        if (early := chunk.edited_at + self._interval - now) > 0:
            await asyncio.sleep(early)
        if chunk.orphaned:
            await self._replace(voice, index, part)
            return
        try:
            await voice.edit(chunk.id, part, frame=frame)
        except MessageOrphanedError:
            await self._replace(voice, index, part)
            return
        except MessageGoneError:
            # A person removed it: that is respected, not repaired.
            self._removed = self._removed or index == 0
        chunk.edited_at = asyncio.get_running_loop().time()
        chunk.look = part.look

    async def _replace(self, voice: Voice, index: int, part: Part) -> None:
        """Say it anew where the old message cannot be changed any more."""
        old = self._chunks[index]
        newest = max(self._turn.trigger, *(chunk.id for chunk in self._chunks))
        sent = await voice.send(part, after=newest)
        self._chunks[index] = Chunk(sent.id, part.look)
        await self._record(index)
        await voice.remove(old.id, orphaned=True)

    async def _record(self, index: int) -> None:
        chunk = self._chunks[index]
        if chunk.recorded:
            return
        try:
            await self._on_chunk(index, chunk.id)
            chunk.recorded = True
        except StoreError as error:
            # What runs is delivered even so; a next start would find it in the room.
            log.warning("chunk %s cannot be recorded: %s", index, error)

    # --- after a crash --------------------------------------------------------------------

    async def _recover(self, voice: Voice, text: str | None) -> None:
        """Find what an earlier process sent for this turn; without `text`, by its voice alone."""
        if not self._to_recover:
            return
        # What is known already may stand far below its trigger, and what follows it further on.
        begun = min((chunk.id for chunk in self._chunks), default=0)
        found = await voice.following(max(self._turn.trigger, begun - 1))
        by_id = {message.id: message for message in found}
        recorded = await self._recorded(list(by_id))
        self._to_recover = False
        for chunk in self._chunks:
            if chunk.id in by_id:
                chunk.look = by_id[chunk.id].look
                chunk.orphaned = not voice.may_edit(by_id[chunk.id])
        known = recorded | {chunk.id for chunk in self._chunks}
        stray = [one for one in found if one.id not in known and chunks.is_said(one, voice)]
        if stray and not chunks.standing(self._chunks):
            self._keep_line(voice, 0, stray[0])
        for index, chunk in enumerate(self._chunks):
            if chunk.id in by_id:
                self._keep_line(voice, index, by_id[chunk.id])
        await self._adopt(voice, stray, text)

    def _keep_line(self, voice: Voice, index: int, shown: Shown) -> None:
        """A message keeps the line that it was sent with, or its lack of one."""
        self._layout.keep(index, reply_line_of(shown.content.removeprefix(voice.header)))

    async def _adopt(self, voice: Voice, stray: list[Shown], text: str | None) -> None:
        """Take what was found on no record: behind what is known, or in its place.

        An earlier process said anew what it could not edit, and died before that was on record.
        """
        known, kept = self._chunks, chunks.standing(self._chunks)
        if text is None:
            # All that follows: it was whole, perhaps, and its record is lost, or the end of it.
            last = max((chunk.id for chunk in known), default=0)
            found = [chunks.found(voice, one) for one in stray if one.id > last]
        else:
            self._layout.above(voice.header)  # asks what was seen of the room: not in a thread
            worded = await self._aside.read(text, self._layout.worded, text)
            parts = await self._aside.read(text, self._layout.parts, voice.header, text)
            answer = chunks.Answer(parts, worded, voice)
            found = answer.going_on(known[:kept], stray)
            if not found:
                found, kept = answer.going_on(known, stray), len(known)
        self._chunks = chunks.with_found(known, kept, found)
