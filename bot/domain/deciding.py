"""Decides which characters answer a message: one pure function. Owns no state; takes all inputs.

Rules for a person's message, strongest first; a weaker rule applies only if no stronger rule
selected a character:

    reply → @Name → mention of the bot → character bound to the room
    → character this person asked that has not begun to answer           (each mode)
    keyword → character this person addressed last                       (talkative, every)
    a random character of the cast                                       (every)

In a talkative room the others may chime in by chance, at most one per message. Characters answer
one another when addressed by `@Name`, or by chance, until the budget is used up. Quiet hours and
cooldowns suppress turns that no person asked for; a pause suppresses every turn.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.addressing import addressed, called_by_keyword, named
from bot.domain.budget import LONG_AGO, Budget
from bot.domain.character import Character
from bot.domain.decision import Decision, SkipReason, Verdict
from bot.domain.policy import Mode, Policy
from bot.domain.spending import Allowance
from bot.domain.turn import Reason
from bot.domain.utterance import SpeakerKind, Utterance

# How long a person's messages without a name still count as addressed to the same character.
GOES_ON = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Last:
    """The character that was addressed last in a room."""

    character: str
    by: int = 0
    """Snowflake of the person who addressed it; 0: unknown."""
    at: datetime = LONG_AGO
    """When it was addressed, if known."""


@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """Inputs of a decision besides the message and the policy. Characters are given by key."""

    now: datetime
    rng: random.Random
    replied_to: str | None = None
    """Author of the message that this message replies to."""
    bound: str | None = None
    """Character bound to the room."""
    last: Last | None = None
    """Character addressed last in the room."""
    listening: str | None = None
    """Character that the same person asked and that has not begun to answer."""
    elsewhere: bool = False
    """Whether the message is meant for somebody outside the cast."""
    unasked: Mapping[str, datetime] = field(default_factory=dict)
    """When each character last spoke without being asked."""
    about_to_speak: frozenset[str] = frozenset()
    """Characters with a turn that waits or runs."""
    budget: Budget = field(default_factory=Budget)
    allowance: Allowance = field(default_factory=Allowance)
    """Remaining spending limits of the person who asks, or whose message began the talk."""


def decide(
    utterance: Utterance, cast: Sequence[Character], policy: Policy, inputs: DecisionInputs
) -> Decision:
    """Return the verdict on each of `cast`. People and characters are answered, other bots not."""
    decision = _DecisionBuilder(utterance, cast, policy, inputs)
    match utterance.speaker.kind:
        case SpeakerKind.PERSON:
            decision.on_person()
        case SpeakerKind.CHARACTER:
            decision.on_character()
        case SpeakerKind.BOT:
            decision.skip_rest(SkipReason.NOT_ASKED)
    verdicts = tuple(sorted(decision.verdicts.values(), key=lambda verdict: not verdict.speaks))
    return Decision(
        utterance.room_id,
        utterance.message_id,
        utterance.speaker.name,
        inputs.now,
        verdicts,
        followed=utterance.speaker.kind is SpeakerKind.CHARACTER,
    )


class _DecisionBuilder:
    """Collects the verdicts on one message, in the order in which the rules reach them."""

    def __init__(
        self,
        utterance: Utterance,
        cast: Sequence[Character],
        policy: Policy,
        inputs: DecisionInputs,
    ) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self._utterance = utterance
        speaker = utterance.speaker.character
        self._cast = [character for character in cast if character.key != speaker]
        self._names = {character.key: character.name for character in cast}
        self._policy = policy
        self._inputs = inputs

    # --- a person's message -----------------------------------------------------------------

    def on_person(self) -> None:
        """Judge the addressed characters, then the unasked ones if the room's mode allows them."""
        paused = SkipReason.PAUSED if self._policy.paused else None
        last = self._inputs.last.character if self._inputs.last is not None else None
        asked = addressed(
            self._utterance,
            self._cast,
            replied_to=self._inputs.replied_to,
            last=last,
            bound=self._inputs.bound,
            for_others=self._inputs.elsewhere,
        )
        for address in asked:
            self._judge(address.character, address.reason, paused)
        if not asked and (listening := self._still_to_begin()) is not None:
            self._judge(listening, Reason.WENT_ON, paused)
        spoken_to = bool(self.verdicts)
        if paused is not None:
            self.skip_rest(paused)
        elif self._policy.mode is not Mode.MENTION:
            if not spoken_to:
                self._judge_unasked()
            if self._policy.mode is Mode.TALKATIVE and self._policy.chance:
                self._judge_by_chance()
        self.skip_rest(SkipReason.OTHERS_ASKED if spoken_to else SkipReason.NOT_ASKED)

    def _still_to_begin(self) -> str | None:
        """Return the character that this person asked and that has not begun to answer."""
        key = self._inputs.listening
        return key if self._may_be_for_cast() and key in self._undecided() else None

    def _may_be_for_cast(self) -> bool:
        """Return whether the message may be for the cast: it addresses no other person."""
        # The intake writes mentions of people in brackets (`bot.discord_io.intake`).
        return not self._inputs.elsewhere and "@[" not in self._utterance.text

    def _judge_unasked(self) -> None:
        """Judge by keyword, else the last addressed, else (mode every) a random character."""
        for key, word in called_by_keyword(self._utterance.text, self._cast):
            self._judge(key, Reason.KEYWORD, self._held_back(key), word)
        if not self._anybody_speaks() and (last := self._recently_addressed()) is not None:
            self._judge(last, Reason.LAST, self._held_back(last))
        if self._policy.mode is Mode.EVERY and not self._anybody_speaks():
            free = [key for key in self._undecided() if self._held_back(key) is None]
            drawn = self._inputs.rng.choice(free) if free else None
            for key in self._undecided() if drawn is None else [drawn]:
                self._judge(key, Reason.EVERY, self._held_back(key))

    def _recently_addressed(self) -> str | None:
        """Return the character that this person addressed within `GOES_ON`, if still meant."""
        last = self._inputs.last
        if last is None or not self._may_be_for_cast():
            return None
        recent = self._inputs.now - last.at < GOES_ON
        same = last.by == self._utterance.speaker.id and last.character in self._undecided()
        return last.character if recent and same else None

    # --- a character's words ----------------------------------------------------------------

    def on_character(self) -> None:
        """Judge the characters addressed by `@Name`, then chance; each turn uses the budget."""
        waiting = [key for key in self._undecided() if key in self._inputs.about_to_speak]
        for key in waiting:
            self._judge(key, None, SkipReason.ABOUT_TO_SPEAK)
        by = self._utterance.speaker.name
        for key in named(self._utterance.text, self._cast, by_mark=True):
            if key not in self.verdicts:
                self._judge(key, Reason.NAMED, self._held_back(key) or self._budget_refusal(), by)
        if self._policy.paused:
            self.skip_rest(SkipReason.PAUSED)
        elif self._policy.mode is not Mode.MENTION and self._policy.chance:
            spent = self._budget_refusal()
            for key in self._undecided() if spent is not None else ():
                self._judge(key, Reason.CHANCE, spent)
            self._judge_by_chance()
        self.skip_rest(SkipReason.NOT_ASKED)

    def _budget_refusal(self) -> SkipReason | None:
        """Return why the budget, less the turns decided so far, allows no further turn."""
        used = sum(verdict.speaks for verdict in self.verdicts.values())
        return self._inputs.budget.after(turns=used).refusal(self._policy.chain, self._inputs.now)

    # --- for both -----------------------------------------------------------------------------

    def _judge_by_chance(self) -> None:
        """Draw a number for each undecided character; the lowest within the chance speaks."""
        rolls: dict[str, int] = {}
        for key in self._undecided():
            held = self._held_back(key)
            if held is not None:
                self._judge(key, Reason.CHANCE, held)
            else:
                rolls[key] = self._inputs.rng.randint(1, 100)
        best = min(rolls, key=lambda key: rolls[key], default=None)
        for key, rolled in rolls.items():
            silence = None if key == best else SkipReason.LOST_DRAW
            lucky = rolled <= self._policy.chance
            detail = f"{self._policy.chance} %, rolled {rolled}"
            self._judge(key, Reason.CHANCE, silence if lucky else SkipReason.ROLLED, detail)

    def skip_rest(self, silence: SkipReason) -> None:
        """Keep each undecided character silent, for the reason `silence`."""
        for key in self._undecided():
            self._judge(key, None, silence)

    def _judge(
        self, key: str, reason: Reason | None, silence: SkipReason | None, detail: str = ""
    ) -> None:
        if silence is None:
            taken = sum(verdict.speaks for verdict in self.verdicts.values())
            silence = self._inputs.allowance.refusal(taken)
        self.verdicts[key] = Verdict(key, self._names[key], reason, silence, detail)

    def _undecided(self) -> list[str]:
        """Return the keys of the undecided characters."""
        return [character.key for character in self._cast if character.key not in self.verdicts]

    def _anybody_speaks(self) -> bool:
        return any(verdict.speaks for verdict in self.verdicts.values())

    def _held_back(self, key: str) -> SkipReason | None:
        """Return why an unasked character may not speak now; None if it may."""
        if self._policy.paused:
            return SkipReason.PAUSED
        if self._policy.quiet is not None and self._policy.quiet.holds(self._inputs.now):
            return SkipReason.QUIET
        since = self._inputs.now - self._inputs.unasked.get(key, LONG_AGO)
        return SkipReason.COOLDOWN if since < timedelta(seconds=self._policy.cooldown) else None
