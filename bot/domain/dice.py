"""Dice expressions: parsing and rolling. Owns the rules and their limits.

The caller supplies the random numbers as a `random.Random`.

    2d6+1      two six-sided dice and one
    d20 adv    the higher of two (`dis`: the lower)
    4d6kh3     four dice, keep the three highest (`kl`: lowest; `dh`, `dl`: drop instead)
    d%         a hundred-sided die
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from bot import refusals
from bot.errors import RefusedError

LENGTH_LIMIT = 80
DICE_LIMIT = 100  # in the whole expression: people can still read a hundred faces
SIDES_LIMIT = 1_000
NUMBER_LIMIT = 100_000
TERM_LIMIT = 10

_TERM = re.compile(
    r"(?P<sign>[+-])?"
    r"(?:(?P<count>[0-9]*)d(?P<sides>[0-9]+|%)(?:(?P<pick>[kd][hl])(?P<picked>[0-9]*)|(?P<luck>adv|dis))?"
    r"|(?P<number>[0-9]+))"
)


@dataclass(frozen=True, slots=True)
class Dice:
    """One term: `count` dice with `sides` sides each."""

    count: int
    sides: int
    keep: int
    """How many of the dice count."""
    highest: bool = True
    """Whether the highest dice count; else the lowest."""
    sign: int = 1
    """1: added to the total, -1: subtracted."""

    def __str__(self) -> str:
        text = f"{self.count}d{self.sides}"
        if self.keep == self.count:
            return text
        return f"{text}k{'h' if self.highest else 'l'}{self.keep}"


@dataclass(frozen=True, slots=True)
class Number:
    """A constant term, added or subtracted."""

    value: int
    sign: int = 1

    def __str__(self) -> str:
        return str(self.value)


Term = Dice | Number


@dataclass(frozen=True, slots=True)
class Throw:
    """The result of rolling one term."""

    term: Term
    faces: tuple[int, ...] = ()
    """Faces in the order thrown; empty for a number."""
    kept: tuple[bool, ...] = ()
    """Whether each face counts."""

    @property
    def value(self) -> int:
        """The term's signed contribution to the total."""
        if isinstance(self.term, Number):
            return self.term.sign * self.term.value
        return self.term.sign * sum(
            face for face, kept in zip(self.faces, self.kept, strict=True) if kept
        )

    def __str__(self) -> str:
        if isinstance(self.term, Number):
            return str(self.term)
        faces = [
            str(face) if kept else f"{face} dropped"
            for face, kept in zip(self.faces, self.kept, strict=True)
        ]
        return f"{self.term} [{', '.join(faces)}]"


@dataclass(frozen=True, slots=True)
class Roll:
    """The result of rolling an expression."""

    throws: tuple[Throw, ...]

    @property
    def total(self) -> int:
        """The sum of all terms."""
        return sum(throw.value for throw in self.throws)

    def __str__(self) -> str:
        text = ""
        for throw in self.throws:
            minus = throw.term.sign < 0
            text += (" - " if minus else " + ") if text else ("-" if minus else "")
            text += str(throw)
        return f"{text} = {self.total}"


def parse(expression: str) -> tuple[Term, ...]:
    """Return the terms of `expression`. Raises `RefusedError`, which says what is wrong with it."""
    if len(expression) > LENGTH_LIMIT:
        raise RefusedError(refusals.DiceTooLong(LENGTH_LIMIT))
    text = "".join(expression.casefold().split())
    terms: list[Term] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None or (terms and not found["sign"]):
            raise _not_dice(expression)
        terms.append(_term(found))
        at = found.end()
    if not any(isinstance(term, Dice) for term in terms):
        raise _not_dice(expression)
    _check_size(terms)
    return tuple(terms)


def roll(expression: str, rng: random.Random) -> Roll:
    """Roll the dice of `expression`. Raises `RefusedError` as `parse` does."""
    return Roll(tuple(_throw(term, rng) for term in parse(expression)))


def _not_dice(expression: str) -> RefusedError:
    return RefusedError(refusals.NotDice(expression))


def _term(found: re.Match[str]) -> Term:
    sign = -1 if found["sign"] == "-" else 1
    if found["number"]:
        return Number(int(found["number"]), sign)
    count = int(found["count"] or 1)
    sides = 100 if found["sides"] == "%" else int(found["sides"])
    if found["luck"]:
        return _lucky(count, sides, sign, best=found["luck"] == "adv")
    keep, highest = count, True
    if found["pick"]:
        keep, highest = _picked(found["pick"], int(found["picked"] or 1), count)
    return Dice(count, sides, keep, highest, sign)


def _lucky(count: int, sides: int, sign: int, *, best: bool) -> Dice:
    if count != 1:
        raise RefusedError(refusals.LUCK_TAKES_ONE_DIE)
    return Dice(2, sides, 1, highest=best, sign=sign)


def _picked(pick: str, picked: int, count: int) -> tuple[int, bool]:
    """Return how many dice are kept, and whether the highest: `dl` keeps the highest."""
    keeps = pick[0] == "k"
    keep = picked if keeps else count - picked
    if not 1 <= keep <= count:
        too_many = refusals.KeepsTooMany if keeps else refusals.DropsTooMany
        raise RefusedError(too_many(count, picked))
    return keep, keep == count or (pick[1] == "h") == keeps


def _check_size(terms: list[Term]) -> None:
    if len(terms) > TERM_LIMIT:
        raise RefusedError(refusals.TooManyTerms(TERM_LIMIT))
    dice = [term for term in terms if isinstance(term, Dice)]
    if not all(term.count for term in dice) or sum(term.count for term in dice) > DICE_LIMIT:
        raise RefusedError(refusals.TooManyDice(DICE_LIMIT))
    if not all(2 <= term.sides <= SIDES_LIMIT for term in dice):
        raise RefusedError(refusals.WrongSides(SIDES_LIMIT))
    if any(isinstance(term, Number) and term.value > NUMBER_LIMIT for term in terms):
        raise RefusedError(refusals.NumberTooLarge(NUMBER_LIMIT))


def _throw(term: Term, rng: random.Random) -> Throw:
    if isinstance(term, Number):
        return Throw(term)
    faces = tuple(rng.randint(1, term.sides) for _ in range(term.count))
    ranked = sorted(range(term.count), key=faces.__getitem__, reverse=term.highest)
    kept = set(ranked[: term.keep])
    return Throw(term, faces, tuple(place in kept for place in range(term.count)))
