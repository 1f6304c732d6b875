"""What a turn needs while it is played, and what it came to. Owns no step of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain import cut_answers, recall
from bot.domain.character import Character
from bot.domain.continuing import continued
from bot.domain.speech import SPEECH_LIMIT, Speech
from bot.domain.turn import Session, Told, Turn, TurnState
from bot.domain.utterance import Speaker, SpeakerKind, Utterance
from bot.rooms.another_way import Way
from bot.rooms.ports import LeasedMind
from bot.rooms.scenes import Scene
from bot.rooms.scope import Scope


class Ending(StrEnum):
    """How a turn ended, for the record and the metrics. CHANGED: what was said long ago."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    ACTED = "acted"
    CHANGED = "changed"
    FAILED = "failed"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn came to. `seconds` since it was taken up, `first_words` since it was accepted.

    `waited` is how long it took to get a mind; `recovered` says that a lost thread was replayed.
    `tokens` is what it cost; `error` is what a failed one failed of.
    """

    turn: Turn
    ending: Ending
    seconds: float
    first_words: float | None = None
    waited: float | None = None
    recovered: bool = False
    tokens: int = 0
    error: Exception | None = None


class Join(Protocol):
    """Takes out of the seat's queue what is asked together with the turn that is played."""

    def __call__(self, told: Collection[int] | None = None, /) -> Sequence[Turn]:
        """All that wait, or those of the messages that were `told`; they end with this one."""
        ...


# How often a question that runs is added to. Each addition has the model asked anew: what comes
# after them waits for the next turn, or whoever writes a line a second is never answered.
ADDITIONS_LIMIT = 3


@dataclass(slots=True)
class Act:
    """A turn on its way: the record so far, and what only this process needs to know.

    `joined` are turns that are answered together with it; `end` tells the order before which a
    question has to end now, `scope` how far the one that was put goes. `session` is the thread that
    was asked; None while there is none, and when the thread forgot the question again. `mind` is
    held while it is heard, `scene` while it is thought, `steering` while words are added
    to the question; `unsure` is a mind of which nobody knows whether it took some in. `finished`:
    the mind said all it had to say; `stopped`: a person did not wait for that; `cut`: it was not
    let, or came to the endpoint's limit, `repeats` is from where on it said the same again and
    again, `due` when it has to have ended (loop time). `way` is how the
    question is put, `held` how many tokens its thread holds once it was answered, `error` what it
    failed of. `resumed`: its words were on record when it was taken up.
    """

    turn: Turn
    character: Character
    join: Join
    end: Callable[[], int | None]
    now: Callable[[], datetime]
    """The time by the clock that dates messages (aware)."""
    joined: list[Turn] = field(default_factory=list)
    scope: Scope = field(init=False)
    speech: Speech = field(init=False)
    resumed: bool = field(init=False)
    goes_on: bool = field(init=False)
    """Whether the reply is asked to go on where it ends; no message says so."""
    begun: str = field(init=False)
    """The words that it goes on from; empty where it does not."""
    session: Session | None = None
    mind: LeasedMind | None = None
    scene: Scene | None = None
    steering: asyncio.Lock = field(default_factory=asyncio.Lock)
    unsure: LeasedMind | None = None
    additions: int = 0
    """How often its question was added to in this try."""
    finished: bool = False
    stopped: bool = False
    cut: bool = False
    repeats: int | None = None
    due: float | None = None
    deleted: bool = False
    put_back: bool = False
    way: Way = field(default_factory=Way)
    first_words: float | None = None
    waited: float | None = None
    recovered: bool = False
    tokens: int = 0
    held: int = 0
    error: Exception | None = None
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.scope = self._scope()
        self.goes_on = self.turn.goes_on and self.turn.to_think
        self.begun = cut_answers.open_end(self.turn.text or "") if self.goes_on else ""
        self.speech = self._speech()
        self.resumed = not self.turn.to_think

    @property
    def asked(self) -> set[int]:
        """The messages to be answered."""
        return {self.turn.trigger, *(one.trigger for one in self.joined)}

    @property
    def askers(self) -> frozenset[int]:
        """The people who are answered."""
        return frozenset({self.turn.asker, *self.turn.along, *(one.asker for one in self.joined)})

    def begin(self, latest: int) -> None:
        """Try: with nothing said yet, asking all that waits, up to what was decided on last.

        Not to the trigger only: who is named second hears the first. `latest` is the order of
        the last utterance in the room's log; nothing after it has been decided on.
        """
        self.speech = self._speech()
        self.finished, self.cut, self.repeats = False, False, None
        self.session, self.additions = None, 0
        if not self.turn.is_retake:
            self.joined.extend(self.join())
        self.scope = self._scope(end=self.end(), blank=not latest)
        self.scope.go_to(max(latest, *self.asked))

    def whole(self, words: str, *, is_whole: bool = True) -> str:
        """The whole answer whose newest `words` these are; empty without any.

        Unless they are `is_whole`, what may still turn out to repeat older ones is left out.
        """
        if not self.goes_on or not words.strip():
            return words
        was_cut = cut_answers.is_marked(self.turn.text or "")
        return continued(self.begun, words, was_cut=was_cut, is_whole=is_whole)

    def adds_nothing(self, words: str) -> bool:
        """Whether all these `words`, going on, stood there before."""
        return self.goes_on and self.whole(words) == self.begun

    def _speech(self) -> Speech:
        return Speech(self.character, SPEECH_LIMIT - len(self.begun))

    def _scope(self, *, end: int | None = None, blank: bool = False) -> Scope:
        asked, anew = frozenset(self.asked), self.turn.is_retake
        # Before anything is read: what changes from now on is not sure to be in it.
        at = self.now().timestamp()
        return Scope(asked, self.character.key, at, end=end, blank=blank, anew=anew)

    def add(self, told: frozenset[int], upto: int) -> None:
        """These were added while it ran: nothing up to `upto` is left out now."""
        self.additions += 1
        self.joined.extend(self.join(told))
        self.scope.add(told, self.asked, upto)

    def takes_in(self, turn: Turn) -> bool:
        """Whether `turn` may still become part of the question: nothing of the answer is shown."""
        return (
            self.mind is not None
            and self.turn.codex_turn_id is not None
            and self.first_words is None
            and self.additions < ADDITIONS_LIMIT
            and not self.finished
            and not self.turn.is_retake
            and self.end() is None
            and turn.asker == self.turn.asker
        )

    def remembered(self) -> Session | None:
        """The session once the turn was good; None when it stays as it is kept."""
        if self.session is None:
            return None
        session = recall.after(self.session, self._told())
        blind = session.blind or self.way.refuses_pictures
        return replace(session, blind=blind, held=self.held)

    def unanswered(self) -> Session | None:
        """The session while its thread still holds the question; None when it forgot that."""
        session, turn = self.session, self.turn
        if session is None or turn.codex_turn_id is None or turn.thread_id != session.thread_id:
            return None
        return recall.failed(session, self._told())

    def _told(self) -> Told:
        return self.scope.as_told(self.turn.codex_turn_id or "", self.turn.id)

    def ended_with(self) -> tuple[Turn, ...]:
        """Those that were joined, ended."""
        note = f"answered together with {self.turn.trigger}"
        return tuple(replace(one, state=TurnState.DONE, note=note) for one in self.joined)

    def outcome(self, ending: Ending) -> Outcome:
        """What it came to, now."""
        return Outcome(
            self.turn,
            ending,
            self.seconds(),
            self.first_words,
            self.waited,
            self.recovered,
            self.tokens,
            self.error,
        )

    def seconds(self) -> float:
        """Since it was taken up."""
        return time.monotonic() - self.began

    def since_accepted(self) -> float:
        """Since it was accepted, waiting behind others included."""
        return (self.now() - self.turn.accepted_at).total_seconds()

    def said_before(self) -> Utterance:
        """The words that it goes on from, as the room heard them."""
        return replace(self.said(self.turn.chunks or (self.turn.order,), after=0), text=self.begun)

    def said(self, chunks: Sequence[int], *, after: int) -> Utterance:
        """What the room heard in these messages; new words come after the order `after`.

        What is said in another way stands where it was said first.
        """
        return Utterance(
            message_id=chunks[0],
            room_id=self.turn.room.id,
            speaker=Speaker(0, self.character.name, SpeakerKind.CHARACTER, self.character.key),
            text=self.turn.text or "",
            at=self.now(),
            settled=self.turn.order or max(chunks[-1], after + 1),
            turn=self.turn.id,
        )
