"""Text of strangers, fit to stand in a line that we write. Owns what may stand where.

Names and header fields are normalised (NFKC) and keep what is *allowed*: whoever looks for a sign
that we did not think of finds it among Unicode's hundred thousand. Bodies keep everything that can
be seen.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NAME_LIMIT: Final = 80
# What is read of a text that is cut to a field: NFKC can make one code point into eighteen.
_READ_LIMIT: Final = 400

# Everything that Python, Unicode or a model may take for a line's end.
_BREAKS: Final = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ODD_BREAKS: Final = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, lone surrogates, and Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt)
# but for the joiners and the emoji's variation selectors: they hide or reorder what is read, and
# carry sentences that only a model sees.
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e"
    r"\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# No emoji needs more than two of these in a row; longer runs are a code.
_JOINERS: Final = re.compile(r"([\u200c\u200d\ufe0e\ufe0f]{2})[\u200c\u200d\ufe0e\ufe0f]+")

_IN_NAMES: Final = frozenset(" '’-–_.!?&+@#~*^$%=/,©®™°")
_IN_FIELDS: Final = _IN_NAMES | frozenset('():;"<>{}|`\\“”‘…—。、')
# Letters that are drawn as dots or colons.
_NO_LETTERS: Final = frozenset("\u02d0\u02d1\ua4fd\u318d\u119e\ua4f8\u2d57\u2d53")


def clean_name(name: str) -> str:
    """A name that cannot end its line's head or add to it: no brackets, dots or colons."""
    return _kept(name, _IN_NAMES)[:NAME_LIMIT].strip() or "somebody"


def clean_field(text: str) -> str:
    """Text that cannot end the header that it stands in, or add a field to it."""
    return _kept(text, _IN_FIELDS)


def clean_body(text: str) -> str:
    """A body with one kind of line break and nothing invisible in it."""
    seen = _JOINERS.sub(r"\1", _INVISIBLE.sub("", _ODD_BREAKS.sub("\n", text)))
    return seen.strip("\n")


def one_line(text: str) -> str:
    """`text` without line breaks of any kind."""
    return _BREAKS.sub(" ", text)


def _kept(text: str, signs: frozenset[str]) -> str:
    flat = _INVISIBLE.sub("", one_line(text[:_READ_LIMIT]))
    flat = unicodedata.normalize("NFKC", flat)
    # What was composed may be invisible, or a break, only now.
    flat = _JOINERS.sub(r"\1", _INVISIBLE.sub("", one_line(flat)))
    return " ".join("".join(char if _may_stand(char, signs) else " " for char in flat).split())


def _may_stand(char: str, signs: frozenset[str]) -> bool:
    if char in signs or char in "\u200c\u200d\ufe0e\ufe0f":
        return True
    category = unicodedata.category(char)
    if category == "So":
        # Emoji and dingbats; not the bullets and bars among the geometric shapes.
        return ord(char) >= 0x1F000 or 0x2600 <= ord(char) <= 0x27BF
    # 0x1F3FB to 0x1F3FF, the tones of emoji's skin, are modifiers as well.
    is_tone = category == "Sk" and ord(char) >= 0x1F000
    return (category[0] in "LMN" or category == "Sc" or is_tone) and char not in _NO_LETTERS
