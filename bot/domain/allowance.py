"""How much of a room's talk one question may hold, in tokens, by the model's window.

The window also holds the persona, the tools, what the thread holds already and the answer, so a
quarter of it is for what is replayed and a quarter for the question.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.domain.tokens import clipped, estimate
from bot.domain.utterance import Attachment, Excerpt, Utterance

# Where nobody told the window: today's large models hold much more, and these are costs too.
HISTORY_TOKENS = 50_000
QUESTION_TOKENS = 20_000
# Codex sums up a thread of its own accord, and then keeps up to 20,000 tokens of what others said
# (measured with 0.163.0): a smaller window is full again at once, and each turn costs two requests.
# There the thread is begun anew with the newest talk instead.
_SUMMED_UP_FROM = 50_000
# The shares of the window at which either is done before the next question: the rest is for that, a
# quarter at most, and its answer.
_SUMMED_UP_AT = 0.6
_BEGUN_ANEW_AT = 0.55
# Where threads are begun anew in time, Codex does it only within a turn that calls many tools.
_LATE = 0.85
# Less talk than this tells nobody anything; a shorter question is none.
_LEAST_HISTORY = 64
_LEAST_QUESTION = 24
# A header: a name, a snowflake digit by digit, the time.
_HEADER = 40


@dataclass(frozen=True, slots=True)
class Allowance:
    """Tokens for the talk `history` that is told before, and for the `question` itself."""

    history: int = HISTORY_TOKENS
    question: int = QUESTION_TOKENS

    def less(self, used: Allowance) -> Allowance | None:
        """The next smaller one after `used` did not fit; None when there is none.

        The talk goes first, by halves; then the question stands alone, and is cut by halves.
        """
        if self.history and used.history:
            half = min(self.history, used.history) // 2
            return replace(self, history=half if half >= _LEAST_HISTORY else 0)
        half = min(self.question, used.question) // 2
        return Allowance(0, half) if half >= _LEAST_QUESTION else None


def of_window(window: int | None) -> Allowance:
    """What a model with that many tokens of context may be told."""
    if window is None:
        return Allowance()
    share = window // 4
    return Allowance(min(HISTORY_TOKENS, share), min(QUESTION_TOKENS, share))


def summed_up_at(window: int) -> int:
    """The tokens of a thread with which Codex is to sum it up, in a model of this window."""
    return int(window * (_SUMMED_UP_AT if window >= _SUMMED_UP_FROM else _LATE))


def is_outgrown(held: int, window: int | None) -> bool:
    """Whether a thread that holds so many tokens is begun anew before it is asked again."""
    return window is not None and window < _SUMMED_UP_FROM and held > window * _BEGUN_ANEW_AT


def cost(said: Utterance) -> int:
    """Tokens of one utterance, with its files and what stands above it."""
    files = sum(estimate(file.text or "") + _HEADER for file in said.attachments)
    quoted = sum(estimate(excerpt.text) + _HEADER for excerpt in said.excerpts)
    return estimate(said.text) + files + quoted + _HEADER


def newest_within(utterances: Sequence[Utterance], *, messages: int, tokens: int) -> int:
    """From which index on the utterances fit both; their number when not even the newest does."""
    used = 0
    for kept, said in enumerate(reversed(utterances), start=1):
        used += cost(said)
        if kept > messages or used > tokens:
            return len(utterances) - kept + 1
    return 0


def fitted(
    question: Sequence[Utterance], asked: Collection[int], *, messages: int, tokens: int
) -> tuple[Utterance, ...]:
    """What one question holds: the newest, and all that is asked, cut where it must be."""
    first = newest_within(question, messages=messages, tokens=tokens)
    kept = [
        said for at, said in enumerate(question) if at >= first or said.message_id in asked
    ] or list(question[-1:])
    if sum(map(cost, kept)) <= tokens:
        return tuple(kept)
    share = max(tokens // len(kept) - _HEADER, _LEAST_QUESTION)
    return tuple(_cut(said, share) for said in kept)


def _cut(said: Utterance, tokens: int) -> Utterance:
    """The words first; what is quoted, and then a file, gets what they leave."""
    text = clipped(said.text, tokens)
    left = tokens - estimate(text)
    excerpts: list[Excerpt] = []
    for excerpt in said.excerpts:
        quoted = clipped(excerpt.text, left)
        left -= estimate(quoted)
        excerpts.append(replace(excerpt, text=quoted))
    files: list[Attachment] = []
    for file in said.attachments:
        content = clipped(file.text, left) if file.text is not None else None
        left -= estimate(content or "")
        files.append(replace(file, text=content))
    return replace(said, text=text, excerpts=tuple(excerpts), attachments=tuple(files))
