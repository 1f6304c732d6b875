"""Who is spoken to, and why: pure rules over one utterance. Decides nothing about budgets.

Order of strength: a reply to a character's message, then `@Name` or `@alias` in the text (or the
name as an opening call: “Mira, …”), then a mention of the bot, then the place's own character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.character import Character
from bot.domain.turn import Reason
from bot.domain.utterance import SpeakerKind, Utterance

# What people paste or quote names somebody without speaking to them. A quote is one to Discord only
# with a space behind its mark (`>.< @Mira` is none), and `>>> ` quotes all that follows.
_CODE = re.compile(r"```.*?(?:```|\Z)|``.+?``|`[^`\n]*`", re.DOTALL)
_QUOTE = re.compile(r"^ *>>> [\s\S]*|^ *> .*$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+")
# What nobody sees: zero-width and direction marks, and whether an emoji is shown as text.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0e\ufe0f\ufeff]")
# Phones write the first where a keyboard has an apostrophe.
_APOSTROPHE = re.compile("[\u2019\u2018\u02bc]")


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
    found: list[Address] = []
    if replied_to is not None and any(one.key == replied_to for one in cast):
        found.append(Address(replied_to, Reason.REPLY))
    keys = [key for key in named(utterance.text, cast) if key != replied_to]
    found.extend(Address(key, Reason.NAMED) for key in keys)
    if not found and utterance.mentions_bot:
        found.extend(_for_the_bot(cast, last))
    if not found and bound is not None and any(one.key == bound for one in cast):
        found.append(Address(bound, Reason.BOUND))
    return tuple(found)


def called_by_keyword(text: str, cast: Sequence[Character]) -> tuple[tuple[str, str], ...]:
    """Keys of the characters that speak up at a word of `text`, and the word: first come first."""
    plain = _plain(text)
    found: dict[str, tuple[int, str]] = {}
    for one in cast:
        for word in one.triggers:
            wanted = _plain(word)
            match = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain) if wanted else None
            if match is not None and match.start() < found.get(one.key, (len(plain), ""))[0]:
                found[one.key] = (match.start(), word)
    in_order = sorted(found, key=lambda key: found[key][0])
    return tuple((key, found[key][1]) for key in in_order)


def named(text: str, cast: Sequence[Character], *, by_mark: bool = False) -> tuple[str, ...]:
    """Keys of the characters that `text` calls by name, in the order of their first naming.

    `by_mark`: only by `@Name`, not by a name that opens the text.
    """
    plain = _plain(text)
    places: dict[str, int] = {}
    taken: list[tuple[int, int]] = []
    # Longest first: “@Mira Stone” must not also call Mira.
    calls = sorted(
        ((_plain(name), one.key) for one in cast for name in one.names if _plain(name)),
        key=lambda call: -len(call[0]),
    )
    for name, key in calls:
        for match in _call(name, by_mark).finditer(plain):
            span = match.span()
            if any(span[0] < end and start < span[1] for start, end in taken):
                continue
            taken.append(span)
            places[key] = min(span[0], places.get(key, span[0]))
    return tuple(sorted(places, key=lambda key: places[key]))


def _for_the_bot(cast: Sequence[Character], last: str | None) -> list[Address]:
    keys = [one.key for one in cast]
    if last in keys:
        return [Address(last, Reason.BOT_MENTION)]
    if len(keys) == 1:
        return [Address(keys[0], Reason.BOT_MENTION)]
    return []


def _call(name: str, by_mark: bool) -> re.Pattern[str]:
    """`@name` anywhere, or the name opening the text: alone, or before a sign that calls."""
    word = re.escape(name)
    if by_mark:
        return re.compile(rf"(?<![\w@])@{word}(?!\w)")
    return re.compile(rf"(?<![\w@])@{word}(?!\w)|\A\s*{word}\s*(?:[,:!?—–]|\Z)")


def _plain(text: str) -> str:
    """Folded for comparing: what looks alike is the same, in any case; what is pasted goes."""
    bare = _ADDRESS.sub(" ", _QUOTE.sub(" ", _CODE.sub(" ", text)))
    folded = unicodedata.normalize("NFKC", bare).casefold()
    return _APOSTROPHE.sub("'", _UNSEEN.sub("", folded))
