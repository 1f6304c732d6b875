r"""How talk is written for a mind, so that nobody can speak as another. Owns the form only.

Each utterance is a header at the left edge and a body of indented lines:

    [Ann · 80351110224678912 · 21 Nov 12:04 · replying to Mira]
      hello there

A body can hold anything: its lines are indented, so none of them can be a header. A name can hold
anything: brackets, dots and line breaks are taken out of it, and the snowflake beside it says who
it really is. `read` is the inverse that the property tests hold against `render`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.domain.turn import Line
from bot.domain.utterance import Attachment, Speaker, SpeakerKind, Utterance

INDENT = "  "
_SEPARATOR = " · "
# Everything that Python, Unicode or a model may take for a line's end.
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Zero-width and direction marks hide or reorder what is read.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_NAME_LIMIT = 80
_HEADER = re.compile(r"^\[(?P<fields>[^\[\]]+)\]$")


def render(utterances: Iterable[Utterance]) -> str:
    """The utterances, one after the other."""
    return "\n".join(f"{_header(one)}\n{_body(one.text)}" for one in utterances)


def lines(utterances: Iterable[Utterance], character: str) -> list[Line]:
    """History with true roles for one character: its own words bare, all else as rendered.

    Neighbouring utterances of others come as one line: a thread holds them as one item.
    """
    told: list[Line] = []
    others: list[Utterance] = []

    def flush() -> None:
        if others:
            told.append(Line(render(others), own=False))
            others.clear()

    for one in utterances:
        if one.speaker.character == character:
            flush()
            told.append(Line(one.text, own=True))
        else:
            others.append(one)
    flush()
    return told


def newest_within(utterances: Sequence[Utterance], *, messages: int, characters: int) -> int:
    """From which index on the utterances fit both budgets. The newest one always does."""
    used = 0
    for kept, one in enumerate(reversed(utterances), start=1):
        used += len(one.text)
        if kept > 1 and (kept > messages or used > characters):
            return len(utterances) - kept + 1
    return 0


def read(text: str) -> list[tuple[str, str]]:
    """Speaker's name and body of each utterance in a rendered text."""
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        match = _HEADER.match(line)
        if match is not None:
            found.append((match["fields"].split(_SEPARATOR)[0], []))
        elif found:
            found[-1][1].append(line.removeprefix(INDENT))
    return [(name, "\n".join(body)) for name, body in found]


def clean_name(name: str) -> str:
    """A name that cannot end its header or add a field to it."""
    flat = _INVISIBLE.sub("", _BREAKS.sub(" ", name))
    flat = re.sub(r"[\[\]·]", " ", flat)
    return " ".join(flat.split())[:_NAME_LIMIT] or "somebody"


def clean_body(text: str) -> str:
    """A body with one kind of line break and nothing invisible in it."""
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text)).strip("\n")


def _header(one: Utterance) -> str:
    fields = [clean_name(one.speaker.name), _identity(one.speaker), f"{one.at:%d %b %H:%M}"]
    if one.reply_to_name is not None:
        fields.append(f"replying to {clean_name(one.reply_to_name)}")
    fields.extend(_attached(file) for file in one.attachments)
    return f"[{_SEPARATOR.join(fields)}]"


def _identity(speaker: Speaker) -> str:
    match speaker.kind:
        case SpeakerKind.PERSON:
            return str(speaker.id)
        case SpeakerKind.CHARACTER | SpeakerKind.BOT:
            return speaker.kind.value


def _attached(file: Attachment) -> str:
    kind = clean_name(file.content_type or "file")
    return f"attached {clean_name(file.name)} ({kind}, {max(1, file.size // 1024)} KB)"


def _body(text: str) -> str:
    body = clean_body(text)
    return "\n".join(INDENT + line for line in body.split("\n"))
