"""What stands behind a name that calls: a title, then a comma, a full stop or the like.

Owns the signs and titles of all scripts, for folded text; whom they call is `addressing`'s.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# What parts a call from what follows: these, and the signs of `_is_sign`. A full stop and a dash do
# so only at the end of a word, and nothing but signs may follow: `Mira 👋`.
_PARTS: Final = re.compile(
    r"\s*(?:[,;:!?~\u2012-\u2015\u301c\u3030]|\.(?!\w)|-+\s)|[ ]*\n|[\W_]*\Z"
)
# Signs of the category Po that part nothing: those inside of words, between all words of a script,
# and those of printers.
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
    """Whether `text`, which follows a name, parts it from the rest, or has no rest."""
    return _PARTS.match(text) is not None or _is_sign(text[:2].lstrip(" ")[:1])


def ends_with_comma(text: str) -> bool:
    """Whether a comma or a dash, of any script, ends `text`."""
    return _COMMA.search(text) is not None


def title_after(text: str) -> tuple[int, bool]:
    """How long the title is that `text` begins with, and whether it is the Korean call."""
    title = _TITLE.match(text)
    return (0, False) if title is None else (title.end(), title["calling"] is not None)


def _is_sign(char: str) -> bool:
    """Whether it is a comma, a full stop or the like of a script that is not ours."""
    return not char.isascii() and unicodedata.category(char) == "Po" and char not in _NO_SIGN
