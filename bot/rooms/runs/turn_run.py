"""A turn run: one turn from the moment that a runner takes it until the record has ended.

`TurnRequest` says what to answer, and never changes. `TurnRun` lives for the whole run and owns the
turn's record: other modules read `TurnRun.turn` and change it by the methods below. `Attempt` lives
for one try to have the model answer; the next try replaces it.

    record    ACCEPTED ─ began ─▶ RUNNING ─ answered ─▶ RECORDED ─ shown ─▶ DONE
                 │                 │   │                 ▲   │
                 │                 │   └─── roll_back ───┘   │  a regeneration came to nothing
                 └──── close ──────┴────────── close ────────┴─▶ DONE if the turn rightly ended
                          without words or an earlier answer stands, CLOSED otherwise

    attempt   lease ─ begin_attempt ─ prompt ─ began ─ words … ─ finished
                ▲                      │          │         ├ cut: too long, repeats, an endpoint's
                │                      │          │         │      limit, or an error after words
                │                      │          │         └ stopped by a person
                │                      └ target deleted
                └─ process died, Codex thread lost, or a fallback: the next attempt

`model_turns` makes the attempts and returns a `ModelResult`; `turn_runner` takes the steps before
and after. An attempt can fail after a step that cannot be undone (a question was reverted in its
Codex thread, words were shown, tokens were spent): such a step is told to the run at once, by a
method. All other findings are returned.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.domain import cut_answers, thread_view
from bot.domain.character import Character
from bot.domain.continuing import continued
from bot.domain.speech import SPEECH_LIMIT, Speech
from bot.domain.turn import SeenRange, Session, Turn, TurnState
from bot.domain.utterance import Speaker, SpeakerKind, Utterance
from bot.rooms.runs.attempt import ADDITIONS_LIMIT, Attempt
from bot.rooms.runs.fallbacks import Fallbacks
from bot.rooms.runs.prompt_window import PromptWindow
from bot.rooms.runs.turn_results import Ending, Outcome


class Join(Protocol):
    """Takes turns out of the seat's queue, to be answered together with the running one."""

    def __call__(self, told: Collection[int] | None = None, /) -> Sequence[Turn]:
        """Take all waiting turns, or those of the messages `told`, to end with the running turn."""
        ...


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """The turn to answer, and where further turns, limits and the time come from."""

    turn: Turn
    """The record as the run found it."""
    character: Character
    join: Join
    ends_before: Callable[[], int | None]
    """Gives the position before which a prompt must end now; None if it need not."""
    now: Callable[[], datetime]
    """Gives the time by the clock that dates messages (aware)."""

    @property
    def is_resumed(self) -> bool:
        """Whether the text was on record when the run began."""
        return not self.turn.to_think


@dataclass(frozen=True, slots=True)
class Continuation:
    """The end of an earlier answer that a person asked the model to go on with."""

    begun: str
    """The earlier words, without the mark of an early end."""
    was_cut: bool
    """Whether the earlier answer ended early, so that its last sentence may go on."""

    @classmethod
    def of(cls, turn: Turn) -> Continuation | None:
        """Return what the turn goes on with; None if it answers a message."""
        if not (turn.goes_on and turn.to_think):
            return None
        text = turn.text or ""
        return cls(cut_answers.open_end(text), cut_answers.is_marked(text))

    def whole(self, words: str, *, is_whole: bool) -> str:
        """Return the earlier words with the new `words` after them."""
        return continued(self.begun, words, was_cut=self.was_cut, is_whole=is_whole)


@dataclass(slots=True)
class _Metrics:
    """What is measured during a run; see `Outcome`."""

    began: float = field(default_factory=time.monotonic)
    first_words: float | None = None
    waited: float | None = None
    recovered: bool = False
    tokens: int = 0


class TurnRun:
    """The run of a turn. Owns the record, the joined turns, the metrics and the newest attempt."""

    def __init__(self, request: TurnRequest) -> None:
        self.request = request
        self.continuation = Continuation.of(request.turn)
        self.fallbacks = Fallbacks()
        # Held while a message is being added to the prompt.
        self.steering = asyncio.Lock()
        # Whether the earlier answer is on record again after a failed regeneration.
        self.rolled_back = False
        self._turn = request.turn
        self._joined: list[Turn] = []
        self._metrics = _Metrics()
        self._due: float | None = None
        self._attempt = self._new_attempt()

    # --- what is known ----------------------------------------------------------------------

    @property
    def turn(self) -> Turn:
        """The turn's record so far."""
        return self._turn

    @property
    def character(self) -> Character:
        """The character that speaks."""
        return self.request.character

    @property
    def attempt(self) -> Attempt:
        """The newest attempt; before the first, an attempt that has asked nothing."""
        return self._attempt

    @property
    def goes_on(self) -> bool:
        """Whether the model is asked to go on with an earlier answer; no message asks for it."""
        return self.continuation is not None

    @property
    def asked(self) -> set[int]:
        """Ids of the messages to be answered."""
        return {self._turn.trigger, *(joined.trigger for joined in self._joined)}

    @property
    def askers(self) -> frozenset[int]:
        """Snowflakes of the people who are answered."""
        joined = (turn.asker for turn in self._joined)
        return frozenset({self._turn.asker, *self._turn.along, *joined})

    @property
    def has_shown_words(self) -> bool:
        """Whether words of the new answer were shown, by any attempt."""
        return self._metrics.first_words is not None

    @property
    def was_recovered(self) -> bool:
        """Whether the seat's Codex thread was lost or full during this run."""
        return self._metrics.recovered

    def whole(self, words: str, *, is_whole: bool = True) -> str:
        """Return the whole answer whose newest part is `words`; empty if `words` are.

        Unless `words` are whole, a part that may still turn out to repeat older words is left out.
        """
        if self.continuation is None or not words.strip():
            return words
        return self.continuation.whole(words, is_whole=is_whole)

    def adds_nothing(self, words: str) -> bool:
        """Return whether `words` only repeat the answer that they should go on with."""
        return self.continuation is not None and self.whole(words) == self.continuation.begun

    def takes_in(self, turn: Turn) -> bool:
        """Return whether `turn` may still join the prompt, because no word has been shown."""
        attempt = self._attempt
        return (
            attempt.lease is not None
            and self._turn.codex_turn_id is not None
            and not self.has_shown_words
            and attempt.additions < ADDITIONS_LIMIT
            and not attempt.finished
            and not self._turn.is_regeneration
            and self.request.ends_before() is None
            and turn.asker == self._turn.asker
        )

    # --- attempts ---------------------------------------------------------------------------

    def begin_attempt(self, latest: int) -> Attempt:
        """Begin an attempt that asks about all waiting messages, not only about the trigger.

        A character that was named second has so heard the first. `latest` is the position of the
        newest message in the room's log; nothing after it is decided on.
        """
        if not self._turn.is_regeneration:
            self._joined.extend(self.request.join())
        self._attempt = self._new_attempt(end=self.request.ends_before(), blank=not latest)
        self._attempt.window.extend_to(max(latest, *self.asked))
        return self._attempt

    def add(self, attempt: Attempt, told: frozenset[int], upto: int) -> None:
        """Record that the messages `told` were added to the attempt's prompt while it ran.

        No message up to the position `upto` is left out of the prompt now.
        """
        attempt.additions += 1
        self._joined.extend(self.request.join(told))
        attempt.window.add(told, self.asked, upto)

    def deadline(self, seconds: float) -> float:
        """Return when the answer must be complete (loop time): `seconds` after the first call."""
        self._due = self._due or asyncio.get_running_loop().time() + seconds
        return self._due

    def lease_waited(self, seconds: float) -> None:
        """Record how long the newest attempt waited for a leased mind."""
        self._metrics.waited = seconds

    def words_shown(self) -> None:
        """Record when the first words were shown."""
        self._metrics.first_words = self._metrics.first_words or self.since_accepted()

    def tokens_spent(self, tokens: int) -> None:
        """Count tokens that an attempt used, also if it failed."""
        self._metrics.tokens += tokens

    def thread_lost(self) -> None:
        """Record that the seat's Codex thread is lost or full, and is replaced."""
        self._metrics.recovered = True

    def _new_attempt(self, *, end: int | None = None, blank: bool = False) -> Attempt:
        begun = self.continuation.begun if self.continuation is not None else ""
        window = PromptWindow(
            frozenset(self.asked),
            self.character.key,
            # Before anything is read: later changes need not be in the prompt.
            self.request.now().timestamp(),
            end=end,
            blank=blank,
            regenerates=self._turn.is_regeneration,
        )
        return Attempt(window, Speech(self.character, SPEECH_LIMIT - len(begun)))

    # --- steps of the record ----------------------------------------------------------------

    def began(self, codex_turn_id: str) -> None:
        """RUNNING: the model answers in the attempt's Codex thread, under this id."""
        session = self._attempt.session
        self._turn = replace(
            self._turn,
            state=TurnState.RUNNING,
            thread_id=session.thread_id if session is not None else None,
            codex_turn_id=codex_turn_id,
        )

    def question_reverted(self) -> None:
        """Record that the Codex thread no longer holds the question of an earlier attempt."""
        self._turn = replace(self._turn, codex_turn_id=None)

    def answered(self, text: str) -> None:
        """RECORDED: this is the whole answer."""
        along = tuple(sorted(self.askers - {self._turn.asker}))
        self._turn = replace(self._turn.answered(text), along=along)

    def drop_regeneration(self) -> None:
        """RECORDED: the earlier answer stands."""
        self._turn = self._turn.put_back()

    def roll_back(self) -> None:
        """RECORDED: the earlier answer stands, and is about to be shown again."""
        self.drop_regeneration()
        self.rolled_back = True

    def shown(self, chunks: tuple[int, ...], order: int) -> None:
        """DONE: the room shows the answer in these messages, at this position of its talk."""
        self._turn = replace(self._turn, chunks=chunks, order=order, state=TurnState.DONE)

    def close(self, state: TurnState, note: str) -> None:
        """End the record without a new answer; `note` says why."""
        self._turn = replace(self._turn, state=state, note=note[:200])

    def ended_with(self) -> tuple[Turn, ...]:
        """Return the records of the turns that joined, ended."""
        note = f"answered together with {self._turn.trigger}"
        return tuple(replace(turn, state=TurnState.DONE, note=note) for turn in self._joined)

    # --- what is kept -----------------------------------------------------------------------

    def answered_session(self) -> Session | None:
        """Return the seat's session after a good turn; None if the stored session is unchanged."""
        attempt = self._attempt
        if attempt.session is None:
            return None
        session = thread_view.after(attempt.session, self._seen())
        blind = session.blind or self.fallbacks.refuses_pictures
        return replace(session, blind=blind, held=attempt.held)

    def unanswered_session(self) -> Session | None:
        """Return the session while its Codex thread holds an unanswered prompt; None otherwise."""
        session, turn = self._attempt.session, self._turn
        if session is None or turn.codex_turn_id is None or turn.thread_id != session.thread_id:
            return None
        return thread_view.failed(session, self._seen())

    def _seen(self) -> SeenRange:
        return self._attempt.window.as_told(self._turn.codex_turn_id or "", self._turn.id)

    def outcome(self, ending: Ending, error: Exception | None = None) -> Outcome:
        """Return the metrics of the run, which ends now."""
        metrics = self._metrics
        return Outcome(
            self._turn,
            ending,
            self.seconds(),
            metrics.first_words,
            metrics.waited,
            metrics.recovered,
            metrics.tokens,
            error,
        )

    def seconds(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._metrics.began

    def since_accepted(self) -> float:
        """Return the seconds since the turn was accepted, its time in the queue included."""
        return (self.request.now() - self._turn.accepted_at).total_seconds()

    # --- as the room hears it ---------------------------------------------------------------

    def said_before(self) -> tuple[Utterance, ...]:
        """Return the utterance that the model goes on with; empty if it answers a message."""
        if self.continuation is None:
            return ()
        said = self.said(self._turn.chunks or (self._turn.order,), after=0)
        return (replace(said, text=self.continuation.begun),)

    def said(self, chunks: Sequence[int], *, after: int) -> Utterance:
        """Return the utterance that the room hears in these messages.

        A new answer comes after the position `after`; a changed answer keeps its position.
        """
        return Utterance(
            message_id=chunks[0],
            room_id=self._turn.room.id,
            speaker=Speaker(0, self.character.name, SpeakerKind.CHARACTER, self.character.key),
            text=self._turn.text or "",
            at=self.request.now(),
            settled=self._turn.order or max(chunks[-1], after + 1),
            turn=self._turn.id,
        )
