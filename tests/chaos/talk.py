"""What people say in a run, and what must be answered to it. Drawn from a seed; sends nothing.

A mention is one name with one number in one message: `@Ash #12#`. The answer to it is known by its
numbers alone, so that whoever looks at the channel can tell whole answers from torn ones.

In some rooms an answer calls another character, with a number made from its own; the answer to that
calls the first one back, and so on without end: only the room's budget ends it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NAMES = ("Ash", "Birch", "Cedar", "Dara", "Elm", "Fern", "Gale", "Hazel")

# How often somebody goes on at once, or speaks to two at a time.
_GOES_ON = 0.3
_SPEAKS_TO_TWO = 0.15
# One answer in so many is longer than a message, or would ping the whole room.
_LONG_EVERY = 6
_PINGING_EVERY = 4
_PERSONA = "You are {name}, who counts."
_WHO = re.compile(r"You are (\w+), who counts\.")
_HEAD = re.compile(r"^#\d+\.0# answers ((?:#\d+# ?)+)$")
_CALLING = re.compile(r"^#\d+\.1# asks (.+)$")
_CALL = re.compile(r"@(\w+) #(\d+)#")
MARK = re.compile(r"^#(\d+)\.(\d+)# ")
# Link k of what began with number n is called n · 1000 + k.
_LINKS = 1_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a run is. `at_once` is how many mentions may stand unanswered before more are made.

    The last `calm` mentions come when all is well again: what broke must have left nothing stuck.
    In the first `chatty` rooms characters call one another. `app_servers` may run at once.
    """

    mentions: int = 500
    rooms: int = 30
    characters: int = 8
    people: int = 5
    at_once: int = 32
    calm: int = 30
    chatty: int = 3
    app_servers: int = 6


SHORT = Shape(
    mentions=40, rooms=6, characters=3, people=3, at_once=12, calm=6, chatty=0, app_servers=3
)


@dataclass(frozen=True, slots=True)
class Line:
    """One message: who says it where (indices), and whom it asks: character's index, number."""

    room: int
    person: int
    asks: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """What is posted."""
        return " and ".join(f"@{NAMES[character]} #{number}#" for character, number in self.asks)


@dataclass(frozen=True, slots=True)
class Talk:
    """The whole of it: who is in which room, every line in order, and which answers call whom.

    `calls`: number → the names of who is asked and whom the answer calls.
    """

    casts: tuple[tuple[int, ...], ...]
    lines: tuple[Line, ...]
    calls: Mapping[int, tuple[str, str]]


def draw(rng: random.Random, shape: Shape) -> Talk:
    """Draw casts and lines; the numbers run from 1 to `shape.mentions`."""
    who = range(shape.characters)
    casts = tuple(
        tuple(rng.sample(who, rng.randint(2 if room < shape.chatty else 1, min(3, len(who)))))
        for room in range(shape.rooms)
    )
    lines: list[Line] = []
    asked = 0
    while asked < shape.mentions:
        calm = shape.mentions - asked <= shape.calm
        goes_on = lines and not calm and rng.random() < _GOES_ON
        if goes_on:
            room, person = lines[-1].room, lines[-1].person
        else:
            room = asked % shape.rooms if calm else rng.randrange(shape.rooms)
            person = rng.randrange(shape.people)
        two = rng.random() < _SPEAKS_TO_TWO and not calm
        count = min(2 if two else 1, len(casts[room]), shape.mentions - asked)
        chosen = rng.sample(casts[room], count)
        lines.append(
            Line(room, person, tuple((one, asked + n + 1) for n, one in enumerate(chosen)))
        )
        asked += count
    return Talk(casts, tuple(lines), _calls(casts, lines, shape.chatty))


def _calls(
    casts: Sequence[Sequence[int]], lines: Sequence[Line], chatty: int
) -> dict[int, tuple[str, str]]:
    """Whoever is asked in a chatty room calls who stands next to it in the cast."""
    calls: dict[int, tuple[str, str]] = {}
    for line in lines:
        cast = casts[line.room]
        for character, number in line.asks if line.room < chatty else ():
            other = cast[(cast.index(character) + 1) % len(cast)]
            calls[number] = (NAMES[character], NAMES[other])
    return calls


def persona(name: str) -> str:
    """The text of a character's file."""
    return f"---\nname: {name}\n---\n{_PERSONA.format(name=name)}\n"


def persona_of(instructions: str) -> str:
    """The name of the character whose instructions these are; empty for anything else."""
    found = _WHO.search(instructions)
    return found[1] if found else ""


def numbers_for(name: str, text: str) -> tuple[int, ...]:
    """The numbers that `text` asks `name` about, each once, in order."""
    return tuple(dict.fromkeys(int(one) for one in re.findall(rf"@{name} #(\d+)#", text)))


@dataclass(frozen=True, slots=True)
class Answers:
    """The one right answer to each set of numbers; `pings` is text that tries to notify people.

    `calls` as in `Talk`.
    """

    pings: str = "@everyone @here"
    calls: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    def lines(self, numbers: Sequence[int]) -> list[str]:
        """The answer, line by line. Each line but a code fence starts with `#lead.k#`."""
        lead = numbers[0]
        says = ["answers " + " ".join(f"#{one}#" for one in numbers)]
        if called := self._call(numbers[-1]):
            says.append(f"asks {called}")
        says.append(f"That is {lead} of mine.")
        if lead % _PINGING_EVERY == 2:
            says.append(f"Come here, {self.pings}, all of you!")
        if lead % _LONG_EVERY != 1:
            return [f"#{lead}.{k}# {one}" for k, one in enumerate(says)]
        says += [f"line {k} of the tale, with some words to fill it." for k in range(30)]
        code = [f"print('line {k} of the listing')" for k in range(40)]
        after = [f"and line {k} after the code, before it all ends." for k in range(20)]
        marked = [f"#{lead}.{k}# {one}" for k, one in enumerate([*says, *code, *after])]
        first, last = len(says), len(says) + len(code)
        return [*marked[:first], "```python", *marked[first:last], "```", *marked[last:]]

    def text(self, numbers: Sequence[int]) -> str:
        """The answer as the model says it."""
        return "\n".join(self.lines(numbers))

    def _call(self, number: int) -> str:
        """Whom the answer to this number calls; empty where it calls nobody."""
        first, link = divmod(number, _LINKS) if number >= _LINKS else (number, 0)
        pair = self.calls.get(first)
        return f"@{pair[(link + 1) % 2]} #{first * _LINKS + link + 1}#" if pair else ""


def called_in(line: str) -> list[tuple[str, int]]:
    """Whom this line of an answer calls, each with its number."""
    found = _CALLING.match(line.strip())
    return [(name, int(number)) for name, number in _CALL.findall(found[1])] if found else []


def answered_in(line: str) -> tuple[int, ...]:
    """The numbers that a first line answers; empty for any other line."""
    found = _HEAD.match(line.strip())
    return tuple(int(one) for one in re.findall(r"#(\d+)#", found[1])) if found else ()
