"""Speaker labels at the left edge in other forms than `Name:`. Owns their patterns.

    ### Ben:          > Ben: no         [12:03] Ben: no     <Ben> no
    (Ben): no         【Ben】no         Ben [12:03]: no     <Ben>no</Ben>
    Ben - No!         Ben — Today at 3:14 PM

Prose, headings and lists begin with names too. So a bullet is never a label, a heading only with a
colon, and a dash only before a sentence that no second dash interrupts: “Ben - that old fool -
laughed.” is prose, and so is a description that begins with an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from bot.domain.participants import Named, Participants, fold

# Characters of a line to read before it counts as prose.
DRESSED_LIMIT: Final = 300
BULLET: Final = r"[^\S\n]*[*+-][^\S\n]"

_COLON: Final = ":：﹕︰"  # noqa: RUF001 look-alikes are intended
_TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?:[ ]?[AaPp]\.?[Mm]\.?)?"
_START: Final = re.compile(
    rf"(?m)^(?=[^\n\0])(?!{BULLET})(?:[^\S\n]|[*_~`]){{0,12}}+"
    r"(?P<quote>(?:>[ \t]?){0,3}+)(?P<heading>(?:#{1,6}|-#)[ \t]+)?"
    rf"(?P<time>[\[(]{_TIME}[\])][ \t]*)?[*_~`]{{0,4}}+"
)
# A line that begins with a letter and contains none of these is not a label.
_SIGNS: Final = re.compile(rf"[^\n{_COLON}]*[{_COLON}–—\[(-]")
# A line start that a name may follow. Skips empty lines, of which a text may have thousands.
_STARTS: Final = re.compile(rf"{_START.pattern}(?=[<(\[{{【]|[^\W_])")
_OPEN_START: Final = re.compile(
    r"[ \t>*_~`]{0,12}(?:-#?|#{1,6}|[\[(]\d{0,2}(?::[\d: apmAPM.]{0,12})?)?\Z"
)
_BEHIND: Final = rf"[*_~`]{{0,4}}(?:[{_COLON}][*_~`]{{0,4}})?(?:[ \t]+|(?=\n|\Z))"
_ANGLE: Final = re.compile(rf"<(?P<name>[^<>\n]{{1,100}})>(?P<behind>{_BEHIND})?")
_CLOSING: Final = re.compile(r"</(?P<name>[^<>/\n]{1,100})>[ \t]*(?=\n|\Z)")
_OPEN_CLOSING: Final = re.compile(r"</(?P<name>[^<>/\n]{0,100})(?:>[ \t]*)?\Z")
# HTML tag names: even if a participant is called `b`, `<b>` before a word is not a label.
_TAG: Final = re.compile(
    r"(?i:[abiuspq]|[ehb]r|em|h\d|[uo]l|li|t[drh]|big|del|dfn|div|img|ins|kbd|pre|su[bp]|code|font"
    r"|span|table|small|strong|center|details|summary)\Z"
)
_WRAPPED: Final = re.compile(
    rf"(?:\((?P<round>[^()\n]{{1,100}})\)|\{{(?P<curly>[^{{}}\n]{{1,100}})\}})[*_~`]{{0,4}}"
    rf"[{_COLON}][*_~`]{{0,4}}(?:[ \t]+|(?=\n|\Z))"
    r"|【(?P<black>[^【】\n]{1,100})】(?:[*_~`]{0,4}[:：])?[ \t]*"  # noqa: RUF001
    rf"|\[(?P<square>[^\[\]\n]{{1,100}})\](?!\(){_BEHIND}"
)
_NAMED: Final = re.compile(
    rf"(?P<name>[^\s{_COLON}][^\n{_COLON}]{{0,{DRESSED_LIMIT}}})"
    rf"(?::[*_~`]{{0,4}}(?:[ \t]+|(?=\n|\Z))|[{_COLON[1:]}][*_~`]{{0,4}}[ \t]*)"
)
_TIMED: Final = re.compile(
    rf"(?P<name>[^\s{_COLON}\[(][^\n{_COLON}\[(]{{0,100}}?)[ \t]*[\[(]{_TIME}[\])][*_~`]{{0,4}}"
    rf"[{_COLON}][*_~`]{{0,4}}(?:[ \t]+|(?=\n|\Z))"
)
_DASH: Final = re.compile(r"(?P<name>[^\s<\[({][^\n]{0,100}?)[ \t]+[-–—][ \t]+")
_OPEN_DASH: Final = re.compile(r"(?:\s*[(\[][^()\[\]]*[)\]]){0,3}\s*[-–—]\s*\Z")

# The first second dash or sentence end in the words after a dash.
_SECOND_DASH_OR_END: Final = re.compile(
    r"(?P<dash>\s[-–—]\s)|[.!?…。！？][\"'”’»*_)]*(?=\s|(?P<last>\Z))"  # noqa: RUF001
)
_DAYS: Final = ("today", "yesterday", "heute", "gestern", "hier", "hoy", "ayer")
_LOGGED: Final = re.compile(
    rf"(?i:(?:{'|'.join(_DAYS)})[ ,]|\d[\d./-]{{3,9}})[^\n\d]{{0,8}}{_TIME}\s*\Z"
)
_OPEN_LOGGED: Final = re.compile(
    rf"(?i:(?:{'|'.join(_DAYS)}|\d[\d./-]{{3,9}})(?![^\W\d])[^\n\d.!?]{{0,8}}|\d[\d./-]{{0,9}})"
    r"(?:\d{1,2}:?[\d:]{0,5}[ ]?[AaPpMm.]{0,4})?\Z"
)
# An article begins a description, not speech: “Ben - the miller.”
_DESCRIBES: Final = re.compile(
    r"(?i:the|an?|der|die|das|eine?|le|la|les|une?|el|los|las)\s|l['’]\w"
)
_FIRST_PERSON: Final = re.compile(r"(?:I|Ich|Je|Yo|Eu|Io|We|Wir)\b|J['’]\w")
_SPOKEN_FIRST: Final = re.compile(r"[\"'“‘«„*_(¡¿…]")
_AFTER_NAME: Final = re.compile(
    r"(?:\s*[(\[][^()\[\]]*[)\]]){0,2}\s*(?:[(\[][^()\[\]]*)?[>)\]}】]?\s*[:：]?\s*\Z"  # noqa: RUF001
)


class Dressed(NamedTuple):
    """A decorated label: `text[start:end]`."""

    start: int
    end: int
    named: Named
    """Whether the label names the character or another participant."""


def dressed(text: str, participants: Participants) -> Iterator[Dressed]:
    """Yield the decorated labels in `text`, in order.

    A label that fills its line includes the line break.
    """
    initials = {name[0] for name in (*participants.own, *participants.others)}
    for line in _STARTS.finditer(text):
        first = text[line.end() : line.end() + 1]
        # Skips most lines: no participant's name has their initial.
        if first in "<([{【" or not first.isascii() or first.lower() in initials:
            found = _at(text, line, participants)
            if found is not None:
                fills_line = text[found.end : found.end + 1] == "\n"
                yield found._replace(end=found.end + 1) if fills_line else found


def _at(text: str, line: re.Match[str], participants: Participants) -> Dressed | None:
    if text[line.end()] in "<([{【":
        return _in_brackets(text, line, participants)
    if _SIGNS.match(text, line.end(), line.end() + DRESSED_LIMIT) is None:
        return None
    return _before_colon(text, line, participants) or _before_dash(text, line, participants)


def _in_brackets(text: str, line: re.Match[str], participants: Participants) -> Dressed | None:
    found = _ANGLE.match(text, line.end())
    if found is not None and found["behind"] is None and _TAG.match(found["name"]):
        return None
    found = found or _WRAPPED.match(text, line.end())
    if found is None:
        return None
    # A bare `[Ben]` at the left edge is a header, not a label.
    is_header = found.lastgroup == "square" and not _is_prefixed(line)
    name = found["name"] if found.re is _ANGLE else found[found.lastgroup or 0]
    return None if is_header else _label(line, found.end(), name, participants)


def _before_colon(text: str, line: re.Match[str], participants: Participants) -> Dressed | None:
    found = _TIMED.match(text, line.end())
    if found is None and _is_prefixed(line):
        found = _NAMED.match(text, line.end())
    label = _label(line, found.end(), found["name"], participants) if found is not None else None
    if label is None:
        return None
    # “## Ben: the early years” is a title, not Ben speaking.
    is_title = line["heading"] and text[label.end : label.end + 1].strip()
    return None if is_title and label.named is Named.OTHER else label


def _before_dash(text: str, line: re.Match[str], participants: Participants) -> Dressed | None:
    found = None if line["heading"] else _DASH.match(text, line.end())
    label = _label(line, found.end(), found["name"], participants) if found is not None else None
    if label is None:
        return None
    most = line.start() + DRESSED_LIMIT
    end = text.find("\n", label.end, most + 1)
    is_last = end < 0 and len(text) <= most
    end = end if end >= 0 else min(len(text), most)
    is_whole = is_last or text[end : end + 1] == "\n"
    words = text[label.end : end]
    if is_whole and _LOGGED.match(words):
        return label._replace(end=end)
    spoken = _is_spoken(words, label.named, is_whole=is_whole, is_last=is_last)
    return label if spoken else None


def closings(text: str, participants: Participants) -> Iterator[Dressed]:
    """Yield the character's own closing tags, such as `</Mira>`, at line ends."""
    for found in _CLOSING.finditer(text):
        if participants.named(found["name"]) is Named.OWN:
            yield Dressed(found.start(), found.end(), Named.OWN)


def may_become_closing(text: str, participants: Participants) -> int | None:
    """Return the offset of a suffix of `text` that may become a closing tag, or None."""
    at = text.rfind("</", max(0, len(text) - DRESSED_LIMIT))
    found = _OPEN_CLOSING.match(text, at) if at >= 0 else None
    begun = fold(found["name"]) if found is not None else ""
    may_be = found is not None and any(name.startswith(begun) for name in participants.own)
    return at if may_be else None


def _is_prefixed(line: re.Match[str]) -> bool:
    return bool(line["quote"] or line["heading"] or line["time"])


def _label(line: re.Match[str], end: int, name: str, participants: Participants) -> Dressed | None:
    named = participants.named(name)
    return Dressed(line.start(), end, named) if named is not None else None


def _is_spoken(words: str, named: Named, *, is_whole: bool, is_last: bool) -> bool | None:
    """Return whether `words` after a name and a dash are speech; None while still undecided.

    `is_whole`: the line of the words is complete; `is_last`: the text ends with that line.
    """
    words = words.strip(" \t")
    if not is_whole and _may_be_logged(words):
        return None
    if _DESCRIBES.match(words):
        return False
    first = words[:1]
    is_begun = bool(_SPOKEN_FIRST.match(words)) or (first.isalpha() and not first.islower())
    if first and named is Named.OTHER and not is_begun:
        return False
    found = _SECOND_DASH_OR_END.search(words)
    if found is not None and (is_whole or found["last"] is None):
        return found["dash"] is None
    if not is_whole:
        return None
    # Neither a list of names nor a short answer has full stops.
    is_short = named is Named.OWN and is_last and bool(words)
    return is_short or _FIRST_PERSON.match(words) is not None


def _may_be_logged(words: str) -> bool:
    """Return whether unfinished words may become a time stamp, as in `Ben — Today at 3:14 PM`."""
    begun = words.casefold()
    return any(day.startswith(begun) for day in _DAYS) or bool(_OPEN_LOGGED.match(words))


def may_become_dressed(line: str, participants: Participants) -> bool:
    """Return whether an unfinished line may become a decorated label."""
    if not line.strip() or len(line) > DRESSED_LIMIT:
        return False
    if _OPEN_START.match(line):
        return True
    start = _START.match(line)
    if start is None:
        return False
    rest = line[start.end() :]
    if not rest.strip() or _may_name(rest, participants):
        return True
    return not start["heading"] and _may_be_spoken(line, start.end(), participants)


def _may_name(rest: str, participants: Participants) -> bool:
    """Return whether the rest of an unfinished line, after its decoration, may name somebody."""
    inner = rest[1:] if rest[0] in "<([{【" else rest
    begun = fold(inner)
    word = f"{begun} " if inner[-1:].isspace() else begun
    for name in (*participants.own, *participants.others):
        if name.startswith(word):
            return True
        if begun.startswith(name):
            at = len(name)
            if _AFTER_NAME.match(begun, at) or _OPEN_DASH.match(begun, at):
                return True
    return False


def _may_be_spoken(line: str, at: int, participants: Participants) -> bool:
    """Return whether the words after a name and a dash may still turn out to be speech."""
    found = _DASH.match(line, at)
    named = participants.named(found["name"]) if found is not None else None
    if found is None or named is None:
        return False
    return _is_spoken(line[found.end() :], named, is_whole=False, is_last=False) is None
