"""Who is spoken to, and why: pure rules over one utterance. Decides nothing about budgets.

Order of strength: a reply to a character's message, then `@Name` or `@alias` in the text (or the
name alone where that calls, see `vocatives`), then a mention of the bot, then the place's own
character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.character import Character
from bot.domain.folding import folded
from bot.domain.names import Found, NameIndex, index_of
from bot.domain.signs import begins_with_sign, title_after
from bot.domain.turn import Reason
from bot.domain.utterance import SpeakerKind, Utterance
from bot.domain.vocatives import Naming, namings

# What people paste or quote names somebody without speaking to them. A quote is one to Discord only
# with a space behind its mark (`>.< @Mira` is none), and `>>> ` quotes all that follows. A sticker
# was named by its maker, a thread by whoever started it. What was forwarded is no part of the text
# (`Utterance.excerpts`). Names are at most 30 characters long for stickers, 100 for threads.
_CODE: Final = re.compile(r"```.*?(?:```|\Z)|``.+?``|`[^`\n]*`", re.DOTALL)
_QUOTE: Final = re.compile(r"^ *>>> [\s\S]*|^ *> .*$", re.MULTILINE)
_PASTED: Final = re.compile(r"https?://\S+|\[sticker: [^\]\n]{0,60}\]|#\[[^\[\]\n]{0,100}\]")
# Underscores that set words in italics. One behind a word does where one before a word did: a
# user's name can end with it.
_ITALICS_BEGIN: Final = re.compile(r"(?<![\w@])_+(?=[^\s_])")
_ITALICS: Final = re.compile(r"(?<![\w@])_+(?=[^\s_])|(?<=[^\s_])_+(?!\w)")


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
    for_others: bool = False,
) -> tuple[Address, ...]:
    """The characters of `cast` that `utterance` speaks to, in the order they should answer.

    `replied_to` is the key of the character whose message it answers, `last` the one that was
    addressed last, `bound` the one that the place belongs to. `for_others`: it answers somebody who
    is no character here. Only people address anybody here:
    what characters say to one another is `deciding`'s.
    """
    if utterance.speaker.kind is not SpeakerKind.PERSON:
        return ()
    present = {character.key for character in cast}
    found: list[Address] = []
    if replied_to in present and replied_to is not None:
        found.append(Address(replied_to, Reason.REPLY))
    keys = [key for key in named(utterance.text, cast, for_others=for_others) if key != replied_to]
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


def named(
    text: str, cast: Sequence[Character], *, by_mark: bool = False, for_others: bool = False
) -> tuple[str, ...]:
    """Keys of the characters that `text` calls by name, in the order of their first naming.

    `by_mark`: only by `@Name`. `for_others`: `text` answers somebody else, so that a name without
    an `@` calls only where it opens the text before a comma or the like.
    """
    if by_mark and not _may_mark(text):
        return ()
    index, words = _index(cast), _own_words(text)
    calls = [call.key for call in index.marked(words)]
    if by_mark:
        return tuple(dict.fromkeys(calls))
    if (opening := _opening(words, index)) is not None:
        calls.insert(0, opening.key)
    elif not for_others:
        calls += [naming.character for naming in _unmarked(words, calls, index) if naming.sure]
    return tuple(dict.fromkeys(calls))


def perhaps_named(text: str, cast: Sequence[Character]) -> str | None:
    """Key of a character that `text` names so that it may have been meant to call, but does not."""
    index, words = _index(cast), _own_words(text)
    calls = [call.key for call in index.marked(words)]
    return next((naming.character for naming in _unmarked(words, calls, index)), None)


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
    rest = words[found.end :]
    title, _ = title_after(rest)
    return found if begins_with_sign(rest) or begins_with_sign(rest[title:]) else None


def _index(cast: Sequence[Character]) -> NameIndex:
    return index_of(tuple((character.key, character.names) for character in cast))


def _unmarked(words: str, calls: Sequence[str], index: NameIndex) -> list[Naming]:
    """Names without an `@`: where nobody is called by one, and no person is mentioned."""
    # Mentions of people are written in brackets (`bot.discord_io.intake`).
    return [] if calls or "@[" in words else namings(words, index)


def _own_words(text: str) -> str:
    """What its speaker says in `text`, folded: without what is pasted or quoted."""
    bare = _PASTED.sub(" ", _QUOTE.sub(" ", _CODE.sub(" ", text)))
    if _ITALICS_BEGIN.search(bare):
        bare = _ITALICS.sub(" ", bare)
    return folded(bare)


def _may_mark(text: str) -> bool:
    """Whether there is any sign that is an `@` once it is folded."""
    return "@" in text or "\uff20" in text or "\ufe6b" in text
