"""Titles and punctuation that follow a name in a vocative: a comma, a full stop or the like.

Owns those of all scripts, for folded text; `addressing` decides whether a character is addressed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Punctuation that separates a vocative from the rest, besides `_is_sign`; a full stop or a dash
# only at the end of a word. Symbols alone may follow as well: `Mira 👋`.
_PARTS: Final = re.compile(
    r"\s*(?:[,;:!?~\u2012-\u2015\u301c\u3030]|\.(?!\w)|-+\s)|[ ]*\n|[\W_]*\Z"
)
# Punctuation of the category Po that separates nothing: marks inside words, word separators of a
# script, and typographic marks.
_NO_SIGN: Final = frozenset(
    "\u00a7\u00b6\u00b7\u055a\u05f3\u05f4\u0f0b\u0f0c\u1361\u2016\u2017\u2020\u2021\u2022\u2023\u2027"
    "\u2030\u2031\u2032\u2033\u2034\u2035\u2036\u2037\u2038\u203b\u203e\u2055\u30fb"
)
_COMMA: Final = re.compile("[,;\u055d\u060c\u061b\u07f8\u1363\u1364\u1802\u1808\u3001\ua60d-] *\\Z")
_CALLING: Final = "야|아|이여|여"
_TITLE: Final = re.compile(
    unicodedata.normalize(
        "NFD",
        r" ?(?:さん|ちゃん|くん|君|たん|さま|様|殿|先生|先輩|せんせい|せんぱい|サン|チャン|"
        rf"小姐|女士|老师|老師|姐姐?|哥哥?|जी|(?:님|씨|선생님|선배님|언니|누나|오빠|형)(?:아|요)?(?=\W|\Z)|"
        rf"(?P<calling>{_CALLING})(?=\W|\Z))",
    )
)


def begins_with_sign(text: str) -> bool:
    """Return whether `text`, which follows a name, begins with a separator or has no words."""
    return _PARTS.match(text) is not None or _is_sign(text[:2].lstrip(" ")[:1])


def ends_with_comma(text: str) -> bool:
    """Return whether `text` ends with a comma or a dash of any script."""
    return _COMMA.search(text) is not None


def title_after(text: str) -> tuple[int, bool]:
    """Return the length of the title that begins `text`, and whether it is a Korean vocative."""
    title = _TITLE.match(text)
    return (0, False) if title is None else (title.end(), title["calling"] is not None)


def _is_sign(char: str) -> bool:
    """Return whether `char` is a comma, full stop or the like of a non-ASCII script."""
    return not char.isascii() and unicodedata.category(char) == "Po" and char not in _NO_SIGN
