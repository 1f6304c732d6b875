"""Where words begin and end in folded text, in any script. Owns the rule only, no names.

Scripts are ranges of code points, after Unicode's Scripts.txt and UAX #14 (classes ID, CJ and SA
are written without spaces): the standard library does not know the script of a character.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.domain.folding import ACCENTS, base_before

_SPACELESS: Final = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u0fff"  # Tibetan
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff\u19e0-\u19ff"  # Khmer
    "\u1950-\u19df"  # Tai Le, New Tai Lue
    "\u1a20-\u1aaf\uaa80-\uaadf"  # Tai Tham, Tai Viet
    "\u1b00-\u1b7f\ua980-\ua9df"  # Balinese, Javanese
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"  # Han
    "\u3041-\u309f\U0001b001-\U0001b11f\U0001f200"  # Hiragana
    "\u30a0-\u30ff\u31f0-\u31ff\U0001b000\U0001b120-\U0001b16f"  # Katakana
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\ua000-\ua4cf"  # Yi
    "]"
)
_KATAKANA: Final = re.compile("[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\U0001b000]")
# Folded text contains Hangul decomposed, except single jamo, which end a word as punctuation does.
_HANGUL: Final = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
# Code points that extend the character before them, besides combining marks: Hangul vowels and
# finals, the zero-width joiner, emoji skin tones and tags.
_JOINED: Final = re.compile(
    "[\u1160-\u11ff\u200d\ud7b0-\ud7ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)


def _any_of(words: str) -> str:
    """Return a pattern that matches any of these words in folded form."""
    apart = unicodedata.normalize("NFD", words).split()
    return f"(?:{'|'.join(sorted(apart, key=len, reverse=True))})"


# Korean attaches titles and particles to a noun; the noun's own word ends before them.
_TITLES: Final = "님 씨 양 군 이 짱 쨩 누나 언니 오빠 형 선배 선배님 선생님"
_PARTICLES: Final = (
    "야 아 여 이여 이야 이 가 은 는 을 를 의 에 에서 에게 에게는 에게서 한테 한테는 한테서 께 께서 "
    "와 와는 과 과는 랑 랑은 이랑 이랑은 하고 도 만 로 으로 까지 부터 마저 조차 보다 처럼 같이 "
    "밖에 인데 이다 이란 란 라는 이라는 예요 이에요 나 이나 요"
)
_KOREAN_TAIL: Final = re.compile(
    f"(?:{_any_of(_TITLES)}{_any_of(_PARTICLES)}?|{_any_of(_PARTICLES)})(?![\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff])"
)
# A title in katakana does not change the script after a katakana name, as a hiragana title does.
_KATAKANA_TITLE: Final = re.compile(_any_of("サン チャン クン サマ センセイ センパイ"))


def begins_word(text: str, at: int) -> bool:
    """Return whether a word may begin at the offset `at`."""
    before = base_before(text, at)
    return not before or not is_letter(before) or may_part(before, text[at])


def ends_word(text: str, end: int) -> bool:
    """Return whether a word may end at the offset `end`; never between a letter and its accent."""
    after = text[end : end + 1]
    if not after:
        return True
    if is_part_of_character(after):
        return False
    if not is_letter(after):
        return True
    last = base_before(text, end)
    if _HANGUL.match(last) and _HANGUL.match(after):
        return _KOREAN_TAIL.match(text, end) is not None
    if _KATAKANA.match(last) and _KATAKANA.match(after):
        return _KATAKANA_TITLE.match(text, end) is not None
    return may_part(last, after)


def is_letter(char: str) -> bool:
    """Return whether `char` can be part of a word: letter, digit, vowel sign or `_`, any script."""
    return char.isalnum() or char == "_" or is_part_of_character(char)


def is_part_of_character(char: str) -> bool:
    """Return whether `char` extends the character before it. Does not count accents."""
    if char.isascii() or char in ACCENTS:
        return False
    return unicodedata.category(char)[0] == "M" or _JOINED.match(char) is not None


def is_spaceless(char: str) -> bool:
    """Return whether `char` belongs to a script written without spaces, or to its punctuation."""
    return _SPACELESS.match(char) is not None or char in "\u3001\u3002\uff01\uff0c\uff1f"


def may_part(left: str, right: str) -> bool:
    """Return whether a word boundary may lie between two adjacent letters."""
    if _KATAKANA.match(left) and _KATAKANA.match(right):
        return False  # a run of katakana is a single word: `パンダ` (panda) has no `パン` (bread)
    if _SPACELESS.match(left) or _SPACELESS.match(right):
        return True
    return bool(_HANGUL.match(left)) != bool(_HANGUL.match(right))
