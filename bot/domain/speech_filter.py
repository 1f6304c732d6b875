"""Extracts the character's words from a model's text. Owns where these begin and end.

    [Mira · character · 30 Nov 03:13]      names the character itself: cut
      Come in!                             Mira's words
    {"name": "skip", "arguments": {}}      a call of one of our tools: cut
    [Ben · 1576 … · 30 Nov 03:14]          names somebody else: Mira's words end above

A label of another participant and a chat-template token end the speech: the model invented the
rest for others. While text streams, a suffix that may become any of these is held back; ordinary
words are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final, NamedTuple

from bot.domain import written_calls
from bot.domain.broken_ends import broken_end
from bot.domain.dressed_labels import may_become_closing
from bot.domain.lines import start_of_line
from bot.domain.participants import Participants
from bot.domain.shown_numbers import may_become_number, number_completed, without_numbers
from bot.domain.speaker_labels import (
    HEADER_LIMIT,
    SpeakerLabel,
    headers,
    labels,
    may_become_header,
    may_become_label,
)
from bot.domain.template_marks import (
    OPENING,
    first_mark,
    first_role,
    may_become_mark,
    may_become_role,
)
from bot.domain.written_calls import WrittenCall

# Characters of pending text from which on finished lines are committed rather than read again.
_COMMITTED_AFTER: Final = 600
# Characters of a pending line from which on not every delta reads it again.
_LONG_LINE: Final = 2_000
# Labels that are cut; a model that writes more of them is in a loop.
_LABELS_LIMIT: Final = 40
_THOUGHTS_LIMIT: Final = 20
_OPENINGS_LIMIT: Final = 4
_ROLE_LIMIT: Final = 60

_FENCE: Final = re.compile(r"(?m)^[ ]{0,3}(?:`{3,}|~{3,})[^\n]*(?:\n|\Z)")
_A_FENCE: Final = re.compile("```|~~~")
_TAGS: Final = r"(?:think|thinking|thought|reasoning|seed:think)"
# Magistral, Kimi, Command A and gpt-oss have reasoning tags of their own.
_THOUGHT: Final = re.compile(
    rf"\s*+(?:<{_TAGS}>|\[THINK\]|◁think▷|<\|START_THINKING\|>"
    r"|(?P<channel>(?:<\|start\|>assistant)?<\|channel\|>analysis<\|message\|>))"
)
_THOUGHT_ENDS: Final = re.compile(rf"(?:</{_TAGS}>|\[/THINK\]|◁/think▷|<\|END_THINKING\|>)\s*")
_CHANNEL_ENDS: Final = re.compile(r"<\|end\|>\s*")
# Closing tags of reasoning that the prompt's template opened. A tag in mid-line is not matched: the
# character talks about the tag.
_UNOPENED_ENDS: Final = re.compile(
    rf"(?m)^[ \t]*(?:</{_TAGS}>|\[/THINK\]|◁/think▷)\s*|(?:</{_TAGS}>|◁/think▷)[ \t]*\n\s*"
)
_AN_END: Final = re.compile(r"</|\[/THINK\]|◁/think▷")
# A delta without any of these cannot end the reasoning.
_LAST_OF_END: Final = re.compile(r"[>\]▷\n]")
_END_IS_LAST: Final = re.compile(rf"(?:</{_TAGS}>|◁/think▷)[ \t]*\Z")
_THOUGHTS: Final = (
    *("<think>", "<thinking>", "<thought>", "<reasoning>", "<seed:think>"),
    *("[THINK]", "◁think▷"),
)
_INDENTED: Final = re.compile(r"(?:  [^\n]*(?:\n|\Z)|[ \t]*\n)+")
_INDENT: Final = re.compile(r"(?m)^  ")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The character's part of a model's text."""

    text: str
    """The character's words."""
    ended: bool = False
    """Whether the speech has ended, so that any further text is not the character's."""
    calls: tuple[str, ...] = ()
    """Tools whose calls the model wrote as text."""


@dataclass(slots=True)
class SpeechFilter:
    """Filters a piece of speech while it streams. Commits finished lines, so each is read once."""

    participants: Participants
    ended: bool = False
    calls: list[str] = field(default_factory=list)
    _done: str = ""
    """The character's words in the committed lines."""
    _tail: str = ""
    """Pending text of the model after the committed lines."""
    _in_fence: bool = False
    """Whether the pending text begins inside a code block."""
    _is_first: bool = True
    """Whether nothing is committed, so that reasoning may begin the pending text."""
    _thoughts: int = 0
    _shown: str = ""
    _read_again: int = 0
    """Length of the pending text at which `shown` reads it again."""

    def feed(self, words: str) -> None:
        """Append text of the model."""
        if self.ended:
            return
        self._tail += words
        if _LAST_OF_END.search(words) is None:
            return
        while (end := self._thought_end()) is not None:
            if self._read(self._tail[: end.start()], whole=True).ended:
                return
            # Everything before the closing tag was reasoning, whatever it looked like.
            self._done, self._tail, self._is_first = "", self._tail[end.end() :], True
            self._read_again = 0
            self._thoughts += 1
            if self._thoughts > _THOUGHTS_LIMIT:
                self.ended, self._tail = True, ""

    def _thought_end(self) -> re.Match[str] | None:
        """Return the match of the tag that closes the reasoning in the pending text, or None."""
        if self._in_fence:
            return None
        opened = _THOUGHT.match(_without_openings(self._tail)) if self._is_first else None
        if opened is not None:
            return (_CHANNEL_ENDS if opened["channel"] else _THOUGHT_ENDS).search(self._tail)
        if (end := _AN_END.search(self._tail)) is None:
            return None
        return _UNOPENED_ENDS.search(self._tail, start_of_line(self._tail, end.start()))

    def shown(self, *, newest: bool = False) -> str:
        """Return the words that can be shown already, without a suffix that is held back.

        Unless `newest`, a long line lags behind by a hundredth, so that reading it again and again
        does not take quadratic time.
        """
        if len(self._tail) < self._read_again and not newest and not self.ended:
            return self._shown
        if not self.ended and len(self._tail) > _COMMITTED_AFTER:
            self._commit()
        self._shown = self._with_tail(whole=False)
        length = len(self._tail)
        self._read_again = length + length // 100 if length > _LONG_LINE else 0
        return self._shown

    def finish(self) -> Spoken:
        """Return the result for the finished piece."""
        if _END_IS_LAST.search(self._tail):
            self.feed("\n")
        if not self._done and written_calls.is_bare_skip(self._tail):
            return Spoken("", calls=(written_calls.SKIP,))
        text = self._with_tail(whole=True).strip()
        return Spoken(text, self.ended, tuple(self.calls))

    def _with_tail(self, *, whole: bool) -> str:
        tail = self._read(self._tail, whole=whole)
        self.ended = self.ended or tail.ended
        if whole:
            self.calls += tail.calls
        text = self._done + tail.text
        return text if whole else text.lstrip()

    def _read(self, text: str, *, whole: bool) -> Spoken:
        return _read(
            text,
            self.participants,
            whole=whole,
            in_fence=self._in_fence,
            is_first=self._is_first,
        )

    def _commit(self) -> None:
        """Commit the pending lines that no further text can change."""
        if "\n" not in self._tail or (self._is_first and _THOUGHT.match(self._tail)):
            return
        fences = _fences(self._tail, in_fence=self._in_fence)
        masked = _masked(self._tail, fences)
        held = _held(self._tail, masked, fences, self.participants)
        end = self._tail.rfind("\n", 0, held)
        if first_mark(self._tail) is not None:
            return
        if end < 0 or self._tail.startswith(("  ", "\n"), end + 1):
            return
        lines, self._tail = self._tail[: end + 1], self._tail[end + 1 :]
        read = self._read(lines, whole=True)
        self._done += read.text
        self.ended = self.ended or read.ended
        self.calls += read.calls
        left = _fences(lines, in_fence=self._in_fence)
        self._in_fence, self._is_first = bool(left) and not left[-1].is_closed, False
        if self.ended:
            self._tail = ""


def spoken(text: str, participants: Participants) -> Spoken:
    """Return the character's part of a complete text."""
    piece = SpeechFilter(participants)
    piece.feed(text)
    return piece.finish()


def _read(
    text: str, participants: Participants, *, whole: bool, in_fence: bool, is_first: bool
) -> Spoken:
    """Return the character's part of `text`; unless `whole`, without a suffix to hold back."""
    if is_first:
        text = _without_thought(_without_openings(text), whole=whole)
        if not whole and _may_become_opening(text):
            return Spoken("")
    fences = _fences(text, in_fence=in_fence)
    masked = _masked(text, fences)
    if not whole:
        held = _held(text, masked, fences, participants)
        text, masked = text[:held], masked[:held]
        fences = [fence for fence in fences if fence.end <= held]
    named = list(islice(_speaker_labels(text, masked, participants), _LABELS_LIMIT))
    ends = [label.start for label in named if not label.own]
    ends += [end for end in (first_mark(text), first_role(masked)) if end is not None]
    end = min(ends, default=len(text))
    # A template token that opens a tool call does not end the speech yet: the tool's name follows.
    is_call = written_calls.is_marked(text, end)
    if whole and not ends:
        text = number_completed(text[: broken_end(text, masked, participants)], participants.people)
        end = len(text)
    calls = [*written_calls.calls(masked), *_called_in(fences, text)]
    calls = [call for call in calls if call.start <= end]
    own = [label for label in named if label.own and label.start < end]
    cuts = [(label.start, label.end, True) for label in own]
    cuts += [(call.start, call.end, False) for call in calls]
    kept = _without(text[:end], sorted(cuts))
    return Spoken(
        without_numbers(kept, participants.people),
        ended=(bool(ends) and not is_call) or len(named) == _LABELS_LIMIT,
        calls=tuple(call.tool for call in calls),
    )


def _without(text: str, cuts: list[tuple[int, int, bool]]) -> str:
    """Return `text` without the spans `cuts`, and with bodies below headers dedented."""
    kept, at, is_body = list[str](), 0, text.startswith("  ")
    for start, end, is_label in (*cuts, (len(text), len(text), False)):
        if start < at:
            at = max(at, end)
            continue
        part = text[at:start]
        kept.append(_dedented(part) if is_body else part)
        at, is_body = end, is_label and text[end - 1 : end] == "\n"
    return "".join(kept)


def _dedented(text: str) -> str:
    body = _INDENTED.match(text)
    return _INDENT.sub("", body[0]) + text[body.end() :] if body is not None else text


def _speaker_labels(text: str, masked: str, participants: Participants) -> Iterator[SpeakerLabel]:
    for header in headers(text, participants):
        if header.is_sure or masked[header.start : header.end] == text[header.start : header.end]:
            yield from _with_following(header, text, participants)
            if not header.own:
                break
    for label in labels(masked, participants):
        yield from _with_following(label, masked, participants)
        if not label.own:
            break


def _with_following(
    label: SpeakerLabel, text: str, participants: Participants
) -> Iterator[SpeakerLabel]:
    """Yield a label and the labels right after it on the same line: `Ada: **Ada:** hi`."""
    yield label
    for _ in range(_OPENINGS_LIMIT):
        rest = text[label.end : label.end + HEADER_LIMIT].partition("\n")[0]
        if not label.own or not rest.strip() or text[label.end - 1] == "\n":
            return
        more = chain(headers(rest, participants), labels(rest, participants))
        following = next((candidate for candidate in more if candidate.start == 0), None)
        if following is None:
            return
        label = SpeakerLabel(label.end, label.end + following.end, following.own, following.is_sure)
        yield label


# --- leading reasoning and template tokens --------------------------------------------------


def _without_thought(text: str, *, whole: bool) -> str:
    """Return an empty text if it begins with reasoning, which some endpoints send as text."""
    if _THOUGHT.match(text):
        return ""
    start = text.lstrip()
    held = not whole and start and any(tag.startswith(start) for tag in _THOUGHTS)
    return "" if held else text


def _without_openings(text: str) -> str:
    for _ in range(_OPENINGS_LIMIT):
        found = OPENING.match(text)
        if found is None:
            break
        text = text[found.end() :]
    return text


def _may_become_opening(text: str) -> bool:
    """Return whether a leading token may still turn out to open the model's own turn."""
    start = text.lstrip()
    return len(start) < _ROLE_LIMIT and "\n" not in start and first_mark(start) == 0


# --- code blocks, and held-back suffixes -----------------------------------------------------


class _Fence(NamedTuple):
    """A code block in the pending text."""

    start: int | None
    """None if the block was opened in a committed line."""
    end: int
    is_closed: bool


def _fences(text: str, *, in_fence: bool) -> list[_Fence]:
    """Return the code blocks of `text`; the last may be open."""
    found, start, is_open = list[_Fence](), None, in_fence
    begins = _A_FENCE.search(text)
    first = start_of_line(text, begins.start()) if begins is not None else len(text)
    for line in _FENCE.finditer(text, first):
        begin, end = line.span()
        if is_open:
            found.append(_Fence(start, end, True))
        start, is_open = begin, not is_open
    return [*found, _Fence(start, len(text), is_closed=False)] if is_open else found


def _masked(text: str, fences: list[_Fence]) -> str:
    """Return `text` with its code blocks blanked out and all offsets kept."""
    kept, at = list[str](), 0
    for fence in fences:
        start = fence.start or 0
        if at < start:
            kept.append(text[at:start])
        at = fence.end
        kept.append("\0" * (at - start - 1) + text[at - 1 : at])
    return "".join([*kept, text[at:]]) if kept else text


def _called_in(fences: list[_Fence], text: str) -> Iterator[WrittenCall]:
    """Yield the code blocks that contain nothing but calls."""
    for fence in fences[: written_calls.CALLS_LIMIT]:
        if fence.start is not None and fence.end - fence.start <= written_calls.CALL_LIMIT:
            tool = written_calls.is_only_calls(text[fence.start : fence.end])
            if tool is not None:
                yield WrittenCall(fence.start, fence.end, tool)


def _held(text: str, masked: str, fences: list[_Fence], participants: Participants) -> int:
    """Return the offset from which on streaming text is held back: it may not be speech."""
    line = text.rfind("\n") + 1
    held = [may_become_mark(text), may_become_number(text, participants.people)]
    held += [may_become_header(text), may_become_closing(text, participants)]
    if fences and not fences[-1].is_closed:
        start = fences[-1].start
        if start is not None and written_calls.may_be_only_calls(text[start:]):
            held.append(start)
    else:
        held.append(written_calls.may_become_call(masked))
        last = text[line:]
        if not (fences and fences[-1].end == len(text)) and _may_name_somebody(last, participants):
            held.append(line)
    end = min((at for at in held if at is not None), default=len(text))
    # Holds back the label too, if the suffix decides whether it is a label: `Ben:<3`.
    line = masked.rfind("\n", 0, end) + 1
    return line if end < len(text) and _may_name_somebody(masked[line:end], participants) else end


def _may_name_somebody(line: str, participants: Participants) -> bool:
    """Return whether a line outside code may become a label, or open a code block with a call."""
    return may_become_label(line, participants) or may_become_role(line) or _is_opening(line)


def _is_opening(line: str) -> bool:
    """Return whether `line` may become the opening fence of a code block."""
    bare = line.lstrip(" ")
    return bool(bare) and (not bare.strip("`") or not bare.strip("~"))
