"""Delivery of an answer to a room: the first sentence at once, then edits, then the final text.

Owns the order of the writes and the record of each chunk. Nothing is sent twice: a chunk that is
recorded, or that the channel already shows, is edited or kept. While the answer streams, its newest
message has a Stop button, from the first edit on: the first send has no buttons, so that a short
answer needs a single write. `layout` cuts the text into messages. Implements
`bot.rooms.ports.stage.Delivery`.
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
from bot.discord_io.discord_errors import MessageGoneError
from bot.discord_io.lane import Lane
from bot.discord_io.layout import Layout
from bot.discord_io.message_prefix import reply_line_of
from bot.discord_io.opened_sender import OpenedSender
from bot.discord_io.parts import Look, Part, Shown
from bot.discord_io.sender import MessageOrphanedError, Sender, SenderLostError
from bot.discord_io.stage_parts import Pacing
from bot.domain.sentences import has_ended
from bot.domain.turn import Turn, TurnState
from bot.errors import DeliveryError, NotPermittedError, StoreError
from bot.tasks import Aside, Tasks

log = logging.getLogger(__name__)

# Seconds that closing waits for a write in flight: nobody would know the fate of a cancelled write.
CLOSING: Final = 5.0
# Seconds after the first send until the Stop button is added.
BARE: Final = 1.0


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """The record of an answer's messages."""

    on_chunk: Callable[[int, int], Awaitable[None]]
    """Records a chunk (its index, from 0) with its message id."""
    recorded: Callable[[Sequence[int]], Awaitable[set[int]]]
    """Returns the message ids that are recorded as a character's."""


class StreamedDelivery:
    """A `Delivery`. Used as an async context manager, by one turn."""

    def __init__(
        self,
        *,
        turn: Turn,
        open_sender: Callable[[], Awaitable[Sender]],
        lane: Lane,
        record: ChunkRecord,
        layout: Layout,
        pacing: Pacing,
        aside: Aside,
        now: Callable[[], datetime],
    ) -> None:
        self._turn = turn
        self.askers = frozenset({turn.asker, *turn.along})
        self._sender = OpenedSender(open_sender)
        self._lane = lane
        self._on_chunk, self._recorded = record.on_chunk, record.recorded
        self._layout = layout
        self._interval, self._held = pacing.edit_interval, pacing.held
        self._aside = aside
        self._now = now
        self._chunks = [Chunk(message_id, None, recorded=True) for message_id in turn.chunks]
        # Whether to look for messages of an earlier process, once, before the first write.
        self._to_recover = turn.state is not TurnState.ACCEPTED or bool(turn.chunks)
        # The text so far, to be shown by the next frame.
        self._latest = ""
        # The buttons under the finished answer.
        self._row: Row = ()
        # True once a person has deleted the first message of the answer.
        self._removed = False
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks = Tasks("delivery")
        self._streaming: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._streaming = self._tasks.start(self._turn.id, self._stream())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._changed.set()
        await self._tasks.join(CLOSING)
        await self._tasks.close()
        self._lane.leave(self)

    async def opened(self) -> None:
        """Wait at most `OPENING` seconds for the sender to be opened. Raises `RoomGoneError`."""
        await self._sender.known()

    def show(self, text: str) -> None:
        """Set the whole text so far, for the next frame; never blocks."""
        self._latest = text
        self._changed.set()

    async def finish(self, text: str, *, take: int = 0, of: int = 1) -> tuple[int, ...]:
        """Make the room show exactly `text`; return the chunks' message ids in order.

        The buttons show it as alternative `take` (from 0) of `of`. If a person has deleted the
        answer during its delivery, nothing more of it is sent.
        """
        await self._stop_streaming()
        self._row = controls.under(text, take=take, of=of)
        # Two retries: a lost sender and refused files can both happen to the same answer.
        for _ in range(2):
            try:
                return await self._finish(text)
            except SenderLostError as lost:
                log.warning("another sender continues the answer: %s", lost)
                self._sender.drop()
                for chunk in self._chunks:
                    chunk.orphaned = True
            except NotPermittedError as refused:
                if refused.permission != permissions.FILES:
                    raise
                log.warning("sending long code as text: %s", refused)
                self._layout.encloses = False
        return await self._finish(text)

    async def _finish(self, text: str) -> tuple[int, ...]:
        sender = await self._sender.get()
        # Messages that were sent before the text was recorded are matched by their sender only.
        await self._recover(sender, text if self._turn.state is TurnState.RECORDED else None)
        parts = await self._laid_out(sender, self._layout.parts, text, self._row)
        for index, part in enumerate(parts):
            await self._write(sender, index, part)
            if self._removed and index == 0:
                log.info("a person deleted the answer during its delivery: sending no more of it")
                return tuple(chunk.id for chunk in self._chunks)
        for chunk in self._chunks[len(parts) :]:
            await sender.remove(chunk.id, orphaned=chunk.orphaned)
        del self._chunks[len(parts) :]
        return tuple(chunk.id for chunk in self._chunks)

    async def withdraw(self) -> None:
        """Delete all messages of the answer: the turn ends without one."""
        await self._stop_streaming()
        if not self._chunks and not self._to_recover:
            return
        sender = await self._sender.get()
        await self._recover(sender, None)
        while self._chunks:
            last = self._chunks[-1]
            await sender.remove(last.id, orphaned=last.orphaned)
            self._chunks.pop()

    # --- streaming ------------------------------------------------------------------------

    async def _stream(self) -> None:
        """Write frames with the latest text until the delivery is finished or closed."""
        try:
            # Opened before any text arrives, to save the wait before the first send.
            sender = await self._sender.get()
            while not self._stopping.is_set():
                await self._wait_for_change()
                self._changed.clear()
                if self._stopping.is_set() or self._removed:
                    return
                if not self._chunks and not await self._has_first_sentence():
                    continue
                if await self._write_frame(sender):
                    await self._pause()
        except (DeliveryError, StoreError) as error:
            # `finish` runs into the same error and raises it to the caller.
            log.info("streaming ends: %s", error)

    async def _wait_for_change(self) -> None:
        """Wait for new text, or at most `BARE` seconds while the newest message has no buttons."""
        bare = bool(self._chunks) and not (self._chunks[-1].look or Look("")).controls
        try:
            async with asyncio.timeout(BARE if bare else None):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _has_first_sentence(self) -> bool:
        """Wait up to `held` seconds for a whole sentence; False without words or when stopping."""
        if chunks.is_wordless(self._latest):
            return False
        try:
            async with asyncio.timeout(self._held):
                while not (has_ended(self._latest) or self._stopping.is_set()):
                    await self._changed.wait()
                    self._changed.clear()
        except TimeoutError:
            pass
        return not self._stopping.is_set()

    async def _write_frame(self, sender: Sender) -> bool:
        """Write a frame with the latest text; return whether to pause before the next frame."""
        if chunks.is_wordless(self._latest) or not self._lane.may_stream(self):
            return False
        await self._recover(sender, None)
        if self._chunks and not sender.has_room_for_a_frame:
            self._changed.set()  # try again after the pause
            return True
        parts = await self._laid_out(sender, self._layout.begun, self._latest)
        if parts and self._chunks:
            parts[-1] = replace(parts[-1], row=controls.STOP)
        wrote = [await self._write_draft(sender, index, part) for index, part in enumerate(parts)]
        return any(wrote)

    async def _write_draft(self, sender: Sender, index: int, part: Part) -> bool:
        """Make chunk `index` show the unfinished `part`; return whether a write was needed."""
        if self._removed or self._stopping.is_set():
            return False
        if index >= len(self._chunks):
            await self._send(sender, part)
        elif self._chunks[index].look != part.look:
            await self._edit(sender, index, part, frame=True)
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
        """Return the seconds until the next frame."""
        shown = self._chunks[-1].id if self._chunks else self._turn.trigger
        return frame_interval(shown, self._now(), self._interval)

    async def _stop_streaming(self) -> None:
        self._stopping.set()
        self._changed.set()
        if self._streaming is not None:
            # `wait`, because awaiting the task would pass a cancellation on to a write in flight.
            await asyncio.wait({self._streaming})

    # --- writing --------------------------------------------------------------------------

    async def _laid_out(
        self, sender: Sender, lay_out: Callable[..., list[Part]], text: str, *more: Row
    ) -> list[Part]:
        """Cut `text` into messages; a long text is cut without blocking the event loop."""
        self._layout.above(sender.header)
        self._layout.expect([chunk.id for chunk in self._chunks])
        return await self._aside.read(text, lay_out, sender.header, text, *more)

    async def _write(self, sender: Sender, index: int, part: Part) -> None:
        """Make chunk `index` show the final `part`, and record the chunk."""
        if index >= len(self._chunks):
            await self._send(sender, part)
            return
        if index and self._chunks[index].id < self._chunks[index - 1].id:
            # The previous chunk was sent again and is newer: send this chunk again to come after.
            await self._replace(sender, index, part)
        elif self._chunks[index].look != part.look:
            await self._edit(sender, index, part, frame=False)
        await self._record(index)

    async def _send(self, sender: Sender, part: Part) -> None:
        newest = max((chunk.id for chunk in self._chunks), default=self._turn.trigger)
        sent = await sender.send(part, after=newest)
        self._chunks.append(Chunk(sent.id, part.look))
        await self._record(len(self._chunks) - 1)

    async def _edit(self, sender: Sender, index: int, part: Part, *, frame: bool) -> None:
        chunk = self._chunks[index]
        now = asyncio.get_running_loop().time()
        if (early := chunk.edited_at + self._interval - now) > 0:
            await asyncio.sleep(early)
        if chunk.orphaned:
            await self._replace(sender, index, part)
            return
        try:
            await sender.edit(chunk.id, part, frame=frame)
        except MessageOrphanedError:
            await self._replace(sender, index, part)
            return
        except MessageGoneError:
            # A person deleted the message: do not send it again.
            self._removed = self._removed or index == 0
        chunk.edited_at = asyncio.get_running_loop().time()
        chunk.look = part.look

    async def _replace(self, sender: Sender, index: int, part: Part) -> None:
        """Send `part` as a new message and delete the old one, which cannot be edited."""
        old = self._chunks[index]
        newest = max(self._turn.trigger, *(chunk.id for chunk in self._chunks))
        sent = await sender.send(part, after=newest)
        self._chunks[index] = Chunk(sent.id, part.look)
        await self._record(index)
        await sender.remove(old.id, orphaned=True)

    async def _record(self, index: int) -> None:
        chunk = self._chunks[index]
        if chunk.recorded:
            return
        try:
            await self._on_chunk(index, chunk.id)
            chunk.recorded = True
        except StoreError as error:
            # Delivery goes on; crash recovery would find the chunk in the channel.
            log.warning("cannot record chunk %s: %s", index, error)

    # --- after a crash --------------------------------------------------------------------

    async def _recover(self, sender: Sender, text: str | None) -> None:
        """Find the messages that an earlier process sent for this turn.

        Without `text`, they are matched by their sender only.
        """
        if not self._to_recover:
            return
        # Known chunks may be far below the trigger, so the search starts at the first of them.
        begun = min((chunk.id for chunk in self._chunks), default=0)
        found = await sender.following(max(self._turn.trigger, begun - 1))
        by_id = {message.id: message for message in found}
        recorded = await self._recorded(list(by_id))
        self._to_recover = False
        for chunk in self._chunks:
            if chunk.id in by_id:
                chunk.look = by_id[chunk.id].look
                chunk.orphaned = not sender.may_edit(by_id[chunk.id])
        known = recorded | {chunk.id for chunk in self._chunks}
        stray = [
            message
            for message in found
            if message.id not in known and chunks.is_said(message, sender)
        ]
        if stray and not chunks.standing(self._chunks):
            self._keep_line(sender, 0, stray[0])
        for index, chunk in enumerate(self._chunks):
            if chunk.id in by_id:
                self._keep_line(sender, index, by_id[chunk.id])
        await self._adopt(sender, stray, text)

    def _keep_line(self, sender: Sender, index: int, shown: Shown) -> None:
        """Keep the reply line that message `index` was sent with, even if it has none."""
        self._layout.keep(index, reply_line_of(shown.content.removeprefix(sender.header)))

    async def _adopt(self, sender: Sender, stray: list[Shown], text: str | None) -> None:
        """Adopt unrecorded messages of this answer as chunks, after or instead of known chunks.

        They replace known chunks if an earlier process replaced messages that it could not edit,
        and died before it recorded the new ones.
        """
        known, kept = self._chunks, chunks.standing(self._chunks)
        if text is None:
            # All that follow: the answer may have been complete, though its text is not recorded.
            last = max((chunk.id for chunk in known), default=0)
            found = [chunks.found(sender, message) for message in stray if message.id > last]
        else:
            self._layout.above(sender.header)  # reads state of the event loop: not in an OS thread
            worded = await self._aside.read(text, self._layout.worded, text)
            parts = await self._aside.read(text, self._layout.parts, sender.header, text)
            answer = chunks.Answer(parts, worded, sender)
            found = answer.going_on(known[:kept], stray)
            if not found:
                found, kept = answer.going_on(known, stray), len(known)
        self._chunks = chunks.with_found(known, kept, found)
        # In order, before a later chunk is: the record counts no chunk behind a missing one.
        for index in range(len(self._chunks)):
            await self._record(index)
