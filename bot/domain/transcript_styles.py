r"""The forms in which talk is written for a model. Owns a strategy for each `TranscriptStyle`.

HEADERS, for strong models: a header at the left edge, and a body of indented lines.

    [Ann · 80351110224678912 · 21 Nov 12:04 UTC · replying to Mira: “who is there?”]
      hello there
    [Ben · 2 · 21 Nov 12:05 UTC · edited · attached notes.txt (text/plain, 1 KB, below)]
      look at this
      notes.txt:
      | first line of the file

NAMES, for weak models, which imitate their prompt: a name and a colon, no snowflakes, a time only
after a pause. Further lines are indented. People who share a name get a distinguishing tag, made
from the snowflake; characters and bots are labelled as such.

    Ann (replying to Mira, “who is there?”): hello there
    Ben (attached notes.txt text/plain, 1 KB, below): look at this
      notes.txt:
      | first line of the file
    Kai (character): Beep.

In both, a body may contain any text: its lines are indented, except the first in NAMES, which
follows the colon that ends the head. A name contains no brackets, dots or colons. Lines of a file,
a forwarded message or a link preview are indented and start with a bar, so that a model does not
take attached text for the speaker's words.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta
from types import MappingProxyType
from typing import Final, Protocol

from bot.domain.model_profile import TranscriptStyle
from bot.domain.participants import fold
from bot.domain.sanitizing import clean_body, clean_field, clean_name
from bot.domain.utterance import Attachment, Speaker, SpeakerKind, Utterance

INDENT: Final = "  "
BAR: Final = "| "
_SEPARATOR: Final = " · "
_QUOTE_LIMIT: Final = 80
# Silence after which the next line states the time.
_PAUSE: Final = timedelta(hours=1)
_HEADER: Final = re.compile(r"\A\[(?P<fields>[^\[\]]+)\]\Z")
_HEAD: Final = re.compile(
    r"\A(?P<label>[^:(\[\]]+(?:\((?:character|bot|person [a-z]{3})\))?)"
    r"(?: \([^:]*\))?: ?(?P<body>.*)\Z"
)


class Style(Protocol):
    """A form of transcript. Property tests check that `read` is the inverse of `render`."""

    def render(self, talk: Sequence[Utterance], own: str, people: Mapping[int, str], /) -> str:
        """Return the utterances as text, in order.

        `own` is the name of the reading character. `people` are names by snowflake, known from
        earlier talk.
        """
        ...

    def read(self, text: str) -> list[tuple[str, str]]:
        """Return the speaker's label and the body of each utterance in a rendered text."""
        ...


class Headers:
    """`TranscriptStyle.HEADERS`."""

    def render(self, talk: Sequence[Utterance], _own: str, _people: Mapping[int, str], /) -> str:
        """See `Style.render`. Every header has a snowflake, which tells namesakes apart."""
        written: list[str] = []
        above: int | None = None
        for said in talk:
            body = "\n".join(INDENT + line for line in _body(said))
            written += [self._header(said, above), body]
            above = said.message_id
        return "\n".join(written)

    def read(self, text: str) -> list[tuple[str, str]]:
        """See `Style.read`. The label is the speaker's name."""
        found: list[tuple[str, list[str]]] = []
        for line in text.split("\n"):
            match = _HEADER.match(line)
            if match is not None:
                found.append((match["fields"].split(_SEPARATOR)[0], []))
            elif found:
                found[-1][1].append(line.removeprefix(INDENT))
        return [(name, "\n".join(body)) for name, body in found]

    def _header(self, said: Utterance, above: int | None) -> str:
        at = f"{said.at.astimezone(UTC):%d %b %H:%M} UTC"
        fields = [clean_name(said.speaker.name), _identity(said.speaker), at]
        if said.reply_to is not None:
            fields.append(_reply(said, above))
            fields.extend(f"about {_described(file)}" for file in said.reply_to_files)
        if said.edited_at is not None:
            fields.append("edited")
        fields.extend(f"attached {_described(file)}" for file in said.attachments)
        return f"[{_SEPARATOR.join(fields)}]"


class Names:
    """`TranscriptStyle.NAMES`."""

    def render(self, talk: Sequence[Utterance], own: str, people: Mapping[int, str], /) -> str:
        """See `Style.render`."""
        shared = _shared_names(talk, own, people)
        written: list[str] = []
        above: Utterance | None = None
        for said in talk:
            first, *rest = _body(said)
            about = "; ".join(_plain(field) for field in self._about(said, above))
            label = _label(said.speaker, shared) + (f" ({about})" if about else "")
            written.append(f"{label}: {first}")
            written += [INDENT + line for line in rest]
            above = said
        return "\n".join(written)

    def read(self, text: str) -> list[tuple[str, str]]:
        """See `Style.read`. The label is the name with its distinguishing tag."""
        found: list[tuple[str, list[str]]] = []
        for line in text.split("\n"):
            head = None if line.startswith(INDENT) else _HEAD.match(line)
            if head is not None:
                found.append((head["label"].strip(), [head["body"]]))
            elif found:
                found[-1][1].append(line.removeprefix(INDENT))
        return [(label, "\n".join(body)) for label, body in found]

    def _about(self, said: Utterance, above: Utterance | None) -> Iterable[str]:
        if above is not None and said.at - above.at >= _PAUSE:
            yield f"{said.at.astimezone(UTC):%d %b %H.%M} UTC"
        if said.reply_to is not None and (above is None or said.reply_to != above.message_id):
            yield _reply(said, None).replace(": “", ", “")
        yield from (f"about {_described(file)}" for file in said.reply_to_files)
        yield from (f"attached {_described(file)}" for file in said.attachments)


STYLES: Final[Mapping[TranscriptStyle, Style]] = MappingProxyType(
    {TranscriptStyle.HEADERS: Headers(), TranscriptStyle.NAMES: Names()}
)


# --- speaker labels and header fields -------------------------------------------------------


def _identity(speaker: Speaker) -> str:
    match speaker.kind:
        case SpeakerKind.PERSON:
            return str(speaker.id)
        case SpeakerKind.CHARACTER | SpeakerKind.BOT:
            return speaker.kind.value


def _shared_names(talk: Sequence[Utterance], own: str, people: Mapping[int, str]) -> frozenset[str]:
    """Return the ambiguous folded names: of several people, or of a character or bot."""
    owners: defaultdict[str, set[int]] = defaultdict(set)
    for number, name in people.items():
        owners[fold(clean_name(name))].add(number)
    characters = {fold(clean_name(own))}
    for said in talk:
        name = fold(clean_name(said.speaker.name))
        if said.speaker.kind is SpeakerKind.PERSON:
            owners[name].add(said.speaker.id)
        else:
            characters.add(name)
    return frozenset({name for name, ids in owners.items() if len(ids) > 1} | characters)


def _label(speaker: Speaker, shared: frozenset[str]) -> str:
    name = clean_name(speaker.name)
    if speaker.kind is not SpeakerKind.PERSON:
        return f"{name} ({speaker.kind.value})"
    return f"{name} (person {_tag(speaker.id)})" if fold(name) in shared else name


def _tag(number: int) -> str:
    """Return three letters derived from a snowflake by a hash that hides it."""
    digest = hashlib.sha256(str(number).encode()).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:3])


def _reply(said: Utterance, above: int | None) -> str:
    """Return the addressee of a reply, with a quote unless the quoted message is right above."""
    if said.reply_to_name is None:
        return "replying to an earlier message"
    whom = f"replying to {clean_name(said.reply_to_name)}"
    words = _quoted(said.reply_to_text) if said.reply_to != above else ""
    return f"{whom}: “{words}”" if words else whom


def _quoted(text: str) -> str:
    """Return the beginning of `text`, sanitised for a header."""
    flat = clean_field(re.sub("[“”]", "'", text[: 4 * _QUOTE_LIMIT]))
    return flat if len(flat) <= _QUOTE_LIMIT else flat[: _QUOTE_LIMIT - 1].rstrip() + "…"


def _described(file: Attachment) -> str:
    if file.voice_seconds is not None:
        return f"a voice message of {file.voice_seconds} s that you cannot hear"
    kind = clean_name(file.content_type or "file")
    about = [kind, f"{max(1, file.size // 1024)} KB", *([file.note] if file.note else [])]
    return f"{clean_name(file.name)} ({clean_field(', '.join(about))})"


def _plain(field: str) -> str:
    """Return `field` without round brackets and colons, for a head in the form NAMES."""
    return " ".join(re.sub(r"[():]", " ", field).split())


def _body(said: Utterance) -> list[str]:
    body = clean_body(said.text).split("\n") if said.text or not said.excerpts else []
    for excerpt in said.excerpts:
        body += _barred(clean_field(excerpt.label), excerpt.text)
    for file in (*said.reply_to_files, *said.attachments):
        if file.text is not None:
            body += _barred(clean_name(file.name), file.text)
    return body


def _barred(label: str, text: str) -> list[str]:
    """Return attached text as lines: its label, then each line after a bar."""
    return [f"{label}:", *(BAR + line for line in clean_body(text).split("\n"))]
