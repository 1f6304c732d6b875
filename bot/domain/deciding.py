"""Who speaks when: the rules, as one pure function. Owns no state: facts are given in.

A person's message, strongest first, a weaker rule only where no stronger one found anybody:

    reply → @Name → mention of the bot → place bound to a character
    → the one this person asked that has not begun to answer             (each mode)
    keyword → the one this person spoke to last                          (talkative, every)
    one of the cast                                                      (every)

In a talkative room the others may chime in by chance, at most one for a message. Characters answer
one another where one is called by `@Name`, or by chance, for as long as the budget lasts. Quiet
hours and cool-downs hold back what no person asked for; a pause holds back everything.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.addressing import addressed, called_by_keyword, named
from bot.domain.budget import LONG_AGO, Budget
from bot.domain.character import Character
from bot.domain.decision import Decision, Silence, Verdict
from bot.domain.policy import Mode, Policy
from bot.domain.spending import Allowance
from bot.domain.turn import Reason
from bot.domain.utterance import SpeakerKind, Utterance

# For so long a person goes on speaking to the same character without naming it.
GOES_ON = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Last:
    """The character that was addressed last; by whom and when as far as that is known."""

    character: str
    by: int = 0
    at: datetime = LONG_AGO


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision rests on besides the message and the policy.

    `replied_to` is whose message it answers, `bound` whom the place belongs to (keys).
    `listening`: whom the same person asked, and who has not begun to answer. `elsewhere`: it is
    meant for somebody who is no character here. `unasked` says when each character last spoke
    without being asked, `about_to_speak` who has a turn that still waits.
    """

    now: datetime
    luck: random.Random
    replied_to: str | None = None
    bound: str | None = None
    last: Last | None = None
    listening: str | None = None
    elsewhere: bool = False
    unasked: Mapping[str, datetime] = field(default_factory=dict)
    about_to_speak: frozenset[str] = frozenset()
    budget: Budget = field(default_factory=Budget)
    allowance: Allowance = field(default_factory=Allowance)
    """What is left of the spending limits for the person who asks, or started the talk."""


def decide(
    utterance: Utterance, cast: Sequence[Character], policy: Policy, facts: Facts
) -> Decision:
    """The verdict on each of `cast`. Only people and characters have answers, other bots none."""
    sitting = _Sitting(utterance, cast, policy, facts)
    match utterance.speaker.kind:
        case SpeakerKind.PERSON:
            sitting.person_spoke()
        case SpeakerKind.CHARACTER:
            sitting.character_spoke()
        case SpeakerKind.BOT:
            sitting.rest(Silence.NOT_ASKED)
    verdicts = tuple(sorted(sitting.verdicts.values(), key=lambda one: not one.speaks))
    return Decision(
        utterance.room_id,
        utterance.message_id,
        utterance.speaker.name,
        facts.now,
        verdicts,
        followed=utterance.speaker.kind is SpeakerKind.CHARACTER,
    )


class _Sitting:
    """One message being judged: the verdicts so far, in the order in which they were found."""

    def __init__(
        self, utterance: Utterance, cast: Sequence[Character], policy: Policy, facts: Facts
    ) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self._utterance = utterance
        self._cast = [one for one in cast if one.key != utterance.speaker.character]
        self._names = {one.key: one.name for one in cast}
        self._policy = policy
        self._facts = facts

    # --- a person's message -----------------------------------------------------------------

    def person_spoke(self) -> None:
        """Who is asked, then who speaks unasked where the room is that talkative."""
        paused = Silence.PAUSED if self._policy.paused else None
        last = self._facts.last.character if self._facts.last is not None else None
        asked = addressed(
            self._utterance,
            self._cast,
            replied_to=self._facts.replied_to,
            last=last,
            bound=self._facts.bound,
            for_others=self._facts.elsewhere,
        )
        for one in asked:
            self._judge(one.character, one.reason, paused)
        if not asked and (listening := self._listening()) is not None:
            self._judge(listening, Reason.WENT_ON, paused)
        spoken_to = bool(self.verdicts)
        if paused is not None:
            self.rest(paused)
        elif self._policy.mode is not Mode.MENTION:
            if not spoken_to:
                self._unasked()
            if self._policy.mode is Mode.TALKATIVE and self._policy.chance:
                self._chance()
        self.rest(Silence.OTHERS_ASKED if spoken_to else Silence.NOT_ASKED)

    def _listening(self) -> str | None:
        """Who was asked by the same person and has not begun to answer: it listens still."""
        key = self._facts.listening
        return key if self._is_for_us() and key in self._left() else None

    def _is_for_us(self) -> bool:
        """Whether it can be for a character here: it calls or answers nobody else."""
        # Mentions of people are written in brackets (`bot.discord_io.intake`).
        return not self._facts.elsewhere and "@[" not in self._utterance.text

    def _unasked(self) -> None:
        """A keyword, else whom the person spoke to, else (every message) one of the cast."""
        for key, word in called_by_keyword(self._utterance.text, self._cast):
            self._judge(key, Reason.KEYWORD, self._hold(key), word)
        if not self._anybody() and (last := self._goes_on_with()) is not None:
            self._judge(last, Reason.LAST, self._hold(last))
        if self._policy.mode is Mode.EVERY and not self._anybody():
            free = [key for key in self._left() if self._hold(key) is None]
            drawn = self._facts.luck.choice(free) if free else None
            for key in self._left() if drawn is None else [drawn]:
                self._judge(key, Reason.EVERY, self._hold(key))

    def _goes_on_with(self) -> str | None:
        """Whom the same person spoke to a moment ago, if this is for nobody else."""
        last = self._facts.last
        if last is None or not self._is_for_us():
            return None
        recent = self._facts.now - last.at < GOES_ON
        same = last.by == self._utterance.speaker.id and last.character in self._left()
        return last.character if recent and same else None

    # --- a character's words ----------------------------------------------------------------

    def character_spoke(self) -> None:
        """Who is called, then who chimes in: each turn is taken from the budget."""
        waiting = [key for key in self._left() if key in self._facts.about_to_speak]
        for key in waiting:
            self._judge(key, None, Silence.ABOUT_TO_SPEAK)
        by = self._utterance.speaker.name
        for key in named(self._utterance.text, self._cast, by_mark=True):
            if key not in self.verdicts:
                self._judge(key, Reason.NAMED, self._hold(key) or self._spent(), by)
        if self._policy.paused:
            self.rest(Silence.PAUSED)
        elif self._policy.mode is not Mode.MENTION and self._policy.chance:
            spent = self._spent()
            for key in self._left() if spent is not None else ():
                self._judge(key, Reason.CHANCE, spent)
            self._chance()
        self.rest(Silence.NOT_ASKED)

    def _spent(self) -> Silence | None:
        used = sum(one.speaks for one in self.verdicts.values())
        return self._facts.budget.after(turns=used).refusal(self._policy.chain, self._facts.now)

    # --- for both -----------------------------------------------------------------------------

    def _chance(self) -> None:
        """Everyone left rolls; of those who may speak, the one with the least number does."""
        rolls: dict[str, int] = {}
        for key in self._left():
            held = self._hold(key)
            if held is not None:
                self._judge(key, Reason.CHANCE, held)
            else:
                rolls[key] = self._facts.luck.randint(1, 100)
        best = min(rolls, key=lambda key: rolls[key], default=None)
        for key, rolled in rolls.items():
            silence = None if key == best else Silence.OUTROLLED
            lucky = rolled <= self._policy.chance
            detail = f"{self._policy.chance} %, rolled {rolled}"
            self._judge(key, Reason.CHANCE, silence if lucky else Silence.ROLLED, detail)

    def rest(self, silence: Silence) -> None:
        """Everyone without a verdict keeps silent, for this."""
        for key in self._left():
            self._judge(key, None, silence)

    def _judge(
        self, key: str, reason: Reason | None, silence: Silence | None, detail: str = ""
    ) -> None:
        if silence is None:
            taken = sum(verdict.speaks for verdict in self.verdicts.values())
            silence = self._facts.allowance.refusal(taken)
        self.verdicts[key] = Verdict(key, self._names[key], reason, silence, detail)

    def _left(self) -> list[str]:
        return [one.key for one in self._cast if one.key not in self.verdicts]

    def _anybody(self) -> bool:
        return any(one.speaks for one in self.verdicts.values())

    def _hold(self, key: str) -> Silence | None:
        """What holds back a character that no person asked."""
        if self._policy.paused:
            return Silence.PAUSED
        if self._policy.quiet is not None and self._policy.quiet.holds(self._facts.now):
            return Silence.QUIET
        since = self._facts.now - self._facts.unasked.get(key, LONG_AGO)
        return Silence.COOLDOWN if since < timedelta(seconds=self._policy.cooldown) else None
