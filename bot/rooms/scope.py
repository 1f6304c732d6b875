"""How far one question goes into the talk of its room, and what it tells of it.

Owns what a question may hold. Reading the talk is `recollection`'s, what a thread knows `recall`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.turn import Told
from bot.domain.utterance import Utterance


@dataclass(slots=True)
class Scope:
    """The scope of a question to the character of key `own`, who is to answer what is `asked`.

    `end` is the order before which it has to end, because what comes then has not had its turn;
    `blank` says that the room's log was empty, `anew` that it was answered before and is asked once
    more. It may go to `upto`; it holds all that was said after `since` up to `heard_upto` (orders),
    and what is `ahead` of that: what is left out is told later. `told` are the messages in it,
    `others` those that the character did not say itself, as they read at `at` (unix seconds) or
    later.
    """

    asked: frozenset[int]
    own: str
    at: float
    end: int | None = None
    blank: bool = False
    anew: bool = False
    since: int = 0
    upto: int = 0
    heard_upto: int = 0
    told: frozenset[int] = frozenset()
    ahead: tuple[int, ...] = ()
    others: tuple[int, ...] = ()

    @property
    def reach(self) -> int:
        """The last that it may hold."""
        return max(self.upto, *self.asked, *self.told)

    def go_to(self, order: int) -> None:
        """It goes to there, if it does not end before."""
        self.upto = order if self.end is None else min(order, self.end - 1)
        self.heard_upto = self.upto

    def leave_out(self, order: int) -> None:
        """What stands at this order is told later."""
        self.heard_upto = min(self.heard_upto, order - 1)

    def may_tell(self, said: Utterance, *, read: bool) -> bool:
        """Whether it may hold that: it is asked, or comes before the end.

        `read`: it is not in the room's log.
        """
        if said.message_id in self.asked or said.order <= self.upto:
            return True
        if self.anew:
            return False
        if said.speaker.character == self.own:
            return True  # what it said itself is answered, whatever came before
        # In an earlier process words may have begun before what is asked, and ended behind it.
        begun = self.blank and read and said.message_id <= self.upto
        return begun and (self.end is None or said.order < self.end)

    def tell(self, talk: Sequence[Utterance]) -> None:
        """It holds these."""
        self.told = frozenset(one.message_id for one in talk)
        others = [one for one in talk if one.speaker.character != self.own]
        self.ahead = tuple(one.message_id for one in others if one.order > self.heard_upto)
        self.others = tuple(one.message_id for one in others)

    def add(self, told: frozenset[int], asked: Collection[int], upto: int) -> None:
        """These were added while it ran: nothing up to `upto` is left out now."""
        self.told |= told
        self.asked |= frozenset(asked)
        self.others = (*self.others, *sorted(told))
        self.upto = self.heard_upto = upto

    def as_told(self, codex_turn_id: str, turn_id: str) -> Told:
        """What a thread remembers of it, answered in that turn."""
        since, upto = self.since, self.heard_upto
        return Told(codex_turn_id, turn_id, since, upto, self.ahead, self.others, self.at)
