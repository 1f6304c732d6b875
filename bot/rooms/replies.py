"""What people do with a reply: say it anew, choose, go on, edit, take back, stop. Who may is the
cogs' to judge.

A reply is changed by taking its turn up again: so it is serial with whatever else its seat does,
and survives a crash at any point. Nothing about it is kept here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from bot.domain.cut_answers import is_cut
from bot.domain.markup import plain
from bot.domain.room import Room
from bot.domain.speech import GOES_ON_UPTO, SPEECH_LIMIT
from bot.domain.turn import Turn, TurnState
from bot.domain.visible import says_nothing
from bot.errors import RefusedError
from bot.rooms.casting import Casting
from bot.rooms.policies import Policies
from bot.rooms.ports import Ledger
from bot.rooms.room_stage import RoomStage
from bot.rooms.running_turns import RunningTurns
from bot.rooms.seats import Seats
from bot.rooms.spending import Spending
from bot.rooms.words import RECORD_LOST

# Seconds between two looks whether it is finished.
LOOK_AGAIN: Final = 0.1

TOO_OLD = (
    "That was said more than a week ago: I keep no record of it any more. "
    "Moderators can still delete it."
)
_LINK: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s<>()\[\]]{1,2000}")

APART = "A poll or a file stays as it was sent. *Delete reply* takes it back."


class _BusyError(RefusedError):
    """It is not finished; that passes by itself."""

    def __init__(self) -> None:
        super().__init__("It is being written right now. Try again in a moment.")


class Replies:
    """The use-cases. Each raises `RefusedError` with what a person can do, and `StoreError`.

    `patience` is for how long a wish waits for what is being written, in seconds.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        seats: Seats,
        scenes: RunningTurns,
        casting: Casting,
        spending: Spending,
        policies: Policies,
        stage: RoomStage,
        patience: float = 2.0,
    ) -> None:
        self._ledger = ledger
        self._seats = seats
        self._scenes = scenes
        self._casting = casting
        self._spending = spending
        self._policies = policies
        self._stage, self._time = stage, stage.now
        self._patience = patience

    async def of(self, message_id: int, room: Room | None = None) -> Turn:
        """The turn whose answer this message is part of.

        With its `room`, one whose record is lost is made anew from what is shown there.
        """
        turn = await self._ledger.turn_of(message_id)
        if turn is not None:
            return turn
        if await self._ledger.claimed_in(message_id) is not None:
            raise RefusedError(APART)
        if await self._ledger.speaker_of(message_id) is not None:
            raise RefusedError(TOO_OLD)
        turn = None if room is None else await self._recorded_anew(room, message_id)
        if turn is None:
            raise RefusedError("No character said that. Choose a message of a character.")
        return turn

    async def _recorded_anew(self, room: Room, message_id: int) -> Turn | None:
        """The turn of a message whose record is lost, once it is on record again.

        None when no character said it. Raises `RefusedError` when it can be on record no more.
        """
        turn = await self._stage.unrecorded(room, message_id)
        if turn is None:
            return None
        if not await self._ledger.accept(turn):
            # Its own record, which this process knew and has written again.
            if (again := await self._ledger.turn_of(message_id)) is not None:
                return again
            # What is on record already is another answer to that question.
            raise RefusedError(RECORD_LOST)
        for index, chunk in enumerate(turn.chunks):
            await self._ledger.chunk(turn, index, chunk)
        await self._ledger.end(turn)
        return turn

    async def is_a_characters(self, message_id: int, room: Room | None = None) -> bool:
        """Whether a character said this message, by the record, or by what its `room` shows."""
        if await self._ledger.speaker_of(message_id) is not None:
            return True
        if await self._ledger.claimed_in(message_id) is not None:
            return True
        try:
            return room is not None and await self._recorded_anew(room, message_id) is not None
        except RefusedError:
            return True  # `of` says what is the matter with it

    def is_anybody_in(self, room: Room) -> bool:
        """Whether any character is in that room."""
        return self._casting.has(room)

    async def apart(self, message_id: int) -> Turn | None:
        """The turn in which a character sent this poll or file; None for all other messages."""
        return await self._ledger.claimed_in(message_id)

    def name(self, turn: Turn) -> str:
        """The name of the character whose turn it is, as far as it is known."""
        character = self._casting.known(turn.character)
        return character.name if character is not None else turn.character

    async def settled(self, turn: Turn, *, patience: float) -> Turn:
        """The turn as it is once it can be changed; waited for `patience` seconds at most."""
        async for attempt in self._patiently(patience):
            with attempt:
                now = await self._now(turn)
                _settled(now)
        return now

    async def regenerate(self, turn: Turn, *, by: int) -> None:
        """Have the same question answered anew; the old answer stays as an alternative.

        It counts as a turn of the person `by`.
        """
        self._here(turn)
        if turn.thread_id is None:
            raise RefusedError("A greeting is always the same: there is no other one.")
        self._remembered(turn, "done again")
        await self._change(turn, lambda said: said.again(self._time()), spends_for=by)

    async def choose(self, turn: Turn, number: int) -> None:
        """Show the alternative `number` (from 0)."""

        def chosen(said: Turn) -> Turn:
            if not 0 <= number < len(said.takes):
                raise RefusedError("That alternative is not kept any more.")
            return said.choosing(number, self._time())

        await self._change(turn, chosen)

    def asker_may_edit(self, room: Room) -> bool:
        """Whether who asked for a reply may edit it there, without Manage Messages."""
        return self._policies.of(room).askers_edit

    async def edit(self, turn: Turn, text: str, *, by: str, may_link: bool) -> None:
        """Let the character have said `text` instead; the room shows that `by` (a name) wrote it.

        `may_link`: links that the reply did not have are let in.
        """
        words = text.strip()
        if says_nothing(words):
            raise RefusedError("There is nothing left to say. *Delete reply* takes it back.")
        if len(words) > SPEECH_LIMIT:
            raise RefusedError(f"That is too long: {SPEECH_LIMIT:,} characters fit.")

        def edited(said: Turn) -> Turn:
            if not may_link and not _links_in(words) <= _links_in(said.text or ""):
                raise RefusedError("You need the permission **Embed Links** to add links.")
            now = self._time()
            # Sent as it was opened: the words are whose they were.
            return said.as_shown(now) if words == said.text else said.edited(words, now, by=by)

        await self._change(turn, edited)

    async def remove(self, turn: Turn) -> None:
        """Take the whole reply back."""
        await self._change(turn, lambda said: said.taken_back(self._time()))

    async def discard(self, turn: Turn, message_id: int) -> None:
        """Take back a poll or a file. Its room hears of it as of every deletion."""
        await self._stage.discard(turn.room, message_id)

    async def go_on(self, turn: Turn, *, by: int, only_cut: bool = False) -> None:
        """Have the character go on exactly where the reply ends, whatever was said since.

        What it adds becomes part of the reply. It counts as a turn of the person `by`. With
        `only_cut`, a reply that is whole by now is left as it is: the button was pressed twice.
        """
        self._here(turn)
        self._remembered(turn, "continued")

        def more(said: Turn) -> Turn:
            if only_cut and not is_cut(said.text or ""):
                raise RefusedError("That reply has been continued already.")
            if len(said.text or "") > GOES_ON_UPTO:
                raise RefusedError(
                    f"That reply is as long as a reply can be ({SPEECH_LIMIT:,} characters). "
                    "Ask for the rest in a new message."
                )
            return said.more(self._time())

        await self._change(turn, more, spends_for=by)

    def stop(self, turn: Turn) -> None:
        """End what is being said; what was shown of it stays."""
        scene = self._scenes.playing(turn.seat)
        if scene is None or scene.turn.id != turn.id:
            raise RefusedError("Nothing of this reply is being written right now.")
        scene.stop()

    async def _change(
        self, turn: Turn, how: Callable[[Turn], Turn], *, spends_for: int | None = None
    ) -> None:
        """Take the turn up again as `how` makes it of what it is now.

        Where the model is asked, that counts as a turn of the person `spends_for`.
        """
        if self._casting.known(turn.character) is None:
            raise RefusedError(
                f"**{plain(turn.character)}** is no character of this bot any more. "
                "Moderators can delete what stands there."
            )
        async for attempt in self._patiently(self._patience):
            with attempt:
                said = await self._now(turn)
                _settled(said)
                changed = how(said)
                if _stands_there(said, changed):
                    return
                if spends_for is not None:
                    await self._spending.admit(spends_for)
                    spends_for = None
                if not await self._seats.reopen(changed):
                    raise _BusyError
                self._seats.play([changed])

    def _patiently(self, patience: float) -> AsyncRetrying:
        """For who is quick: what looks finished in the room may take a moment to be so."""
        return AsyncRetrying(
            retry=retry_if_exception_type(_BusyError),
            wait=wait_fixed(LOOK_AGAIN),
            stop=stop_after_delay(patience),
            reraise=True,
        )

    async def _now(self, turn: Turn) -> Turn:
        now = await self._ledger.turn(turn.id)
        if now is None:
            raise RefusedError(TOO_OLD)
        return now

    def _here(self, turn: Turn) -> None:
        """Who is to speak must be there, and the room awake."""
        if self._casting.present(turn.room, turn.character) is None:
            name = plain(self.name(turn))
            raise RefusedError(
                f"**{name}** isn’t here any more. Bring them in with `/summon` first."
            )
        if self._policies.is_paused(turn.room):
            raise RefusedError("This room is paused. `/room resume` wakes it.")

    def _remembered(self, turn: Turn, what: str) -> None:
        """What it answers must be known to the character: a reset made it forget."""
        if turn.trigger <= self._policies.since(turn.room):
            raise RefusedError(
                f"This room was reset since, so that reply can’t be {what}: its character "
                "remembers nothing of what was said before."
            )


def _settled(turn: Turn) -> None:
    if turn.state is TurnState.CLOSED:
        raise RefusedError(
            "That reply was taken back."
            if turn.order
            else "That reply was never finished. Moderators can delete what stands there."
        )
    if turn.state is not TurnState.DONE:
        raise _BusyError


def _stands_there(said: Turn, changed: Turn) -> bool:
    """Whether the room shows already what is wanted; a change that failed left a note."""
    same = (changed.answer, changed.takes, changed.take) == (said.answer, said.takes, said.take)
    return same and not changed.to_think and not said.note


def _links_in(text: str) -> set[str]:
    return set(_LINK.findall(text.casefold()))
