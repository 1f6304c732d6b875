"""The record of a decision about one message: which characters speak, which do not, and why.

`deciding` owns the rules; `bot.rooms.decisions.why` explains a decision to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.room import Room, Seat
from bot.domain.turn import Reason, Turn, TurnState

# Reasons that count as a person asking the character; for the others it speaks unasked.
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


class SkipReason(StrEnum):
    """Why a character keeps silent."""

    NOT_ASKED = "not_asked"  # not addressed, and the policy lets no unasked character speak
    OTHERS_ASKED = "others_asked"  # another character was addressed
    ROLLED = "rolled"  # its random number was above the chance
    LOST_DRAW = "outrolled"  # within the chance, but another character drew a lower number
    ABOUT_TO_SPEAK = "about_to_speak"  # its waiting or running turn will include the message
    PAUSED = "paused"
    QUIET = "quiet"
    COOLDOWN = "cooldown"
    CHAIN = "chain"  # budget: turns in which characters answered one another
    TIME = "time"  # budget: time since a person last spoke
    TOKENS = "tokens"  # budget: tokens since a person last spoke
    PERSON_SPENT = "person_spent"  # the asking person's turns of this hour are used up
    DAY_SPENT = "day_spent"  # the bot's tokens of this day are used up


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about one character."""

    character: str
    """The character's key."""
    name: str
    reason: Reason | None = None
    """Why it speaks, or would have spoken without `silence`; None: no rule selected it."""
    silence: SkipReason | None = None
    """Why it keeps silent; None: it speaks."""
    detail: str = ""
    """Evidence for the reason: the keyword, the number rolled."""

    @property
    def speaks(self) -> bool:
        """Whether the character is asked to speak."""
        return self.silence is None


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdicts on all characters of a room about one message."""

    room_id: int
    trigger: int
    """Id of the message that was decided on."""
    speaker: str
    """Name of the message's author."""
    at: datetime
    verdicts: tuple[Verdict, ...] = ()
    """Speaking characters first, in the order in which they speak."""
    followed: bool = False
    """Whether a character, not a person, wrote the message."""

    @property
    def speaking(self) -> tuple[Verdict, ...]:
        """Verdicts of the characters that are asked to speak, in order."""
        return tuple(verdict for verdict in self.verdicts if verdict.speaks)

    @property
    def turn_ids(self) -> tuple[str, ...]:
        """Ids of the turns to accept; deterministic, so deciding again yields the same ids."""
        seats = (Seat(self.room_id, verdict.character) for verdict in self.speaking)
        return tuple(f"{seat}:{self.trigger}" for seat in seats)

    def turns(self, room: Room, asker: int, at: datetime, again: bool = False) -> list[Turn]:
        """Return the turns to accept, in order, for the person `asker` (a snowflake).

        `again`: the message was redelivered, and a process whose record is lost may have answered
        it. Its answer may already be in the room, so the turn counts as running.
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
