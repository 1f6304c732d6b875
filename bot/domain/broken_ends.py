"""Finds a truncated header, template token or tool call at the end of a finished text.

An endpoint that reaches its token limit stops anywhere: a real model ended with
`… might look like. [Ben · 15`; truncated template tokens and tool calls occur too. While a text
streams, `speech_filter` holds back much more, since more may come; of a finished text only what
plainly is not speech is dropped.
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain import written_calls
from bot.domain.participants import Participants, fold
from bot.domain.speaker_labels import DOT, HEADER_LIMIT, may_become_header
from bot.domain.template_marks import may_become_mark

# Characters from which on a template token is unmistakable; less may be intended: `a <`, `[`.
_PLAIN_MARK: Final = 3
_SEPARATOR: Final = re.compile(rf"[{DOT}|,;]")
# The second field of a header: the snowflake, `character` or `bot`.
_IDENTITY: Final = re.compile(
    rf"[^{DOT}\n]{{1,100}}[{DOT}][ \t]?"
    r"(?:\d{0,20}|cha(?:r(?:a(?:c(?:t(?:er?)?)?)?)?)?|bot|(?:\d{15,20}|character|bot)\W[^\]\n]*)\Z"
)
_EDGE: Final = " \t>*_~`"


def broken_end(text: str, masked: str, participants: Participants) -> int | None:
    """Return the start of a truncated header, template token or call that ends `text`, or None.

    `masked` is `text` with its code blocks blanked out.
    """
    found = [
        _header(text, masked, participants),
        _mark(text),
        written_calls.breaks_off(masked),
    ]
    return min((at for at in found if at is not None), default=None)


def _header(text: str, masked: str, participants: Participants) -> int | None:
    at = may_become_header(text)
    if at is not None:
        inner = text[at + 1 :]
        names_somebody = masked[at] == "[" and _names_somebody(inner, participants)
        if names_somebody or _IDENTITY.match(inner):
            return at - 1 if text[at - 1 : at] == "@" else at
        return None
    # A header without its bracket, at the left edge.
    line = text.rfind("\n") + 1
    bare = text[line : line + HEADER_LIMIT].lstrip(_EDGE)
    name = re.split(f"[{DOT}]", bare, maxsplit=1)[0]
    is_header = len(name) < len(bare) and participants.named(name) and _IDENTITY.match(bare)
    return line if is_header else None


def _names_somebody(inner: str, participants: Participants) -> bool:
    """Return whether the text after an open bracket is, or begins, the name of a participant."""
    if inner.endswith("]"):
        return False
    first, *more = _SEPARATOR.split(inner, maxsplit=1)
    if more:
        return participants.named(first.strip()) is not None
    begun = fold(inner)
    return bool(begun) and any(
        name.startswith(begun) for name in (*participants.own, *participants.others)
    )


def _mark(text: str) -> int | None:
    at = may_become_mark(text)
    return at if at is not None and len(text) - at >= _PLAIN_MARK else None
