r"""How talk is written for a mind, so that nobody can speak as another. Owns the form only.

Each utterance is a header at the left edge and a body of indented lines:

    [Ann · 80351110224678912 · 21 Nov 12:04 UTC · replying to Mira: “who is there?”]
      hello there
    [Ben · 2 · 21 Nov 12:05 UTC · edited · attached notes.txt (text/plain, 1 KB, below)]
      look at this
      notes.txt:
      | first line of the file

A body can hold anything: its lines are indented, so none of them can be a header. So are the lines
of a file, of a forwarded message and of a link's preview, each with a bar, so that what somebody
sends is not taken for what they say. A name can
hold anything: brackets, dots and line breaks are taken out of it, and the snowflake beside it says
who it really is. `read` is the inverse that the property tests hold against `render`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.domain.turn import Line
from bot.domain.utterance import Attachment, Speaker, SpeakerKind, Utterance

INDENT = "  "
BAR = "| "
_SEPARATOR = " · "
# Everything that Python, Unicode or a model may take for a line's end.
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Zero-width and direction marks hide or reorder what is read; tags and the rarer variation
# selectors can carry whole sentences that only a model sees.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e01ef]"
)
# The header's own signs, and what looks like them.
_MARKUP = re.compile("[\\[\\]·•‧∙⋅・･᛫・［］【】〔〕〖〗⟦⟧❲❳⁅⁆]")  # noqa: RUF001 look-alikes are meant
_NAME_LIMIT = 80
_QUOTE_LIMIT = 80
_HEADER = re.compile(r"^\[(?P<fields>[^\[\]]+)\]$")


def render(utterances: Iterable[Utterance]) -> str:
    """The utterances, one after the other."""
    written: list[str] = []
    above: int | None = None
    for one in utterances:
        written += [_header(one, above), _body(one)]
        above = one.message_id
    return "\n".join(written)


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
    return clean_field(name)[:_NAME_LIMIT] or "somebody"


def clean_field(text: str) -> str:
    """Text that cannot end the header that it stands in, or add a field to it."""
    flat = _INVISIBLE.sub("", _BREAKS.sub(" ", text))
    return " ".join(_MARKUP.sub(" ", flat).split())


def clean_body(text: str) -> str:
    """A body with one kind of line break and nothing invisible in it."""
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text)).strip("\n")


def _header(one: Utterance, above: int | None) -> str:
    fields = [clean_name(one.speaker.name), _identity(one.speaker), _moment(one.at)]
    if one.reply_to is not None:
        fields.append(_reply(one, above))
        fields.extend(f"about {_described(file)}" for file in one.reply_to_files)
    if one.edited_at is not None:
        fields.append("edited")
    fields.extend(f"attached {_described(file)}" for file in one.attachments)
    return f"[{_SEPARATOR.join(fields)}]"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %H:%M} UTC"


def _identity(speaker: Speaker) -> str:
    match speaker.kind:
        case SpeakerKind.PERSON:
            return str(speaker.id)
        case SpeakerKind.CHARACTER | SpeakerKind.BOT:
            return speaker.kind.value


def _reply(one: Utterance, above: int | None) -> str:
    """Whom it answers, with the words that it answers where those are not right above."""
    if one.reply_to_name is None:
        return "replying to an earlier message"
    whom = f"replying to {clean_name(one.reply_to_name)}"
    words = _quoted(one.reply_to_text) if one.reply_to != above else ""
    return f"{whom}: “{words}”" if words else whom


def _quoted(text: str) -> str:
    """The beginning of what was said, fit to stand in a header."""
    flat = clean_field(re.sub("[“”]", "'", text))
    return flat if len(flat) <= _QUOTE_LIMIT else flat[: _QUOTE_LIMIT - 1].rstrip() + "…"


def _described(file: Attachment) -> str:
    if file.voice_seconds is not None:
        return f"a voice message of {file.voice_seconds} s that you cannot hear"
    kind = _file_name(file.content_type or "file")
    about = [kind, f"{max(1, file.size // 1024)} KB", *([file.note] if file.note else [])]
    return f"{_file_name(file.name)} ({clean_field(', '.join(about))})"


def _file_name(name: str) -> str:
    """A file's name that cannot pretend to end the file's part of the header."""
    return clean_name(re.sub("[()]", " ", name))


def _body(one: Utterance) -> str:
    told = [clean_body(one.text)] if one.text or not one.excerpts else []
    for excerpt in one.excerpts:
        told += _barred(clean_field(excerpt.label), excerpt.text)
    for file in (*one.reply_to_files, *one.attachments):
        if file.text is not None:
            told += _barred(_file_name(file.name), file.text)
    return "\n".join(INDENT + line for part in told for line in part.split("\n"))


def _barred(label: str, text: str) -> list[str]:
    """What nobody said: its lines with a bar, below what it is."""
    return [f"{label}:", *(BAR + line for line in clean_body(text).split("\n"))]
