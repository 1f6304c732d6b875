"""The speech of a running turn: settled pieces, streaming words, the text of record.

`bot.domain.speech_filter` separates the character's words from the rest of a model's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.domain.character import Character
from bot.domain.cut_answers import marked
from bot.domain.participants import Participants
from bot.domain.speech_filter import SpeechFilter, Spoken, spoken
from bot.domain.utterance import Utterance
from bot.domain.written_calls import SKIP

# Characters, ten messages: a model that never stops must not fill a channel.
SPEECH_LIMIT = 20_000
# Characters. A longer answer cannot be continued: it has hardly any room left.
GOES_ON_UPTO = SPEECH_LIMIT - 500

# Any visible character. Markdown alone and letters without a glyph render as an empty message.
_SEEN: Final = re.compile(
    r"[^\s*_~|`>\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)


class Speech:
    """Collects the speech of a running turn: settled pieces and streaming words.

    `limit` is its maximum length in characters.
    """

    def __init__(self, character: Character, limit: int = SPEECH_LIMIT) -> None:
        self._limit = limit
        self._participants = Participants.of(character)
        self._settled: list[tuple[str, Spoken]] = []
        self._words: list[str] = []
        self._length = 0
        self._streaming = SpeechFilter(self._participants)

    def meet(self, talk: Iterable[Utterance]) -> None:
        """Add the participants of `talk`, part of the prompt. Call before the first `add`."""
        self._participants = self._participants.meeting(talk)
        self._streaming.participants = self._participants

    @property
    def people(self) -> Mapping[int, str]:
        """Display names of the people in the prompt, by snowflake."""
        return self._participants.people

    def add(self, words: str) -> None:
        """Append streamed words."""
        self._words.append(words)
        self._length += len(words)
        self._streaming.feed(words)

    def retract(self) -> None:
        """Discard the words since the last settled piece."""
        self._words.clear()
        self._length = 0
        self._streaming = SpeechFilter(self._participants)

    def read(self, text: str) -> Spoken:
        """Return the character's words in a piece, for `settle`. Does not change the speech."""
        return spoken(text, self._participants)

    def settle(self, text: str, read: Spoken | None = None) -> None:
        """Replace the streamed words by the finished piece `text`.

        `read` is the result of `read(text)`, computed in advance if that takes long.
        """
        self.retract()
        if text.strip() and not self.has_ended:
            self._settled.append((text.strip(), read or self.read(text)))

    def break_off(self) -> None:
        """Treat the last piece as cut off by the endpoint: hide an end that may be half a label."""
        if self._settled and not self._words and not self.has_ended:
            text, _ = self._settled.pop()
            self.add(text)

    @property
    def length(self) -> int:
        """Number of characters that the model wrote."""
        return sum(len(text) for text, _ in self._settled) + self._length

    @property
    def is_full(self) -> bool:
        """Whether the speech exceeds its limit; further words are dropped."""
        return self.length > self._limit

    @property
    def has_ended(self) -> bool:
        """Whether the character's words have ended; further words are dropped."""
        return self._streaming.ended or any(piece.ended for _, piece in self._settled)

    @property
    def is_over(self) -> bool:
        """Whether any further words are dropped."""
        return self.has_ended or self.is_full

    @property
    def was_cut(self) -> bool:
        """Whether the model wrote text that is not shown but stays in its Codex thread."""
        return self.has_ended or any(text != piece.text for text, piece in self._settled)

    @property
    def is_skip(self) -> bool:
        """Whether the speech consists of nothing but a written call of `skip`."""
        calls = [tool for _, piece in self._settled for tool in piece.calls]
        return bool(calls) and set(calls) == {SKIP} and not self.text()

    def so_far(self, *, newest: bool = False) -> str:
        """Return the text that can be shown already; empty while it may still become a label.

        `newest`: up to the last character, even in a long line, which otherwise lags behind.
        """
        shown = self._streaming.shown(newest=newest)
        return _joined([*(piece.text for _, piece in self._settled), shown])

    def text(self) -> str:
        """Return the text of record; a speech over the limit ends with a mark."""
        pieces = [piece.text for _, piece in self._settled]
        if self.has_ended or self.is_full:
            # The piece that ended the speech was never settled.
            pieces.append(spoken("".join(self._words), self._participants).text)
        text = _joined(pieces)
        if not self.is_full or (self.has_ended and len(text) <= self._limit):
            return text
        cut = text[: self._limit]
        return marked(cut[: cut.rfind(" ") + 1 or None])


def _joined(pieces: Iterable[str]) -> str:
    """Join the pieces of a speech; empty if nothing in them is visible."""
    text = "\n\n".join(piece for piece in pieces if piece.strip())
    return text if _SEEN.search(text) else ""
