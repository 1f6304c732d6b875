"""Sums that people ask a character for: `what is 2 + 2 * 3?`, `seven times six`. Exact and bounded.

Owns reading and reckoning; what is said of the result is the voice's.
"""

from __future__ import annotations

import re
from fractions import Fraction

from sandbox.model.demo_talk import said

_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
_WORDS = {word: str(number) for number, word in enumerate(_NUMBERS.split())}
_SIGNS = {
    "plus": "+",
    "minus": "-",
    "times": "*",
    "divided by": "/",
    "over": "/",
    "x": "*",
    "×": "*",
    "÷": "/",
    "\u2212": "-",
    "–": "-",
}
_SPELLED = said(rf"\b(?:{'|'.join(_WORDS)})\b")
_SIGN = said(
    r"(?<=[\d )])\s*(?:\b(?:plus|minus|times|divided by|over|x)\b|[×÷\u2212–])\s*(?=[\d( -])"
)
_SUM = re.compile(r"(?<![\w.:/-])[-(]{0,3}\d[\d.()+*/ -]{0,60}[\d)](?![\w:%])")
_ASKS = said(r"\b(?:what|how much|calculate|compute|solve|sum|add|reckon|result)\b|[=?]\s*$")
_TOKEN = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?|[-+*/()])")
_BETWEEN = re.compile(r"\d\s*\)*\s*[-+*/]\s*\(*\s*-?\d")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?")
_TOKENS_MOST = 24


def sum_in(text: str) -> tuple[str, str] | None:
    """The sum that `text` asks for and its result; None when it asks for none.

    What is divided by nothing has the result “nothing that anybody can carry”.
    """
    flat = _SIGN.sub(_sign, _SPELLED.sub(lambda found: _WORDS[found[0].lower()], text))
    found = _SUM.search(flat)
    if found is None or not (_ASKS.search(text) or found[0].strip() == flat.strip(" ?=.!")):
        return None
    expression = " ".join(found[0].split())
    is_sum = _BETWEEN.search(expression) is not None
    if not is_sum or _DATE.fullmatch(expression):
        return None
    try:
        return expression, shown(_Sum(expression).value())
    except ZeroDivisionError:
        return expression, "nothing that anybody can carry"
    except ValueError:
        return None


def _sign(found: re.Match[str]) -> str:
    return f" {_SIGNS[' '.join(found[0].lower().split())]} "


def shown(value: Fraction) -> str:
    """`6`, `1,024`, `0.3333`."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    return f"{float(value):,.4f}".rstrip("0")


class _Sum:
    """One sum while it is read, by the usual precedence. Raises ValueError where it is none."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or len(self._tokens) >= _TOKENS_MOST:
                raise ValueError(text)
            self._tokens.append(found[1])
            at = found.end()

    def value(self) -> Fraction:
        """The result."""
        result = self._added()
        if self._tokens:
            raise ValueError(self._tokens[0])
        return result

    def _added(self) -> Fraction:
        result = self._multiplied()
        while self._tokens and self._tokens[0] in "+-":
            sign = self._tokens.pop(0)
            more = self._multiplied()
            result = result + more if sign == "+" else result - more
        return result

    def _multiplied(self) -> Fraction:
        result = self._single()
        while self._tokens and self._tokens[0] in "*/":
            sign = self._tokens.pop(0)
            more = self._single()
            result = result * more if sign == "*" else result / more
        return result

    def _single(self) -> Fraction:
        if not self._tokens:
            raise ValueError("it ends too early")
        part = self._tokens.pop(0)
        if part == "-":
            return -self._single()
        if part == "(":
            inside = self._added()
            if not self._tokens or self._tokens.pop(0) != ")":
                raise ValueError("a bracket is open")
            return inside
        return Fraction(part)
