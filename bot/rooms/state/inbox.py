"""The rooms' queues of messages to decide on, processed in order, one message of a room at a time.

Owns the mailboxes and the tasks that empty them. Discord's events and the finished answers of
characters are posted here; the dispatcher, which is made later, decides on them. Turns that end,
and readers of the undecided positions, need only the inbox, not the dispatcher.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.domain.room import Room
from bot.domain.turn import Turn
from bot.domain.utterance import Utterance
from bot.rooms.state.casting import Casting
from bot.rooms.state.mailbox import Heard, Mailbox
from bot.rooms.state.offsets import Offsets
from bot.tasks import Tasks

log = logging.getLogger(__name__)

Consider = Callable[[Room, Heard, Mailbox], Awaitable[None]]
"""Decides on a message and has it answered."""


class Inbox:
    """The mailboxes of all rooms. `serve` sets the consumer; `close` refuses new messages."""

    def __init__(self, *, casting: Casting, offsets: Offsets, tasks: Tasks) -> None:
        self._casting = casting
        self._offsets = offsets
        self._tasks = tasks
        self._consider: Consider | None = None
        self._mailboxes: dict[int, Mailbox] = {}
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether new messages are refused."""
        return self._closed

    def serve(self, consider: Consider) -> None:
        """Hand every message to `consider` from now on."""
        self._consider = consider

    def close(self) -> None:
        """Refuse new messages; queued messages are still decided on."""
        self._closed = True

    def post(self, room: Room, heard: Heard) -> None:
        """Append a message to the room's mailbox. Synchronous, to keep the order."""
        mailbox = self._mailboxes.setdefault(room.id, Mailbox())
        mailbox.waiting.append(heard)
        self._open(room, mailbox)

    async def on_character_message(self, turn: Turn, utterance: Utterance, again: bool) -> bool:
        """Post a character's message of `turn`, already in the message log, for others to answer.

        `again`: the message may have been decided on before. Returns True once the decision is on
        record, False if it is left to the next process.
        """
        cast = self._casting.cast(turn.room)
        others = [character for character in cast if character.key != turn.character]
        # A greeting comes from the character's file, not from a model: nobody answers it.
        if turn.thread_id is None or not others:
            return True
        if self._closed:
            return False
        heard = Heard(utterance, turn, again)
        self.post(turn.room, heard)
        await heard.decided.wait()
        return True

    def release(self, room: Room) -> None:
        """Resume a room after its missed range was read, oldest message first."""
        mailbox = self._mailboxes.get(room.id)
        if mailbox is not None:
            mailbox.put_in_order()
            self._open(room, mailbox)

    def undecided(self, room: Room) -> int | None:
        """Return the first position that is not decided on yet; None if all are.

        No prompt may contain messages from that position on: the character would answer them, and
        answer again once they are decided on.
        """
        whole_upto = self._offsets.whole_upto(room)
        orders = [] if whole_upto is None else [whole_upto + 1]
        if (mailbox := self._mailboxes.get(room.id)) is not None:
            orders += mailbox.undecided()
        return min(orders, default=None)

    def _open(self, room: Room, mailbox: Mailbox) -> None:
        # Messages of a missed range come first, or a prompt would contain them twice: now, and
        # after the range is read.
        if mailbox.waiting and not mailbox.working and not self._offsets.has_gap(room):
            mailbox.working = True
            self._tasks.start(f"room {room.id}", self._work(room, mailbox))

    async def _work(self, room: Room, mailbox: Mailbox) -> None:
        try:
            while mailbox.waiting and not self._offsets.has_gap(room):
                heard = mailbox.waiting.popleft()
                mailbox.deciding = heard.utterance if heard.may_ask else None
                try:
                    if self._consider is not None:
                        await self._consider(room, heard, mailbox)
                except Exception:
                    log.exception("cannot decide on a message")
                heard.decided.set()
                if heard.turn is None:
                    self._offsets.decided(room, heard.utterance.message_id)
        finally:
            mailbox.working, mailbox.deciding = False, None
            if not mailbox.waiting:
                self._mailboxes.pop(room.id, None)
