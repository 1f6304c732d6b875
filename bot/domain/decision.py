"""What was decided about one message: who speaks, who does not, and why. Owns the record's shape.

The rules are `deciding`'s, the words for people are made in `bot.rooms.why`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.room import Room, Seat
from bot.domain.turn import Reason, Turn, TurnState

# The reasons by which a person asks for a character; by the others it speaks unasked.
ASKED = frozenset(
    {
        Reason.SAY,
        Reason.CONTINUE,
        Reason.REPLY,
        Reason.NAMED,
        Reason.BOT_MENTION,
        Reason.BOUND,
        Reason.WENT_ON,
    }
)


class Silence(StrEnum):
    """Why a character keeps silent."""

    NOT_ASKED = "not_asked"  # nobody spoke to it, and the room asks for no more
    OTHERS_ASKED = "others_asked"  # somebody else was spoken to
    ROLLED = "rolled"  # chance was against it
    OUTROLLED = "outrolled"  # chance was for it, but more for another one
    ABOUT_TO_SPEAK = "about_to_speak"  # it has a turn that waits or runs, and hears this there
    PAUSED = "paused"
    QUIET = "quiet"
    COOLDOWN = "cooldown"
    CHAIN = "chain"  # characters have answered one another often enough
    TIME = "time"  # … for long enough
    TOKENS = "tokens"  # … for enough tokens
    PERSON_SPENT = "person_spent"  # whoever asked has had as many turns as an hour allows
    DAY_SPENT = "day_spent"  # the bot has used as many tokens as a day allows


@dataclass(frozen=True, slots=True)
class Verdict:
    """One character's part in a decision.

    `reason` is why it speaks, or what would have made it speak; `silence` is what kept it silent
    (None: it speaks). `detail` is what the reason rests on: the keyword, the number rolled.
    """

    character: str
    name: str
    reason: Reason | None = None
    silence: Silence | None = None
    detail: str = ""

    @property
    def speaks(self) -> bool:
        """Whether it is asked to speak."""
        return self.silence is None


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdicts on everyone in the room: first who speaks, in that order.

    `trigger` is the message that it is about, `speaker` the name of whoever said it; `followed`:
    it was a character, whose words followed those of a person.
    """

    room_id: int
    trigger: int
    speaker: str
    at: datetime
    verdicts: tuple[Verdict, ...] = ()
    followed: bool = False

    @property
    def speaking(self) -> tuple[Verdict, ...]:
        """Those who are asked to speak, in order."""
        return tuple(one for one in self.verdicts if one.speaks)

    @property
    def turn_ids(self) -> tuple[str, ...]:
        """The ids of the turns that it calls for: the same whenever it is made of its message."""
        seats = (Seat(self.room_id, verdict.character) for verdict in self.speaking)
        return tuple(f"{seat}:{self.trigger}" for seat in seats)

    def turns(self, room: Room, asker: int, at: datetime, again: bool = False) -> list[Turn]:
        """What is to be accepted, in order, for the person `asker`.

        `again`: the message may have been heard before, by a process whose record is lost. Its
        answer may stand in the room then, so the turn counts as one that was begun.
        """
        state = TurnState.RUNNING if again else TurnState.ACCEPTED
        return [
            Turn(
                room,
                verdict.character,
                self.trigger,
                asker,
                verdict.reason,
                at,
                state,
                detail=verdict.detail,
            )
            for verdict in self.speaking
            if verdict.reason is not None
        ]
