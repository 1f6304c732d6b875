"""What each room has still to decide on, worked on in order: one message of a room at a time.

Owns the rooms' mailboxes and their work. The events of Discord and the finished words of characters
are posted here; the director, which is made later, serves them. So a turn that ends needs to know
the inbox alone, and whoever asks what is undecided asks no director.
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
    """The mailboxes of all rooms. `serve` says who decides; `close` ends the taking."""

    def __init__(self, *, casting: Casting, offsets: Offsets, tasks: Tasks) -> None:
        self._casting = casting
        self._offsets = offsets
        self._tasks = tasks
        self._consider: Consider | None = None
        self._mailboxes: dict[int, Mailbox] = {}
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing new is taken any more."""
        return self._closed

    def serve(self, consider: Consider) -> None:
        """Hand every message to `consider` from now on."""
        self._consider = consider

    def close(self) -> None:
        """Take nothing new; what waits is still worked on."""
        self._closed = True

    def post(self, room: Room, heard: Heard) -> None:
        """Put a message into the room's mailbox, before anything is awaited."""
        mailbox = self._mailboxes.setdefault(room.id, Mailbox())
        mailbox.waiting.append(heard)
        self._open(room, mailbox)

    async def on_character_message(self, turn: Turn, utterance: Utterance, again: bool) -> bool:
        """Take what a character said in `turn`, heard already: others may answer it.

        `again`: the words may have been taken before. True once the decision is on record; False
        when it is left to the next process.
        """
        others = [who for who in self._casting.cast(turn.room) if who.key != turn.character]
        # A greeting was not thought, and asks nobody.
        if turn.thread_id is None or not others:
            return True
        if self._closed:
            return False
        heard = Heard(utterance, turn, again)
        self.post(turn.room, heard)
        await heard.decided.wait()
        return True

    def release(self, room: Room) -> None:
        """Go on with a room whose missed range was read, oldest message first."""
        mailbox = self._mailboxes.get(room.id)
        if mailbox is not None:
            mailbox.put_in_order()
            self._open(room, mailbox)

    def undecided(self, room: Room) -> int | None:
        """Return the order from which on nothing is decided yet; None when all is.

        No character may be told of messages from there on: a message that is told is answered, and
        would be answered once more when it is decided on.
        """
        whole_upto = self._offsets.whole_upto(room)
        orders = [] if whole_upto is None else [whole_upto + 1]
        if (mailbox := self._mailboxes.get(room.id)) is not None:
            orders += mailbox.undecided()
        return min(orders, default=None)

    def _open(self, room: Room, mailbox: Mailbox) -> None:
        # What was said in a missed range comes first, or it would be told twice: before, and when
        # the range is read.
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
                    log.exception("an utterance could not be considered")
                heard.decided.set()
                if heard.turn is None:
                    self._offsets.decided(room, heard.utterance.message_id)
        finally:
            mailbox.working, mailbox.deciding = False, None
            if not mailbox.waiting:
                self._mailboxes.pop(room.id, None)
