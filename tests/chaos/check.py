"""Did every mention get its answer, once, whole and in order? Judged from what the channels show.

Pure: knows no Discord and asks nobody. Who gathers what is shown is `observe`'s.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.talk import MARK, answered_in, called_in

# Discord's limit for one message.
LIMIT = 2_000
# The members of a verdict of which there must be none.
WRONG = ("lost", "twice", "torn", "out_of_order", "stray", "run_away", "pings", "house")


@dataclass(frozen=True, slots=True)
class Mention:
    """A number that `character` was asked about in message `message` of `room`.

    `called`: another character asked, so it need not be answered, but not more than once either.
    """

    number: int
    room: int
    character: str
    message: int
    called: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it stands at the end. `speaker` is a character's name; empty for a notice.

    `reply_to` is the message that a notice replies to.
    """

    id: int
    room: int
    speaker: str
    text: str
    reply_to: int | None = None


@dataclass(slots=True)
class Verdict:
    """What is wrong, a sentence each; and what is not wrong but worth telling: `told`."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    run_away: list[str] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)
    house: list[str] = field(default_factory=list)
    answered: int = 0
    called: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that is wrong."""
        return [f"{kind}: {one}" for kind in WRONG for one in getattr(self, kind)]


@dataclass(slots=True)
class _Answer:
    """The lines of one answer in the order of their messages: (k, text). It begins at `message`."""

    room: int
    speaker: str
    lead: int
    message: int
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def numbers(self) -> tuple[int, ...]:
        """What its first line answers; of several first lines, all that they do."""
        found = (number for _, text in self.lines for number in answered_in(text))
        return tuple(dict.fromkeys(found))

    def __str__(self) -> str:
        numbers = " ".join(f"#{one}" for one in self.numbers or (self.lead,))
        return f"{self.speaker} on {numbers} in room {self.room}"


def calls(seen: Iterable[Seen]) -> list[Mention]:
    """Whom characters called in what they said."""
    found: dict[int, Mention] = {}
    for one in sorted(seen, key=lambda one: one.id):
        for line in one.text.splitlines() if one.speaker else ():
            for name, number in called_in(line):
                found.setdefault(number, Mention(number, one.room, name, one.id, called=True))
    return list(found.values())


def check(
    mentions: Sequence[Mention],
    seen: Iterable[Seen],
    lines_of: Callable[[Sequence[int]], list[str]],
    excused: Mapping[int, frozenset[int]],
    chain: int = 0,
    starts: Sequence[int] = (),
) -> Verdict:
    """Judge. `lines_of` gives the right answer to some numbers, `chain` is a room's budget.

    `starts` are the moments (as ids) in which a bot was started. A character may have heard the
    half of an answer before one, and hears the whole of it after: it may answer that again. Whom
    such an answer calls was called twice then.

    `excused`: number → the numbers asked together with it in requests that the model was made to
    fail; such a one may go without an answer if a notice replies to one of those mentions.
    """
    verdict = Verdict()
    messages = sorted(seen, key=lambda one: one.id)
    answers = _gather(messages, verdict)
    told = _told(mentions, messages, excused)
    asked = {one.number: one for one in mentions}
    shown: dict[int, list[_Answer]] = defaultdict(list)
    for answer in answers:
        for number in answer.numbers:
            shown[number].append(answer)
        if not told.issuperset(answer.numbers or (answer.lead,)):
            _judge(answer, asked, lines_of, verdict)
    lines = (line for answer in answers for _, line in answer.lines)
    times = Counter(number for line in lines for _, number in called_in(line))
    for mention in mentions:
        if mention.called:
            _count_called(mention, shown[mention.number], starts, times[mention.number], verdict)
        else:
            _count(mention, shown[mention.number], told, verdict)
    _hold_to_budget(mentions, answers, chain, verdict)
    return verdict


def _gather(messages: Iterable[Seen], verdict: Verdict) -> list[_Answer]:
    """The answers, by speaker and leading number; what is in none of them is stray."""
    answers: list[_Answer] = []
    latest: dict[tuple[int, str, int], _Answer] = {}
    for one in messages:
        if not one.speaker:
            continue
        if len(one.text) > LIMIT or one.text.count("```") % 2:
            verdict.torn.append(f"message {one.id} of {one.speaker}: {one.text[:80]!r}")
        for line in one.text.splitlines():
            mark = MARK.match(line)
            if mark is not None:
                key, k = (one.room, one.speaker, int(mark[1])), int(mark[2])
                if key not in latest or k == 0:
                    latest[key] = _Answer(*key, one.id)
                    answers.append(latest[key])
                latest[key].lines.append((k, line.rstrip()))
            elif line.strip() and not line.strip().startswith("```"):
                verdict.stray.append(f"{one.speaker} in room {one.room}: {line[:80]!r}")
    return answers


def _judge(
    answer: _Answer,
    asked: Mapping[int, Mention],
    lines_of: Callable[[Sequence[int]], list[str]],
    verdict: Verdict,
) -> None:
    """Whether the answer is whole, in order, and where it belongs."""
    if not answer.numbers:
        verdict.torn.append(f"{answer}: its beginning is missing")
        return
    for number in answer.numbers:
        mention = asked.get(number)
        if mention is None or (mention.room, mention.character) != (answer.room, answer.speaker):
            verdict.stray.append(f"{answer}: nobody asked for that there")
    right = [line for line in lines_of(answer.numbers) if not line.startswith("```")]
    lines = [text for _, text in answer.lines]
    if lines == right:
        return
    if any(times > 1 for times in Counter(k for k, _ in answer.lines).values()):
        verdict.twice.append(f"{answer}: lines stand there twice")
    elif sorted(lines) == sorted(right):
        verdict.out_of_order.append(str(answer))
    else:
        verdict.torn.append(f"{answer}: {len(lines)} of {len(right)} lines are right")


def _told(
    mentions: Sequence[Mention],
    messages: Iterable[Seen],
    excused: Mapping[int, frozenset[int]],
) -> set[int]:
    """The numbers whose failing the model is to blame for, and of which the room was told."""
    replied = {one.reply_to for one in messages if not one.speaker and one.reply_to is not None}
    noticed = {one.number for one in mentions if one.message in replied}
    return {number for number, together in excused.items() if noticed & together}


def _count(mention: Mention, shown: Sequence[_Answer], told: set[int], verdict: Verdict) -> None:
    name = f"#{mention.number} for {mention.character} in room {mention.room}"
    if len(shown) > 1:
        verdict.twice.append(f"{name}: " + "; ".join(map(str, shown)))
    elif shown:
        verdict.answered += 1
    elif mention.number in told:
        verdict.told.append(name)
    else:
        verdict.lost.append(name)


def _count_called(
    mention: Mention, shown: Sequence[_Answer], starts: Sequence[int], times: int, verdict: Verdict
) -> None:
    """Once at most in the life of one bot, for each of the `times` that it was called."""
    verdict.called += len(shown)
    lives = {bisect(starts, answer.message) for answer in shown}
    if len(shown) - len(lives) > max(0, times - 1):
        name = f"#{mention.number} for {mention.character} in room {mention.room}"
        verdict.twice.append(f"{name}: " + "; ".join(map(str, shown)))


def _hold_to_budget(
    mentions: Iterable[Mention], answers: Iterable[_Answer], chain: int, verdict: Verdict
) -> None:
    """Whether the characters of each room stopped to answer one another.

    After a message of people they may do so `chain` times. What is said before that message is
    heard still counts for the one before.
    """
    asked = {one.number: one for one in mentions}
    people: dict[int, set[int]] = defaultdict(set)
    among: dict[int, list[int]] = defaultdict(list)
    for one in asked.values():
        if not one.called:
            people[one.room].add(one.message)
    for answer in answers:
        known = [asked[one] for one in answer.numbers if one in asked]
        if known and all(one.called for one in known):
            among[answer.room].append(max(one.message for one in known))
    for room, called_at in among.items():
        last = max(people[room], default=0)
        since = sum(1 for at in called_at if at > last)
        if since > 2 * chain or len(called_at) > chain * len(people[room]):
            verdict.run_away.append(
                f"room {room}: {len(called_at)} answers of characters to one another, "
                f"{since} of them after the last of {len(people[room])} messages of people"
            )
