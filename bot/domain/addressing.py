"""Which characters an utterance addresses, and why: pure rules. Decides nothing about budgets.

Strongest first: a reply to a character's message, then `@Name` or `@alias` in the text (or the bare
name where it is a vocative, see `vocatives`), then a mention of the bot, then the character to
which the room is bound.
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

# Pasted or quoted text may contain a name without addressing anybody. Discord renders a quote only
# when a space follows the `>` (`>.< @Mira` is not a quote); `>>> ` quotes the rest of the message.
# Stickers are named by their makers, Discord threads by their starters. Forwarded messages are not
# part of the text (`Utterance.excerpts`). Names have at most 30 characters for stickers, 100 for
# Discord threads.
_CODE: Final = re.compile(r"```.*?(?:```|\Z)|``.+?``|`[^`\n]*`", re.DOTALL)
_QUOTE: Final = re.compile(r"^ *>>> [\s\S]*|^ *> .*$", re.MULTILINE)
_PASTED: Final = re.compile(r"https?://\S+|\[sticker: [^\]\n]{0,60}\]|#\[[^\[\]\n]{0,100}\]")
# Underscores that mark italics. A trailing underscore counts only if a word has a leading one: a
# user name may end with an underscore.
_ITALICS_BEGIN: Final = re.compile(r"(?<![\w@])_+(?=[^\s_])")
_ITALICS: Final = re.compile(r"(?<![\w@])_+(?=[^\s_])|(?<=[^\s_])_+(?!\w)")


@dataclass(frozen=True, slots=True)
class Address:
    """A character that an utterance addresses."""

    character: str
    """The character's key."""
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
    """Return the characters of `cast` that `utterance` addresses, in the order they should answer.

    Keys of characters: `replied_to` wrote the message that the utterance replies to, `last` was
    addressed last, `bound` is bound to the room. `for_others`: the utterance is meant for somebody
    outside the cast. Empty unless a person speaks: `deciding` judges talk between characters.
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
    """Return the characters (keys) with a trigger word in `text`, with the word, in text order."""
    words = [(character.key, word) for character in cast for word in character.triggers]
    # A number for each word: two characters may share a trigger word.
    numbered = tuple((str(number), (word,)) for number, (_, word) in enumerate(words))
    found: dict[str, str] = {}
    for match in index_of(numbered).within(_own_words(text)):
        for number in match.spelled:
            found.setdefault(*words[int(number)])
    return tuple(found.items())


def named(
    text: str, cast: Sequence[Character], *, by_mark: bool = False, for_others: bool = False
) -> tuple[str, ...]:
    """Return the keys of the characters that `text` addresses by name, in order of first mention.

    `by_mark`: count `@Name` only. `for_others`: `text` is meant for somebody else, so a name
    without an `@` counts only at the start of the text, before a comma or similar punctuation.
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
    """Return the key of a character that `text` may have meant to address, but did not clearly."""
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
    """Return the name that opens the text, alone or before punctuation that ends a vocative."""
    found = index.longest_at(words, len(words) - len(words.lstrip()))
    if found is None:
        return None
    rest = words[found.end :]
    title, _ = title_after(rest)
    return found if begins_with_sign(rest) or begins_with_sign(rest[title:]) else None


def _index(cast: Sequence[Character]) -> NameIndex:
    return index_of(tuple((character.key, character.names) for character in cast))


def _unmarked(words: str, calls: Sequence[str], index: NameIndex) -> list[Naming]:
    """Return names without an `@`; none if the text has an `@Name` or mentions a person."""
    # The intake writes mentions of people in brackets (`bot.discord_io.intake`).
    return [] if calls or "@[" in words else namings(words, index)


def _own_words(text: str) -> str:
    """Return the speaker's own words in `text`, folded, without pasted or quoted parts."""
    bare = _PASTED.sub(" ", _QUOTE.sub(" ", _CODE.sub(" ", text)))
    if _ITALICS_BEGIN.search(bare):
        bare = _ITALICS.sub(" ", bare)
    return folded(bare)


def _may_mark(text: str) -> bool:
    """Return whether `text` contains a character that folds to `@`."""
    return "@" in text or "\uff20" in text or "\ufe6b" in text
