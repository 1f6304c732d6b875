"""Grapheme cluster boundaries: emoji, flags, keycaps, accents. Owns the rule only.

Unicode's extended grapheme clusters (UAX #29, GB3-GB13), except rules that need tables which Python
lacks: prepended marks and the syllables of Indic scripts.
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_KEYCAP = "\u20e3"
# Range of the regional indicators; a flag consists of two.
_FLAG = ("\U0001f1e6", "\U0001f1ff")


def is_inside(text: str, place: int, start: int) -> bool:
    """Return whether a cut at `place` splits a grapheme. Looks back to the boundary `start`."""
    if not start < place < len(text):
        return False
    left, right = text[place - 1], text[place]
    if right < "\u0300":
        return left == "\r" and right == "\n"
    if _JOINER in (left, right) or _extends(right):
        return left not in "\r\n"
    if _FLAG[0] <= right <= _FLAG[1] and _FLAG[0] <= left <= _FLAG[1]:
        return _flags_before(text, place, start) % 2 == 1
    return _is_syllable(left, right)


def _extends(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char == _KEYCAP
        or "\ufe00" <= char <= "\ufe0f"  # variation selectors
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags, as in the flag of Wales
        or char == "\u200c"
    )


def _flags_before(text: str, place: int, start: int) -> int:
    at = place
    while at > start and _FLAG[0] <= text[at - 1] <= _FLAG[1]:
        at -= 1
    return place - at


def _is_syllable(left: str, right: str) -> bool:
    """Return whether two Hangul letters belong to the same syllable (GB6-GB8)."""
    leading, vowel = "\u1100" <= left <= "\u115f", "\u1160" <= left <= "\u11a7"
    is_vowel, is_trailing = "\u1160" <= right <= "\u11a7", "\u11a8" <= right <= "\u11ff"
    if leading:
        return "\u1100" <= right <= "\u115f" or is_vowel or "\uac00" <= right <= "\ud7a3"
    if "\uac00" <= left <= "\ud7a3":
        is_open = (ord(left) - 0xAC00) % 28 == 0
        return is_trailing or (is_open and is_vowel)
    return (vowel and (is_vowel or is_trailing)) or ("\u11a8" <= left <= "\u11ff" and is_trailing)
