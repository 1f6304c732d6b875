"""Finds text that a room may never show. Shares no code with the bot's filter.

The checks are simple on purpose: they look for people's names, ids and template marks, and for text
that the model wrote in somebody else's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FOREIGN, HEADER, NUMBER, LABEL, MARK, JSON = (
    *("foreign words", "header", "number", "label", "template mark", "tool JSON"),
)
KINDS = (FOREIGN, HEADER, NUMBER, LABEL, MARK, JSON)

_HEADER = re.compile(r"\[[^\]\n]{0,200}(?: · |\d\d:\d\d)[^\]\n]{0,200}\]?")
_NUMBER = re.compile(r"(?<!\d)\d{15,20}(?!\d)")
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w+:)\d+>")
_MARK = re.compile(
    r"<\|[^|>\n]{0,40}\|?>|</?(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>|</?s>"
    r"|\[/?INST\]|<</?SYS>>|</?(?:think|tool_call|tool_response)>"
    r"|^#{1,3} ?(?:Instruction|Response|Human|Assistant):|^(?:im_start|im_end)\b",
    re.MULTILINE | re.IGNORECASE,
)
_TOOLS = re.compile(r"[{\[].{0,80}\"(?:name|tool|function|arguments|parameters)\"\s*:", re.DOTALL)
_RAW_HEADER = re.compile(r"^[ \t>*]*\[(?P<name>[^·\]\n]{1,80}) · [^\]\n]*\]?[ \t]*", re.MULTILINE)
_ROLES = ("user", "human", "assistant", "system")
"""Roles in chat templates; no character of the trials has such a name."""
_LEAST_WORDS = 3
"""Fewer words prove nothing: two people may both say “good evening”."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A text that should not have been shown."""

    kind: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Cast:
    """The participants of a room."""

    speaker: str
    """The character whose messages are judged."""
    others: tuple[str, ...]
    """Display names of the people and the other characters."""


def judge(shown: str, raw: Sequence[str], cast: Cast) -> list[Fault]:
    """Return the faults of one shown text; `raw` holds the turn's raw model answers."""
    found = [
        *(Fault(HEADER, match.group()) for match in _HEADER.finditer(shown)),
        *(Fault(NUMBER, match.group()) for match in _NUMBER.finditer(_MENTION.sub("", shown))),
        *(Fault(MARK, match.group()) for match in _MARK.finditer(shown)),
        *_labels(shown, cast),
        *_foreign(shown, raw, cast),
    ]
    if _TOOLS.search(shown):
        found.append(Fault(JSON, shown))
    return [Fault(fault.kind, fault.excerpt[:160]) for fault in found]


def _labels(shown: str, cast: Cast) -> list[Fault]:
    """Find lines that start with a name and a colon: the own name is LABEL, others are FOREIGN."""
    own = _line_of([cast.speaker])
    others = _line_of([*cast.others, *_ROLES])
    return [
        *(Fault(LABEL, match.group()) for match in own.finditer(shown)),
        *(Fault(FOREIGN, match.group()) for match in others.finditer(shown)),
    ]


def _foreign(shown: str, raw: Sequence[str], cast: Cast) -> list[Fault]:
    """Find shown text that the model wrote under somebody else's header or name."""
    found: list[Fault] = []
    flat = _flat(shown)
    for answer in raw:
        for name, words in attributed(answer, cast):
            if name.casefold() == cast.speaker.casefold():
                continue
            beginning = _flat(words)[:60]
            if len(beginning.split()) >= _LEAST_WORDS and beginning in flat:
                found.append(Fault(FOREIGN, f"{name}: {beginning}"))
    return found


def attributed(answer: str, cast: Cast) -> list[tuple[str, str]]:
    """Return (name, first line) for each part of a raw answer under a header or a name."""
    label = _line_of([cast.speaker, *cast.others, *_ROLES])
    marks = [(match["name"], match.end()) for match in _RAW_HEADER.finditer(answer)]
    marks += [(match["name"], match.end()) for match in label.finditer(answer)]
    found = []
    for name, end in marks:
        words = answer[end:].lstrip(" \t:\r\n").split("\n", 1)[0]
        found.append((name.strip(), words))
    return found


def _line_of(names: Iterable[str]) -> re.Pattern[str]:
    known = "|".join(re.escape(name) for name in names) or r"(?!)"
    return re.compile(
        rf"^[ \t>*_#-]*(?P<name>{known})[*_]*[ \t]*[:\uff1a][*_]*", re.MULTILINE | re.IGNORECASE
    )


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
