"""Who is spoken to, and why: pure rules over one utterance. Decides nothing about budgets.

Order of strength: a reply to a character's message, then `@Name` or `@alias` in the text (or the
name as an opening call: “Mira, …”), then a mention of the bot, then the place's own character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.character import Character
from bot.domain.folding import folded
from bot.domain.names import Found, NameIndex, index_of
from bot.domain.turn import Reason
from bot.domain.utterance import SpeakerKind, Utterance

# What people paste or quote names somebody without speaking to them. A quote is one to Discord only
# with a space behind its mark (`>.< @Mira` is none), and `>>> ` quotes all that follows. So does
# what was forwarded, as `bot.discord_io.intake` writes it, and a sticker's name is its maker's.
_CODE: Final = re.compile(r"```.*?(?:```|\Z)|``.+?``|`[^`\n]*`", re.DOTALL)
_QUOTE: Final = re.compile(r"^ *>>> [\s\S]*|^ *> .*$|^\[forwarded[\s\S]*", re.MULTILINE)
_PASTED: Final = re.compile(r"https?://\S+|\[sticker: [^\]\n]*\]")
# Underscores that set words in italics. One behind a word does where one before a word did: a
# user's name can end with it.
_ITALICS_BEGIN: Final = re.compile(r"(?<![\w@])_+(?=[^\s_])")
_ITALICS: Final = re.compile(r"(?<![\w@])_+(?=[^\s_])|(?<=[^\s_])_+(?!\w)")

# What parts a call from what follows: these, and with `_is_sign` the signs of every script. A full
# stop and a dash do so only at the end of a word, and nothing but signs may follow: `Mira 👋`.
_CALLS: Final = re.compile(
    r"\s*(?:[,;:!?~\u2012-\u2015\u301c\u3030]|\.(?!\w)|-+\s)|[ ]*\n|[\W_]*\Z"
)
# Titles that stand behind a name when somebody is called, folded, and the Korean call itself.
_TITLE: Final = re.compile(
    unicodedata.normalize(
        "NFD",
        r" ?(?:さん|ちゃん|くん|君|たん|さま|様|殿|先生|先輩|せんせい|せんぱい|小姐|女士|老师|老師|"
        r"姐姐?|哥哥?|जी|(?:(?:님|씨|선생님|선배님|언니|누나|오빠|형)(?:아|요)?|야|아|이여|여)(?=\W|\Z))",
    )
)
# Signs of the category Po that part nothing: those inside of words, between all words of a script,
# and those of printers.
_NO_SIGN: Final = frozenset(
    "\u00a7\u00b6\u00b7\u055a\u05f3\u05f4\u0f0b\u0f0c\u1361\u2016\u2017\u2020\u2021\u2022\u2023\u2027"
    "\u2030\u2031\u2032\u2033\u2034\u2035\u2036\u2037\u2038\u203b\u203e\u2055\u30fb"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A character that is spoken to, and by what."""

    character: str
    reason: Reason


def addressed(
    utterance: Utterance,
    cast: Sequence[Character],
    *,
    replied_to: str | None = None,
    last: str | None = None,
    bound: str | None = None,
) -> tuple[Address, ...]:
    """The characters of `cast` that `utterance` speaks to, in the order they should answer.

    `replied_to` is the key of the character whose message it answers, `last` the one that was
    addressed last, `bound` the one that the place belongs to. Only people address anybody here:
    what characters say to one another is `deciding`'s.
    """
    if utterance.speaker.kind is not SpeakerKind.PERSON:
        return ()
    present = {character.key for character in cast}
    found: list[Address] = []
    if replied_to in present and replied_to is not None:
        found.append(Address(replied_to, Reason.REPLY))
    keys = [key for key in named(utterance.text, cast) if key != replied_to]
    found.extend(Address(key, Reason.NAMED) for key in keys)
    if not found and utterance.mentions_bot:
        found.extend(_for_the_bot(cast, last))
    if not found and bound in present and bound is not None:
        found.append(Address(bound, Reason.BOUND))
    return tuple(found)


def called_by_keyword(text: str, cast: Sequence[Character]) -> tuple[tuple[str, str], ...]:
    """Keys of the characters that speak up at a word of `text`, and the word: first come first."""
    words = [(character.key, word) for character in cast for word in character.triggers]
    # A number for each word: two characters may speak up at the same one.
    numbered = tuple((str(number), (word,)) for number, (_, word) in enumerate(words))
    found: dict[str, str] = {}
    for match in index_of(numbered).within(_own_words(text)):
        for number in match.spelled:
            found.setdefault(*words[int(number)])
    return tuple(found.items())


def named(text: str, cast: Sequence[Character], *, by_mark: bool = False) -> tuple[str, ...]:
    """Keys of the characters that `text` calls by name, in the order of their first naming.

    `by_mark`: only by `@Name`, not by a name that opens the text.
    """
    if by_mark and not _may_mark(text):
        return ()
    index = index_of(tuple((character.key, character.names) for character in cast))
    words = _own_words(text)
    calls = index.marked(words)
    if not by_mark and (opening := _opening(words, index)) is not None:
        calls.insert(0, opening)
    return tuple(dict.fromkeys(call.key for call in calls))


def _for_the_bot(cast: Sequence[Character], last: str | None) -> list[Address]:
    keys = [character.key for character in cast]
    if last in keys and last is not None:
        return [Address(last, Reason.BOT_MENTION)]
    if len(keys) == 1:
        return [Address(keys[0], Reason.BOT_MENTION)]
    return []


def _opening(words: str, index: NameIndex) -> Found | None:
    """The name that opens the text: alone, or before a sign that calls."""
    found = index.longest_at(words, len(words) - len(words.lstrip()))
    if found is None:
        return None
    title = _TITLE.match(words, found.end)
    ends = (found.end, title.end()) if title is not None else (found.end,)
    return found if any(_parts_call(words, end) for end in ends) else None


def _parts_call(words: str, end: int) -> bool:
    """Whether what follows a name that opens `words` and ends at `end` parts it from the rest."""
    after = words[end : end + 2].lstrip(" ")[:1]
    return _CALLS.match(words, end) is not None or _is_sign(after)


def _is_sign(char: str) -> bool:
    """Whether it is a comma, a full stop or the like of a script that is not ours."""
    return not char.isascii() and unicodedata.category(char) == "Po" and char not in _NO_SIGN


def _own_words(text: str) -> str:
    """What its speaker says in `text`, folded: without what is pasted, quoted or forwarded."""
    bare = _PASTED.sub(" ", _QUOTE.sub(" ", _CODE.sub(" ", text)))
    if _ITALICS_BEGIN.search(bare):
        bare = _ITALICS.sub(" ", bare)
    return folded(bare)


def _may_mark(text: str) -> bool:
    """Whether there is any sign that is an `@` once it is folded."""
    return "@" in text or "\uff20" in text or "\ufe6b" in text
