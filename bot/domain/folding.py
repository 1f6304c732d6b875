"""Text folded for comparing names. Owns the form; `boundaries` finds words in folded text.

Folded text is in NFKC and casefolded, then decomposed (NFD): `Zoë` is `zoe` with an accent after
the `e`. Invisible characters are removed, runs of spaces collapsed. Offsets refer to folded text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Characters that NFKC would replace by visibly different ones: emoji with a compatibility mapping
# (emoji-data.txt 17.0; `ℹ` would be an `i`; `Ⓜ` counts as a letter next to other circled letters),
# and single Hangul jamo, in which Koreans laugh and cry.
_KEPT: Final = re.compile(
    "([\u203c\u2049\u2122\u2139\u3131-\u3163\u3165-\u318e\u3297\u3299\U0001f201\U0001f202\U0001f21a"
    "\U0001f22f\U0001f232-\U0001f23a\U0001f250\U0001f251]"
    "|(?<![\u24b6-\u24e9])\u24c2(?![\u24b6-\u24e9]))"
)
# Zero-width and direction marks, variation selectors, fillers. Keeps a joiner between two emoji,
# which changes what people see.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]|(?<=\\w)\u200d|\u200d(?=[\\w\\s]|\\Z)"
)
_SPACES: Final = re.compile(r"[^\S\n]+")
# Letters whose stroke or dot people leave out but Unicode does not decompose; each becomes a plain
# letter with an accent. Arabic and Persian keyboards differ in four letters. Phones write a curly
# apostrophe, keyboards a straight apostrophe.
_SPELLED: Final = str.maketrans(
    {
        "\u0131": "i\u0338",
        "ø": "o\u0338",
        "đ": "d\u0338",
        "ð": "d\u0338",
        "ħ": "h\u0338",
        "ł": "l\u0338",
        "ŧ": "t\u0338",
        "æ": "ae\u0338",
        "œ": "oe\u0338",
        "þ": "th\u0338",
        "\u0649": "\u064a\u0338",
        "\u06cc": "\u064a\u0338",
        "\u06a9": "\u0643\u0338",
        "\u0629": "\u0647\u0338",
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
    }
)
_ACCENT_RANGES: Final = (
    (0x0300, 0x036F),  # Latin, Greek, Cyrillic
    (0x0483, 0x0487),
    (0x0591, 0x05BD),  # Hebrew points
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x05C4, 0x05C5),
    (0x05C7, 0x05C7),
    (0x0610, 0x061A),  # Arabic vowel signs and hamzas
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E8),
    (0x06EA, 0x06ED),
    (0x1AB0, 0x1ABD),
    (0x1DC0, 0x1DFF),
    (0xFE20, 0xFE2F),
)
ACCENTS: Final = frozenset(
    chr(code) for first, last in _ACCENT_RANGES for code in range(first, last + 1)
)
"""Marks that many people leave out. Excludes marks that spell another letter: `か` is not `が`."""


def folded(text: str) -> str:
    """Return `text` folded for comparison: texts that look alike become equal, except accents."""
    if text.isascii():
        return _SPACES.sub(" ", text.lower())
    parts = _KEPT.split(text)
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    # Decomposed on both sides of casefold: `İ` folds to two characters (Unicode 3.13, D145).
    cased = unicodedata.normalize("NFD", "".join(parts)).casefold()
    apart = unicodedata.normalize("NFD", cased).translate(_SPELLED)
    return _SPACES.sub(" ", _UNSEEN.sub("", apart))


def without_accents(text: str) -> str:
    """Return folded text without its accents."""
    return text if text.isascii() else "".join(char for char in text if char not in ACCENTS)


def skip_accents(text: str, at: int) -> int:
    """Return the first offset from `at` on that is not an accent."""
    while at < len(text) and text[at] in ACCENTS:
        at += 1
    return at


def base_before(text: str, at: int) -> str:
    """Return the character before the offset `at`, skipping accents; empty at the start."""
    at -= 1
    while at >= 0 and text[at] in ACCENTS:
        at -= 1
    return text[at] if at >= 0 else ""
