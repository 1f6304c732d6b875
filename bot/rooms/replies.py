"""What people do with a reply: say it anew, choose, go on, edit, take back, stop. Who may is the
cogs' to judge.

A reply is changed by taking its turn up again: so it is serial with whatever else its seat does,
and survives a crash at any point. Nothing about it is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bot.domain.room import Room
from bot.domain.speech import SPEECH_LIMIT
from bot.domain.turn import Reason, Turn, TurnState
from bot.errors import RefusedError
from bot.rooms.casting import Casting
from bot.rooms.ports import Characters, Ledger
from bot.rooms.scenes import Scenes
from bot.rooms.seats import Seats

# Alternatives that are kept of one reply; with another one the oldest goes.
TAKES_LIMIT: Final = 12


class Replies:
    """The use-cases. Each raises `RefusedError` with what a person can do, and `StoreError`."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        seats: Seats,
        scenes: Scenes,
        casting: Casting,
        characters: Characters,
        is_paused: Callable[[Room], bool],
    ) -> None:
        self._ledger = ledger
        self._seats = seats
        self._scenes = scenes
        self._casting = casting
        self._characters = characters
        self._is_paused = is_paused

    async def of(self, message_id: int) -> Turn:
        """The turn whose answer this message is part of."""
        turn = await self._ledger.turn_of(message_id)
        if turn is not None:
            return turn
        if await self._ledger.speaker_of(message_id) is None:
            raise RefusedError("No character said that. Choose a message of a character.")
        raise RefusedError("That was said more than a week ago: its record is gone.")

    def name(self, turn: Turn) -> str:
        """The name of the character whose turn it is, as far as it is known."""
        character = self._characters.get(turn.character)
        return character.name if character is not None else turn.character

    def check(self, turn: Turn) -> None:
        """Whether it can be changed now."""
        _settled(turn)

    async def regenerate(self, turn: Turn) -> None:
        """Have the same question answered anew; the old answer stays as an alternative."""
        _settled(turn)
        self._here(turn)
        if turn.thread_id is None:
            raise RefusedError("A greeting is what its character’s file says: it has no other.")
        again = turn.again(datetime.now(UTC))
        await self._play(replace(again, takes=_newest(again.takes, again.text)))

    async def choose(self, turn: Turn, number: int) -> None:
        """Show the alternative `number` (from 0)."""
        _settled(turn)
        if not 0 <= number < len(turn.takes):
            raise RefusedError("That alternative is not kept any more.")
        if turn.takes[number] != turn.text:
            await self._play(turn.reworded(turn.takes[number], datetime.now(UTC)))

    async def edit(self, turn: Turn, text: str) -> None:
        """Let the character have said `text` instead."""
        _settled(turn)
        words = text.strip()
        if not words:
            raise RefusedError("There is nothing left to say. *Delete reply* takes it back.")
        if len(words) > SPEECH_LIMIT:
            raise RefusedError(f"That is too long: {SPEECH_LIMIT:,} characters fit.")
        if words != turn.text:
            # Two alternatives of the same words are one.
            takes = tuple(dict.fromkeys(words if one == turn.text else one for one in turn.takes))
            reworded = turn.reworded(words, datetime.now(UTC))
            await self._play(replace(reworded, takes=takes if len(takes) > 1 else ()))

    async def remove(self, turn: Turn) -> None:
        """Take the whole reply back."""
        _settled(turn)
        await self._play(turn.reworded("", datetime.now(UTC)))

    async def go_on(self, turn: Turn, *, by: int, at: int) -> None:
        """Have the character go on from where it stopped; `at` is the snowflake of the wish."""
        _settled(turn)
        self._here(turn)
        more = Turn(
            room=turn.room,
            character=turn.character,
            trigger=at,
            asker=by,
            reason=Reason.CONTINUE,
            accepted_at=datetime.now(UTC),
        )
        if await self._seats.accept(more):
            self._seats.play([more])

    def stop(self, turn: Turn) -> None:
        """End what is being said; what was shown of it stays."""
        scene = self._scenes.playing(turn.seat)
        if scene is None or scene.turn.id != turn.id:
            raise RefusedError("It has said all it wanted to.")
        scene.stop()

    async def _play(self, turn: Turn) -> None:
        if not await self._seats.reopen(turn):
            raise RefusedError("It is being written right now. Try again in a moment.")
        self._seats.play([turn])

    def _here(self, turn: Turn) -> None:
        """Who is to speak must be there, and the room awake."""
        if self._casting.present(turn.room, turn.character) is None:
            raise RefusedError(
                f"{self.name(turn)} isn’t here any more. Bring them in with `/summon` first."
            )
        if self._is_paused(turn.room):
            raise RefusedError("This room is paused. `/room resume` wakes it.")


def _settled(turn: Turn) -> None:
    if turn.state is TurnState.CLOSED:
        raise RefusedError("That reply was taken back.")
    if turn.state is not TurnState.DONE:
        raise RefusedError("It is being written right now. Try again in a moment.")


def _newest(takes: tuple[str, ...], shown: str | None) -> tuple[str, ...]:
    """`takes` with room for one more, without letting go of the one that is shown."""
    surplus = len(takes) - TAKES_LIMIT + 1
    if surplus <= 0:
        return takes
    old = [number for number, one in enumerate(takes) if one != shown][:surplus]
    return tuple(one for number, one in enumerate(takes) if number not in old)
