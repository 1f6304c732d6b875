"""What people do with a reply: regenerate, choose an alternative, continue, edit, delete, stop.

A reply is changed by reopening its turn: the change runs in the seat's turn queue, and survives a
crash at any point. Keeps no state. The cogs check permissions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from bot import refusals
from bot.domain.cut_answers import is_cut
from bot.domain.room import Room
from bot.domain.speech import GOES_ON_UPTO, SPEECH_LIMIT
from bot.domain.turn import Turn, TurnState
from bot.domain.visible import says_nothing
from bot.errors import RefusedError
from bot.message_data import Message
from bot.rooms.decisions.spending import Spending
from bot.rooms.ports.ledger import Ledger
from bot.rooms.ports.room_stage import RoomStage
from bot.rooms.runs.running_turns import RunningTurns
from bot.rooms.state.casting import Casting
from bot.rooms.state.policies import Policies
from bot.rooms.turns.turn_queues import TurnQueues

# Seconds between two checks whether the reply is finished.
LOOK_AGAIN: Final = 0.1

_LINK: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s<>()\[\]]{1,2000}")


class _BusyError(RefusedError):
    """The reply is still being written, which is transient."""

    def __init__(self) -> None:
        super().__init__(refusals.REPLY_BEING_WRITTEN)


class Replies:
    """What people do with a reply: stop, edit, regenerate, continue, choose or delete it.

    Each method raises `RefusedError` with advice for the person, and `StoreError`.

    `patience` is how many seconds a request waits for a reply that is still being written.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        turn_queues: TurnQueues,
        running_turns: RunningTurns,
        casting: Casting,
        spending: Spending,
        policies: Policies,
        stage: RoomStage,
        patience: float = 2.0,
    ) -> None:
        self._ledger = ledger
        self._turn_queues = turn_queues
        self._running_turns = running_turns
        self._casting = casting
        self._spending = spending
        self._policies = policies
        self._stage, self._time = stage, stage.now
        self._patience = patience

    async def of(self, message_id: int, room: Room | None = None) -> Turn:
        """Return the turn of the answer that contains the message.

        If the record is lost and `room` is given, rebuild the record from the room's messages.
        """
        turn = await self._ledger.turn_of(message_id)
        if turn is not None:
            return turn
        if await self._ledger.claimed_in(message_id) is not None:
            raise RefusedError(refusals.REPLY_APART)
        if await self._ledger.speaker_of(message_id) is not None:
            raise RefusedError(refusals.REPLY_TOO_OLD)
        turn = None if room is None else await self._recorded_anew(room, message_id)
        if turn is None:
            raise RefusedError(refusals.NOT_A_CHARACTERS)
        return turn

    async def _recorded_anew(self, room: Room, message_id: int) -> Turn | None:
        """Rebuild and write the lost record of a message's turn; return the turn.

        None if no character wrote the message. Raises `RefusedError` if the record cannot be
        rebuilt.
        """
        turn = await self._stage.unrecorded(room, message_id)
        if turn is None:
            return None
        if not await self._ledger.accept(turn):
            # The turn's own record, which this process still knew and has rewritten.
            if (again := await self._ledger.turn_of(message_id)) is not None:
                return again
            # The recorded turn of this id is another answer to the same question.
            raise RefusedError(refusals.REPLY_RECORD_LOST)
        for index, chunk in enumerate(turn.chunks):
            await self._ledger.chunk(turn, index, chunk)
        await self._ledger.end(turn)
        return turn

    async def is_a_characters(self, message_id: int, room: Room | None = None) -> bool:
        """Return whether a character wrote the message, by the record or the room's messages."""
        if await self._ledger.speaker_of(message_id) is not None:
            return True
        if await self._ledger.claimed_in(message_id) is not None:
            return True
        try:
            return room is not None and await self._recorded_anew(room, message_id) is not None
        except RefusedError:
            return True  # a character's, but beyond repair: `of` raises the reason

    def is_anybody_in(self, room: Room) -> bool:
        """Return whether any character is in the room."""
        return self._casting.has(room)

    async def apart(self, message_id: int) -> Turn | None:
        """Return the turn in which a character sent this poll or file; None for other messages."""
        return await self._ledger.claimed_in(message_id)

    def name(self, turn: Turn) -> str:
        """Return the name of the turn's character; its key if the file is gone."""
        character = self._casting.known(turn.character)
        return character.name if character is not None else turn.character

    async def settled(self, turn: Turn, *, patience: float) -> Turn:
        """Return the turn's current record once it can be changed; wait at most `patience` s."""
        async for attempt in self._retry_policy(patience):
            with attempt:
                now = await self._now(turn)
                _settled(now)
        return now

    async def regenerate(self, turn: Turn, *, by: int) -> None:
        """Have the same question answered again; the old answer stays as an alternative.

        Counts as a turn of the person `by`.
        """
        self._here(turn)
        if turn.thread_id is None:
            raise RefusedError(refusals.GREETING_IS_ALWAYS_THE_SAME)
        self._remembered(turn, refusals.RESET_FORGOT_REGENERATE)
        await self._change(turn, lambda said: said.again(self._time()), spends_for=by)

    async def choose(self, turn: Turn, number: int) -> None:
        """Show the alternative `number` (from 0)."""

        def chosen(said: Turn) -> Turn:
            if not 0 <= number < len(said.takes):
                raise RefusedError(refusals.ALTERNATIVE_NOT_KEPT)
            return said.choosing(number, self._time())

        await self._change(turn, chosen)

    def asker_may_edit(self, room: Room) -> bool:
        """Return whether askers may edit replies to them in the room without Manage Messages."""
        return self._policies.of(room).askers_edit

    async def edit(self, turn: Turn, text: str, *, by: str, may_link: bool) -> None:
        """Replace the reply by `text`; the room shows the name `by` as the editor.

        `may_link` allows links that the reply did not have.
        """
        words = text.strip()
        if says_nothing(words):
            raise RefusedError(refusals.NOTHING_LEFT_TO_SAY)
        if len(words) > SPEECH_LIMIT:
            raise RefusedError(refusals.EditTooLong(SPEECH_LIMIT))

        def edited(said: Turn) -> Turn:
            if not may_link and not _links_in(words) <= _links_in(said.text or ""):
                raise RefusedError(refusals.LINKS_NOT_ALLOWED)
            now = self._time()
            # The form was sent unchanged: the author stays the same.
            return said.as_shown(now) if words == said.text else said.edited(words, now, by=by)

        await self._change(turn, edited)

    async def remove(self, turn: Turn) -> None:
        """Delete the whole reply."""
        await self._change(turn, lambda said: said.taken_back(self._time()))

    async def discard(self, turn: Turn, message_id: int) -> None:
        """Delete a poll or a file; the room learns of it as of any deletion in Discord."""
        await self._stage.discard(turn.room, message_id)

    async def go_on(self, turn: Turn, *, by: int, only_cut: bool = False) -> None:
        """Have the character continue exactly where the reply ends, whatever was said since.

        The continuation becomes part of the reply, and counts as a turn of the person `by`. With
        `only_cut`, raises `RefusedError` if the reply is complete: the button was pressed twice.
        """
        self._here(turn)
        self._remembered(turn, refusals.RESET_FORGOT_CONTINUE)

        def more(said: Turn) -> Turn:
            if only_cut and not is_cut(said.text or ""):
                raise RefusedError(refusals.ALREADY_CONTINUED)
            if len(said.text or "") > GOES_ON_UPTO:
                raise RefusedError(refusals.ReplyFull(SPEECH_LIMIT))
            return said.more(self._time())

        await self._change(turn, more, spends_for=by)

    def stop(self, turn: Turn) -> None:
        """Stop the turn while its answer is being written; the words shown so far stay."""
        running = self._running_turns.playing(turn.seat)
        if running is None or running.turn.id != turn.id:
            raise RefusedError(refusals.NOT_BEING_WRITTEN)
        running.stop()

    async def _change(
        self, turn: Turn, how: Callable[[Turn], Turn], *, spends_for: int | None = None
    ) -> None:
        """Reopen the turn as `how` changes its current record.

        If the model is asked, this counts as a turn of the person `spends_for`.
        """
        if self._casting.known(turn.character) is None:
            raise RefusedError(refusals.NoCharacterOfThisBot(turn.character))
        async for attempt in self._retry_policy(self._patience):
            with attempt:
                said = await self._now(turn)
                _settled(said)
                changed = how(said)
                if _stands_there(said, changed):
                    return
                if spends_for is not None:
                    await self._spending.admit(spends_for)
                    spends_for = None
                if not await self._turn_queues.reopen(changed):
                    raise _BusyError
                self._turn_queues.play([changed])

    def _retry_policy(self, patience: float) -> AsyncRetrying:
        """Return a retry policy for a reply that looks finished but is not recorded as such yet."""
        return AsyncRetrying(
            retry=retry_if_exception_type(_BusyError),
            wait=wait_fixed(LOOK_AGAIN),
            stop=stop_after_delay(patience),
            reraise=True,
        )

    async def _now(self, turn: Turn) -> Turn:
        now = await self._ledger.turn(turn.id)
        if now is None:
            raise RefusedError(refusals.REPLY_TOO_OLD)
        return now

    def _here(self, turn: Turn) -> None:
        """Raise `RefusedError` unless the character is in the room and the room is not paused."""
        if self._casting.present(turn.room, turn.character) is None:
            raise RefusedError(refusals.NotHereAnyMore(self.name(turn)))
        if self._policies.is_paused(turn.room):
            raise RefusedError(refusals.REPLY_ROOM_PAUSED)

    def _remembered(self, turn: Turn, forgotten: Message) -> None:
        """Raise `RefusedError(forgotten)` if a reset made the character forget the question."""
        if turn.trigger <= self._policies.since(turn.room):
            raise RefusedError(forgotten)


def _settled(turn: Turn) -> None:
    """Raise `RefusedError` unless the reply can be changed."""
    if turn.state is TurnState.CLOSED:
        raise RefusedError(refusals.TAKEN_BACK if turn.order else refusals.NEVER_FINISHED)
    if turn.state is not TurnState.DONE:
        raise _BusyError


def _stands_there(said: Turn, changed: Turn) -> bool:
    """Return whether the room already shows the changed reply; a failed change left a note."""
    same = (changed.answer, changed.takes, changed.take) == (said.answer, said.takes, said.take)
    return same and not changed.to_think and not said.note


def _links_in(text: str) -> set[str]:
    return set(_LINK.findall(text.casefold()))
