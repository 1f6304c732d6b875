"""Who speaks and when: a mailbox a room, a queue a seat. Owns the order, not the speaking.

    hear ─▶ room's mailbox ─▶ decide ─▶ accepted turns ─▶ one round a message
                                                            seat by seat, in the order named
What arrives while a seat speaks becomes one next turn of that seat.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.addressing import Address, addressed
from bot.domain.character import Character
from bot.domain.room import Room, Seat
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import DeliveryError, StoreError
from bot.rooms import words
from bot.rooms.casting import Casting
from bot.rooms.hearing import Hearing
from bot.rooms.performance import Performance
from bot.rooms.ports import Characters, Ledger, Stage
from bot.rooms.presence import Presence
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# An unfinished turn older than this is closed: the talk has moved on.
TOO_OLD_TO_THINK = timedelta(minutes=15)
TOO_OLD_TO_DELIVER = timedelta(hours=6)
# A room is told of the same trouble once in this many seconds, not under every message.
SILENCE_BETWEEN_NOTICES = 60.0


@dataclass(slots=True)
class _Mailbox:
    """What a room has still to decide on. A task works on it only while there is something."""

    waiting: deque[Utterance] = field(default_factory=deque)
    working: bool = False


@dataclass(slots=True)
class _SeatQueue:
    """A seat's turns: serial, and those that wait together are answered together."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    pending: list[Turn] = field(default_factory=list)


class Director:
    """Takes what rooms hear, in order, and has the right seats speak."""

    def __init__(
        self,
        *,
        casting: Casting,
        characters: Characters,
        hearing: Hearing,
        performance: Performance,
        ledger: Ledger,
        stage: Stage,
        presence: Presence,
        tasks: Tasks,
    ) -> None:
        self._casting = casting
        self._characters = characters
        self._hearing = hearing
        self._performance = performance
        self._ledger = ledger
        self._stage = stage
        self._presence = presence
        self._tasks = tasks
        self._mailboxes: dict[int, _Mailbox] = {}
        self._seats: dict[Seat, _SeatQueue] = {}
        self._noticed: dict[int, float] = {}
        # Turns that this process has in hand, from their acceptance to their end.
        self._in_hand: set[str] = set()
        self._closed = False

    @property
    def in_hand(self) -> frozenset[str]:
        """Ids of the turns that this process has accepted and not ended."""
        return frozenset(self._in_hand)

    def hear(self, room: Room, utterance: Utterance) -> None:
        """Take an utterance, before anything is awaited: events of Discord overtake each other."""
        if not self._casting.has(room.id):
            if utterance.mentions_bot and utterance.speaker.kind is SpeakerKind.PERSON:
                self._tasks.start("nobody here", self._notice(room, _NOBODY, utterance))
            return
        self._hearing.hear(utterance)
        if self._closed or utterance.speaker.kind is not SpeakerKind.PERSON:
            return
        mailbox = self._mailboxes.setdefault(room.id, _Mailbox())
        mailbox.waiting.append(utterance)
        if not mailbox.working:
            mailbox.working = True
            self._tasks.start(f"room {room.id}", self._work(room, mailbox))

    async def say(self, room: Room, utterance: Utterance, character: Character) -> None:
        """A person speaks to `character` by a command; `utterance` is what the room was shown.

        Returns when it is written down; raises `StoreError` when that cannot be.
        """
        self._hearing.hear(utterance)
        turns = await self._take(room, utterance, [Address(character.key, Reason.SAY)])
        self._tasks.start(f"say {utterance.message_id}", self._round(turns))

    async def greet(self, room: Room, character: Character, message_id: int, asker: int) -> None:
        """Have a character that was just summoned by `message_id` say its greeting.

        Returns when it is written down; raises `StoreError` when that cannot be.
        """
        turn = self._turn(room, Address(character.key, Reason.SAY), message_id, asker)
        said = replace(turn, text=character.greeting, state=TurnState.RECORDED)
        turns = await self._accept([said] if character.greeting else [])
        self._tasks.start(f"greet {message_id}", self._enter(room, character, turns))

    async def _enter(self, room: Room, character: Character, turns: list[Turn]) -> None:
        # Who speaks to it at once is answered after the greeting.
        async with self._queue(Seat(room.id, character.key)).lock:
            await self._presence.prepare(room, character)
            for turn in turns:
                await self._answer([turn])

    async def resume(self) -> None:
        """Take up what was left unfinished, oldest first: by a process that ended, or for lack of
        Discord. Safe to repeat: what is in hand is left alone.
        """
        held = set(self._in_hand)  # what ends while the ledger is read is still in its answer
        for turn in await self._ledger.unfinished():
            if turn.id in held | self._in_hand:
                continue
            age = datetime.now(UTC) - turn.accepted_at
            if age > (TOO_OLD_TO_THINK if turn.text is None else TOO_OLD_TO_DELIVER):
                await self._ledger.end(_closed(turn, "too old when it could be taken up again"))
                continue
            self._in_hand.add(turn.id)
            self._tasks.start(f"resume {turn.id}", self._speak(turn))

    async def finish(self, timeout: float) -> None:
        """Take nothing new, and wait `timeout` seconds at most for what is in hand."""
        self._closed = True
        await self._tasks.join(timeout)

    # --- from a message to turns ------------------------------------------------------------

    async def _work(self, room: Room, mailbox: _Mailbox) -> None:
        try:
            while mailbox.waiting:
                await self._consider(room, mailbox.waiting.popleft())
        finally:
            mailbox.working = False
            if not mailbox.waiting:
                self._mailboxes.pop(room.id, None)

    async def _consider(self, room: Room, utterance: Utterance) -> None:
        try:
            addresses = await self._addressed(room, utterance)
            if addresses:
                turns = await self._take(room, utterance, addresses)
                self._tasks.start(f"round {utterance.message_id}", self._round(turns))
            elif utterance.mentions_bot:
                await self._notice(room, self._whom(room), utterance)
        except StoreError as error:
            log.warning("an utterance could not be taken: %s", error)
            await self._notice(room, words.for_stranger(error), utterance)

    async def _addressed(self, room: Room, utterance: Utterance) -> tuple[Address, ...]:
        replied_to = None
        if utterance.reply_to is not None:
            replied_to = await self._ledger.speaker_of(utterance.reply_to)
        return addressed(
            utterance,
            self._casting.cast(room.id),
            replied_to=replied_to,
            last=self._casting.last_addressed(room.id),
        )

    async def _take(self, room: Room, utterance: Utterance, to: Sequence[Address]) -> list[Turn]:
        """The turns that this utterance asks for, written down."""
        asker = utterance.speaker.id
        taken = await self._accept(
            [self._turn(room, one, utterance.message_id, asker) for one in to]
        )
        if taken:
            await self._casting.address(room.id, taken[-1].character)
        return taken

    async def _accept(self, turns: list[Turn]) -> list[Turn]:
        """Write them down; those that were taken before are left out."""
        fresh: list[Turn] = []
        for turn in turns:
            if turn.id in self._in_hand:
                continue
            self._in_hand.add(turn.id)
            accepted = False
            try:
                accepted = await self._ledger.accept(turn)
            finally:
                if not accepted:
                    self._in_hand.discard(turn.id)
            if accepted:
                fresh.append(turn)
        return fresh

    def _turn(self, room: Room, to: Address, trigger: int, asker: int) -> Turn:
        return Turn(
            room=room,
            character=to.character,
            trigger=trigger,
            asker=asker,
            reason=to.reason,
            accepted_at=datetime.now(UTC),
        )

    # --- from turns to speech ---------------------------------------------------------------

    async def _round(self, turns: list[Turn]) -> None:
        """One after the other: who is named second hears the first."""
        for turn in turns:
            await self._speak(turn)

    async def _speak(self, turn: Turn) -> None:
        queue = self._queue(turn.seat)
        if turn.text is None:
            queue.pending.append(turn)
        async with queue.lock:
            if turn.text is not None:
                await self._answer([turn])
            elif turn in queue.pending:  # else it was answered together with a later one
                batch, queue.pending = queue.pending, []
                await self._answer(batch)
        if not queue.pending and not queue.lock.locked():
            self._seats.pop(turn.seat, None)

    async def _answer(self, batch: list[Turn]) -> None:
        try:
            await self._perform(batch)
        finally:
            self._in_hand.difference_update(one.id for one in batch)

    async def _perform(self, batch: list[Turn]) -> None:
        turn = max(batch, key=lambda one: one.trigger)
        character = self._characters.get(turn.character)
        if character is None:
            for one in batch:
                await self._ledger.end(_closed(one, "the character is gone"))
            return
        asked_from = min(one.trigger for one in batch)
        await self._performance.perform(turn, character, asked_from=asked_from)
        for one in batch:
            if one is not turn:
                note = f"answered together with {turn.trigger}"
                await self._ledger.end(replace(one, state=TurnState.DONE, note=note))

    def _queue(self, seat: Seat) -> _SeatQueue:
        return self._seats.setdefault(seat, _SeatQueue())

    # --- the bot's own voice ----------------------------------------------------------------

    def _whom(self, room: Room) -> str:
        names = ", ".join(f"`@{one.name}`" for one in self._casting.cast(room.id))
        return f"Who should answer? Here are {names}." if names else _NOBODY

    async def _notice(self, room: Room, text: str, utterance: Utterance) -> None:
        now = time.monotonic()
        if now - self._noticed.get(room.id, -SILENCE_BETWEEN_NOTICES) < SILENCE_BETWEEN_NOTICES:
            return
        self._noticed[room.id] = now
        try:
            await self._stage.tell(room, text, reply_to=utterance.message_id)
        except DeliveryError as error:
            log.warning("a notice could not be given: %s", error)


_NOBODY = "Nobody is here yet. Bring someone in with `/summon`."


def _closed(turn: Turn, note: str) -> Turn:
    return replace(turn, state=TurnState.CLOSED, note=note)
