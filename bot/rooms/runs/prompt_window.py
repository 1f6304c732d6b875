"""The prompt window: which part of the room's talk one prompt may hold, and which part it holds.

Owns the limits of a prompt. `thread_sync` reads the talk and fills the window; `thread_view`
decides what a Codex thread has seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.turn import SeenRange
from bot.domain.utterance import Utterance


@dataclass(slots=True)
class PromptWindow:
    """The window of a prompt to a character. Positions are orders in the room's talk."""

    asked: frozenset[int]
    """Ids of the messages to be answered."""
    own: str
    """Key of the character that answers."""
    at: float
    """Unix seconds. Each message is shown as it reads at this time or later."""
    end: int | None = None
    """Position before which the prompt must end: it is not decided who answers later messages."""
    blank: bool = False
    """Whether the room's message log was empty when the attempt began."""
    regenerates: bool = False
    """Whether the turn has an answer already, so that later messages stay out of the prompt."""
    since: int = 0
    """The prompt holds messages after this position."""
    upto: int = 0
    """Last position that the prompt may reach."""
    heard_upto: int = 0
    """High-water mark: up to here no message was left out. Messages left out are told later."""
    told: frozenset[int] = frozenset()
    """Ids of the messages in the prompt."""
    ahead: tuple[int, ...] = ()
    """Messages of others in the prompt that stand after the high-water mark."""
    others: tuple[int, ...] = ()
    """All messages in the prompt that the character did not write."""

    @property
    def reach(self) -> int:
        """Last position or message id that the prompt may hold."""
        return max(self.upto, *self.asked, *self.told)

    def extend_to(self, order: int) -> None:
        """Let the prompt reach `order`, or the position before `end` if that comes first."""
        self.upto = order if self.end is None else min(order, self.end - 1)
        self.heard_upto = self.upto

    def leave_out(self, order: int) -> None:
        """Lower the high-water mark, because the message at `order` is left for a later prompt."""
        self.heard_upto = min(self.heard_upto, order - 1)

    def may_tell(self, said: Utterance, *, read: bool) -> bool:
        """Return whether the prompt may hold `said`.

        `read`: the message came from Discord's history; the room's message log does not have it.
        """
        if said.message_id in self.asked or said.order <= self.upto:
            return True
        if self.regenerates:
            return False
        if said.speaker.character == self.own:
            return True  # the messages that these words answer are decided on
        # An answer streamed by a previous process can start before the trigger and finish after it.
        begun = self.blank and read and said.message_id <= self.upto
        return begun and (self.end is None or said.order < self.end)

    def tell(self, talk: Sequence[Utterance]) -> None:
        """Record that the prompt holds `talk`."""
        self.told = frozenset(said.message_id for said in talk)
        others = [said for said in talk if said.speaker.character != self.own]
        self.ahead = tuple(said.message_id for said in others if said.order > self.heard_upto)
        self.others = tuple(said.message_id for said in others)

    def add(self, told: frozenset[int], asked: Collection[int], upto: int) -> None:
        """Record messages that were added while the model answers; `upto` is the new mark."""
        self.told |= told
        self.asked |= frozenset(asked)
        self.others = (*self.others, *sorted(told))
        self.upto = self.heard_upto = upto

    def as_told(self, codex_turn_id: str, turn_id: str) -> SeenRange:
        """Return the range that a Codex thread has seen, once it has answered this prompt."""
        since, upto = self.since, self.heard_upto
        return SeenRange(codex_turn_id, turn_id, since, upto, self.ahead, self.others, self.at)
