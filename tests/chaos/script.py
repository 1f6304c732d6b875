"""The stand-in model of a run: answers the numbers it is newly asked about, and fails on order.

A request asks about what people said since the character's own last words in it: the user's items
after the last assistant's. One of them that an earlier turn asked already has its answer, though a
full disk lost it from the thread; only what the turn itself brought is asked in any case.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.model import Request, Rule, Step, call, cut, fail, hang, http, say
from tests.chaos.account import clock
from tests.chaos.talk import Answers, numbers_for, persona_of

# An answer takes its time, so that there is a middle of it to break something in.
_CHUNK = 60
_DELAY = 0.03
# Characters of each thing said that are noted for whoever looks for a fault's cause.
_NOTED = 400


@dataclass(slots=True)
class Trouble:
    """What the model does wrong `times` times, to whoever asks next, and to that one alone.

    `kind`: a status ("429", "500"), "overloaded", "cut" in the middle, "hang" before any word or
    "hang late" after some.
    """

    kind: str
    times: int = 1
    numbers: set[int] = field(default_factory=set)

    def takes(self, numbers: tuple[int, ...]) -> bool:
        """Whether a request about these numbers suffers it; counted down."""
        if self.times == 0 or (self.numbers and not self.numbers.intersection(numbers)):
            return False
        self.numbers.update(numbers)
        self.times -= 1
        return True


class Script:
    """The rule for `ModelServer`. `excused`: number → those it was asked with when it failed."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._troubles: list[Trouble] = []
        self._excused: defaultdict[int, set[int]] = defaultdict(set)
        # For whoever looks for a fault's cause.
        self.questions: list[str] = []
        # Thread and text of an item → the turn that asked it first.
        self._asked_in: dict[tuple[str, str], str] = {}
        # Turn and text of what was the newest item of one of the turn's requests.
        self._newest: set[tuple[str, str]] = set()

    @property
    def excused(self) -> Mapping[int, frozenset[int]]:
        """The numbers whose request was made to fail at least once."""
        return {number: frozenset(together) for number, together in self._excused.items()}

    def rule(self) -> Rule:
        """For the model's script."""
        return Rule(then=self._answer)

    def trouble(self, kind: str, times: int = 1) -> None:
        """Make the model fail whoever asks next."""
        self._troubles.append(Trouble(kind, times))

    def calm(self) -> None:
        """No more of it."""
        self._troubles.clear()

    def _answer(self, request: Request) -> list[Step]:
        numbers = self._asked(request)
        if not numbers:
            # Nothing to say: somebody else is meant. A character that has the means declines.
            may = request.tool("skip") is not None and not request.tool_outputs
            self._note(request, "nothing")
            return [call("skip", {"reason": "nobody asked me for a number"})] if may else []
        spoken = self._answers.text(numbers)
        for trouble in self._troubles:
            if trouble.takes(numbers):
                for number in numbers:
                    self._excused[number].update(numbers)
                self._note(request, f"{numbers}, and it fails: {trouble.kind}")
                return _wrong(trouble.kind, spoken)
        self._note(request, str(numbers))
        return [say(spoken, chunk=_CHUNK, delay=_DELAY)]

    def _note(self, request: Request, what: str) -> None:
        name = persona_of(request.instructions) or "somebody else"
        ids = f"thread {request.thread_id} turn {_turn_of(request)}"
        self.questions.append(f"{clock(datetime.now(UTC))} {name}, {ids}: {what}")
        self.questions += [f"    {text[:_NOTED]!r}" for text in _news(request)]

    def _asked(self, request: Request) -> tuple[int, ...]:
        """The numbers that the request newly asks its character about."""
        name, news = persona_of(request.instructions), _news(request)
        if not name or not news:
            return ()
        turn = _turn_of(request)
        self._newest.add((turn, news[-1]))
        asked = [
            text
            for text in news
            if self._asked_in.setdefault((request.thread_id, text), turn) == turn
            or (turn, text) in self._newest
        ]
        return numbers_for(name, "\n".join(asked))


def _turn_of(request: Request) -> str:
    """Codex's id of the turn; several requests share it when more is said while it runs."""
    metadata = json.loads(request.headers.get("x-codex-turn-metadata", "{}"))
    return str(metadata.get("turn_id", ""))


def _news(request: Request) -> list[str]:
    """What the user's items after the last assistant's say, oldest first."""
    news: list[str] = []
    for role, text in reversed(request.messages):
        if role == "assistant":
            break
        if role == "user":
            news.append(text)
    return news[::-1]


def _wrong(kind: str, spoken: str) -> list[Step]:
    match kind:
        case "cut":
            return [say(spoken, chunk=8, delay=_DELAY), cut(3)]
        case "hang":
            return [hang()]
        case "hang late":
            return [say(spoken[:20], chunk=8, delay=_DELAY), hang()]
        case "overloaded":
            return [fail("server_is_overloaded")]
        case status:
            return [http(int(status))]
