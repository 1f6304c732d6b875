"""How much of a room's talk one prompt may contain, in tokens, given the model's context window.

The window also holds the persona, the tools, the Codex thread so far and the answer, so a quarter
of it goes to replayed history and a quarter to the question.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.domain.tokens import clipped, estimate
from bot.domain.utterance import Attachment, Excerpt, Utterance

# Defaults for an unknown window: today's large models hold much more, but every token costs money.
HISTORY_TOKENS = 50_000
QUESTION_TOKENS = 20_000
# Codex compacts a thread on its own and keeps up to 20,000 tokens of user messages (measured with
# 0.163.0): a smaller window would be full again at once, and each turn would cost two requests.
# For smaller windows the Codex thread is replaced by a new one with the newest talk instead.
_SUMMED_UP_FROM = 50_000
# Shares of the window at which a Codex thread is compacted or replaced before the next question:
# the rest is for that question, a quarter at most, and its answer.
_SUMMED_UP_AT = 0.6
_BEGUN_ANEW_AT = 0.55
# Where Codex threads are replaced in time, Codex compacts only in a turn that calls many tools.
_LATE = 0.85
# Tokens. Less history than this is useless; a shorter question makes no sense.
_LEAST_HISTORY = 64
_LEAST_QUESTION = 24
# A header: a name, a snowflake digit by digit, the time.
_HEADER = 40


@dataclass(frozen=True, slots=True)
class Allowance:
    """Token budget of one prompt."""

    history: int = HISTORY_TOKENS
    """Tokens for the replayed talk before the question."""
    question: int = QUESTION_TOKENS
    """Tokens for the question itself."""

    def less(self, used: Allowance) -> Allowance | None:
        """Return the next smaller allowance after `used` did not fit; None at the minimum.

        Halves the history first; once no history is left, halves the question.
        """
        if self.history and used.history:
            half = min(self.history, used.history) // 2
            return replace(self, history=half if half >= _LEAST_HISTORY else 0)
        half = min(self.question, used.question) // 2
        return Allowance(0, half) if half >= _LEAST_QUESTION else None


def of_window(window: int | None) -> Allowance:
    """Return the allowance for a model with a context of `window` tokens; None: unknown."""
    if window is None:
        return Allowance()
    share = window // 4
    return Allowance(min(HISTORY_TOKENS, share), min(QUESTION_TOKENS, share))


def summed_up_at(window: int) -> int:
    """Return the size (tokens) at which Codex compacts a Codex thread, for this window."""
    return int(window * (_SUMMED_UP_AT if window >= _SUMMED_UP_FROM else _LATE))


def is_outgrown(held: int, window: int | None) -> bool:
    """Return whether a Codex thread of `held` tokens must be replaced before its next question."""
    return window is not None and window < _SUMMED_UP_FROM and held > window * _BEGUN_ANEW_AT


def cost(said: Utterance) -> int:
    """Return the tokens of one utterance, including its header, files and excerpts."""
    files = sum(estimate(file.text or "") + _HEADER for file in said.attachments)
    quoted = sum(estimate(excerpt.text) + _HEADER for excerpt in said.excerpts)
    return estimate(said.text) + files + quoted + _HEADER


def newest_within(utterances: Sequence[Utterance], *, messages: int, tokens: int) -> int:
    """Return the first index from which the utterances fit both limits.

    `len(utterances)` if not even the newest fits.
    """
    used = 0
    for kept, said in enumerate(reversed(utterances), start=1):
        used += cost(said)
        if kept > messages or used > tokens:
            return len(utterances) - kept + 1
    return 0


def fitted(
    question: Sequence[Utterance], asked: Collection[int], *, messages: int, tokens: int
) -> tuple[Utterance, ...]:
    """Return the utterances of one question: the newest ones and all of `asked` (message ids).

    Shortens each of them if together they exceed `tokens`.
    """
    first = newest_within(question, messages=messages, tokens=tokens)
    kept = [
        said for at, said in enumerate(question) if at >= first or said.message_id in asked
    ] or list(question[-1:])
    if sum(map(cost, kept)) <= tokens:
        return tuple(kept)
    share = max(tokens // len(kept) - _HEADER, _LEAST_QUESTION)
    return tuple(_cut(said, share) for said in kept)


def _cut(said: Utterance, tokens: int) -> Utterance:
    """Clip `said` to `tokens`: the words first, then excerpts, then files share the rest."""
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
