"""Sanitises untrusted text for the lines of a prompt. Owns which characters may appear where.

Names and header fields are normalised (NFKC) and filtered by an *allow-list*: among Unicode's
hundred thousand characters, an attacker would find one that a deny-list lacks. Bodies keep all
visible characters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NAME_LIMIT: Final = 80
# Characters read of a text for a field: NFKC can expand a code point into eighteen.
_READ_LIMIT: Final = 400

# Line breaks by the rules of Python or Unicode, or in a model's eyes.
_BREAKS: Final = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ODD_BREAKS: Final = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, lone surrogates, and Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt)
# except joiners and emoji variation selectors: they hide or reorder visible text and can smuggle
# sentences that only a model sees.
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e"
    r"\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# No emoji needs more than two of these in a row; longer runs encode hidden data.
_JOINERS: Final = re.compile(r"([\u200c\u200d\ufe0e\ufe0f]{2})[\u200c\u200d\ufe0e\ufe0f]+")

_IN_NAMES: Final = frozenset(" '’-–_.!?&+@#~*^$%=/,©®™°")
_IN_FIELDS: Final = _IN_NAMES | frozenset('():;"<>{}|`\\“”‘…—。、')
# Letters that are drawn as dots or colons.
_NO_LETTERS: Final = frozenset("\u02d0\u02d1\ua4fd\u318d\u119e\ua4f8\u2d57\u2d53")


def clean_name(name: str) -> str:
    """Return `name` without brackets, dots or colons, which could alter the head of its line."""
    return _kept(name, _IN_NAMES)[:NAME_LIMIT].strip() or "somebody"


def clean_field(text: str) -> str:
    """Return `text` for a header field, unable to end the header or to add another field."""
    return _kept(text, _IN_FIELDS)


def clean_body(text: str) -> str:
    """Return `text` with LF as its only line break and without invisible characters."""
    seen = _JOINERS.sub(r"\1", _INVISIBLE.sub("", _ODD_BREAKS.sub("\n", text)))
    return seen.strip("\n")


def one_line(text: str) -> str:
    """Return `text` with each line break of any kind replaced by a space."""
    return _BREAKS.sub(" ", text)


def _kept(text: str, punctuation: frozenset[str]) -> str:
    flat = _INVISIBLE.sub("", one_line(text[:_READ_LIMIT]))
    flat = unicodedata.normalize("NFKC", flat)
    # Again: NFKC can produce invisible characters and line breaks.
    flat = _JOINERS.sub(r"\1", _INVISIBLE.sub("", one_line(flat)))
    kept = (char if _is_allowed(char, punctuation) else " " for char in flat)
    return " ".join("".join(kept).split())


def _is_allowed(char: str, punctuation: frozenset[str]) -> bool:
    if char in punctuation or char in "\u200c\u200d\ufe0e\ufe0f":
        return True
    category = unicodedata.category(char)
    if category == "So":
        # Emoji and dingbats; not the bullets and bars among the geometric shapes.
        return ord(char) >= 0x1F000 or 0x2600 <= ord(char) <= 0x27BF
    # Emoji skin tones (0x1F3FB to 0x1F3FF) are modifier symbols too.
    is_tone = category == "Sk" and ord(char) >= 0x1F000
    return (category[0] in "LMN" or category == "Sc" or is_tone) and char not in _NO_LETTERS
