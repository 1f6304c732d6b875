"""Who speaks and when: a mailbox a room, decided on in order. Owns the decision, not the playing.

    hear ─▶ room's mailbox ─▶ decide ─▶ accepted turns ─▶ seats: one after the other, as named

What arrives while a seat speaks becomes one next turn of that seat (`bot.rooms.seats`).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.addressing import Address, addressed, named
from bot.domain.character import Character
from bot.domain.room import Room
from bot.domain.turn import Reason, Turn, TurnState
from bot.domain.utterance import SpeakerKind, Utterance
from bot.errors import StoreError
from bot.rooms import words
from bot.rooms.casting import Casting
from bot.rooms.hearing import Hearing
from bot.rooms.notices import Notices
from bot.rooms.ports import Ledger
from bot.rooms.presence import Presence
from bot.rooms.seats import Seats
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# An unfinished turn older than this is closed: the talk has moved on.
TOO_OLD_TO_THINK = timedelta(minutes=15)
TOO_OLD_TO_DELIVER = timedelta(hours=6)

NOBODY = "Nobody is here yet. Bring someone in with `/summon`."


@dataclass(slots=True)
class _Mailbox:
    """What a room has still to decide on. A task works on it only while there is something."""

    waiting: deque[Utterance] = field(default_factory=deque)
    working: bool = False


class Director:
    """Takes what rooms hear, in order, and has the right seats speak.

    `on_decided(room, message_id)` is told when a message needs nothing more of us, in the
    order of each room. Where `has_gap(room)`, nothing is decided before `release`.
    """

    def __init__(
        self,
        *,
        casting: Casting,
        hearing: Hearing,
        seats: Seats,
        ledger: Ledger,
        notices: Notices,
        presence: Presence,
        tasks: Tasks,
        on_decided: Callable[[Room, int], None],
        has_gap: Callable[[Room], bool],
    ) -> None:
        self._casting = casting
        self._hearing = hearing
        self._seats = seats
        self._ledger = ledger
        self._notices = notices
        self._presence = presence
        self._tasks = tasks
        self._on_decided = on_decided
        self._has_gap = has_gap
        self._mailboxes: dict[int, _Mailbox] = {}
        self._closed = False

    def hear(self, room: Room, utterance: Utterance) -> None:
        """Take an utterance, before anything is awaited: events of Discord overtake each other."""
        if self._closed:
            return
        if not self._casting.has(room):
            self._hearing.forget(room.id)
            if hint := self._hint(room, utterance):
                self._tasks.start("nobody here", self._tell(room, hint, utterance))
            return
        mailbox = self._mailboxes.setdefault(room.id, _Mailbox())
        mailbox.waiting.append(utterance)
        self._open(room, mailbox)

    def release(self, room: Room) -> None:
        """The room's gap is read: decide on what came meanwhile, oldest first."""
        mailbox = self._mailboxes.get(room.id)
        if mailbox is not None:
            waiting = {one.message_id: one for one in mailbox.waiting}
            mailbox.waiting = deque(waiting[key] for key in sorted(waiting))
            self._open(room, mailbox)

    def _open(self, room: Room, mailbox: _Mailbox) -> None:
        # What was said in a gap comes first, or it would be told twice: before, and when read.
        if mailbox.waiting and not mailbox.working and not self._has_gap(room):
            mailbox.working = True
            self._tasks.start(f"room {room.id}", self._work(room, mailbox))

    def overhear(self, turn: Turn, utterance: Utterance) -> None:
        """Take what a character said in `turn`: others may answer it. Heard already."""

    async def say(self, room: Room, utterance: Utterance, character: Character) -> None:
        """A person speaks to `character` by a command; `utterance` is what the room was shown.

        Returns when it is written down; raises `StoreError` when that cannot be.
        """
        turn = _turn(room, Address(character.key, Reason.SAY), utterance)
        if await self._seats.accept(turn):
            self._hearing.hear(utterance)
            self._seats.play([turn])
            await self._remember(room, turn)

    async def greet(self, room: Room, character: Character, message_id: int, asker: int) -> None:
        """Have a character that was just summoned by `message_id` say its greeting.

        Returns when it is written down; raises `StoreError` when that cannot be.
        """
        turn = Turn(
            room=room,
            character=character.key,
            trigger=message_id,
            asker=asker,
            reason=Reason.SAY,
            accepted_at=datetime.now(UTC),
            state=TurnState.RECORDED,
            text=character.greeting,
        )
        if not character.greeting:
            self._tasks.start("prepare", self._presence.prepare(room, character))
        elif await self._seats.accept(turn):
            self._seats.play([turn])

    async def resume(self) -> None:
        """Take up what was left unfinished: by a process that ended, or for lack of Discord.

        Safe to repeat: what is in hand is left alone.
        """
        held = self._seats.in_hand  # what ends while the ledger is read is still in its answer
        left: list[Turn] = []
        for turn in await self._ledger.unfinished():
            if turn.id in held | self._seats.in_hand:
                continue
            age = datetime.now(UTC) - turn.accepted_at
            if age > (TOO_OLD_TO_THINK if turn.text is None else TOO_OLD_TO_DELIVER):
                note = "too old when it could be taken up again"
                await self._ledger.end(replace(turn, state=TurnState.CLOSED, note=note))
            else:
                left.append(turn)
        if not self._closed:
            self._seats.take_up(left)

    async def finish(self, timeout: float) -> None:
        """Take nothing new, and wait `timeout` seconds at most for what is in hand."""
        self._closed = True
        await self._tasks.join(timeout)

    # --- from a message to turns ------------------------------------------------------------

    async def _work(self, room: Room, mailbox: _Mailbox) -> None:
        try:
            while mailbox.waiting:
                utterance = mailbox.waiting.popleft()
                try:
                    await self._consider(room, utterance)
                except Exception:
                    log.exception("an utterance could not be considered")
                self._on_decided(room, utterance.message_id)
        finally:
            mailbox.working = False
            if not mailbox.waiting:
                self._mailboxes.pop(room.id, None)

    async def _consider(self, room: Room, utterance: Utterance) -> None:
        accepted: list[Turn] = []
        try:
            if utterance.speaker.kind is SpeakerKind.PERSON:
                accepted = await self._accept(room, utterance)
        finally:
            # Heard and asked in one go: a question that is put meanwhile holds both or neither.
            self._hearing.hear(utterance)
            self._seats.play(accepted)
        if accepted:
            await self._remember(room, accepted[-1])

    async def _accept(self, room: Room, utterance: Utterance) -> list[Turn]:
        """The turns that this utterance asks for, written down as far as the store allows."""
        accepted: list[Turn] = []
        try:
            addresses = await self._addressed(room, utterance)
            for one in addresses:
                turn = _turn(room, one, utterance)
                if await self._seats.accept(turn):
                    accepted.append(turn)
        except StoreError as error:
            log.warning("an utterance could not be taken: %s", error)
            # A reply between two people is none of our business, and cannot be told apart now.
            if utterance.mentions_bot or named(utterance.text, self._casting.cast(room)):
                await self._tell(room, words.for_stranger(error), utterance)
        else:
            if not addresses and (hint := self._hint(room, utterance)):
                await self._tell(room, hint, utterance)
        return accepted

    async def _addressed(self, room: Room, utterance: Utterance) -> tuple[Address, ...]:
        replied_to = None
        if utterance.reply_to is not None:
            replied_to = await self._ledger.speaker_of(utterance.reply_to)
        return addressed(
            utterance,
            self._casting.cast(room),
            replied_to=replied_to,
            last=self._casting.last_addressed(room),
        )

    async def _remember(self, room: Room, turn: Turn) -> None:
        try:
            await self._casting.address(room, turn.character)
        except StoreError as error:
            log.warning("who was addressed last cannot be remembered: %s", error)

    # --- the bot's own voice ----------------------------------------------------------------

    def _hint(self, room: Room, utterance: Utterance) -> str:
        """What helps a person who spoke to nobody that is here; empty when nothing is needed."""
        if utterance.speaker.kind is not SpeakerKind.PERSON:
            return ""
        absent = self._casting.absent(room, utterance.text)
        if absent is not None:
            return f"{absent.name} isn’t here. Bring them in with `/summon`."
        if not utterance.mentions_bot:
            return ""
        names = ", ".join(f"`@{one.name}`" for one in self._casting.cast(room))
        return f"Who should answer? Here are {names}." if names else NOBODY

    async def _tell(self, room: Room, text: str, utterance: Utterance) -> None:
        await self._notices.say(room, text, reply_to=utterance.message_id)


def _turn(room: Room, to: Address, utterance: Utterance) -> Turn:
    return Turn(
        room=room,
        character=to.character,
        trigger=utterance.message_id,
        asker=utterance.speaker.id,
        reason=to.reason,
        accepted_at=datetime.now(UTC),
    )
