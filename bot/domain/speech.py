"""The speech of one turn while it is made: pieces, words on their way, the text of record.

Which of a model's words are its character's is in `bot.domain.speech_filter`.
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

# Ten messages. A model that does not end must not fill a channel.
SPEECH_LIMIT = 20_000
# A longer one does not go on: there is hardly room for more.
GOES_ON_UPTO = SPEECH_LIMIT - 500

# Shown, these are an empty message: Markdown around nothing, letters without a glyph.
_SEEN: Final = re.compile(
    r"[^\s*_~|`>\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)


class Speech:
    """The speech of one turn while it is made: settled pieces, and words still on their way.

    `limit` is how long it may be, in characters.
    """

    def __init__(self, character: Character, limit: int = SPEECH_LIMIT) -> None:
        self._limit = limit
        self._participants = Participants.of(character)
        self._settled: list[tuple[str, Spoken]] = []
        self._words: list[str] = []
        self._length = 0
        self._streaming = SpeechFilter(self._participants)

    def meet(self, talk: Iterable[Utterance]) -> None:
        """The model was told of those who spoke in `talk`; before its first word."""
        self._participants = self._participants.meeting(talk)
        self._streaming.participants = self._participants

    @property
    def people(self) -> Mapping[int, str]:
        """The people of whom the model was told, by their snowflakes."""
        return self._participants.people

    def add(self, words: str) -> None:
        """More words."""
        self._words.append(words)
        self._length += len(words)
        self._streaming.feed(words)

    def retract(self) -> None:
        """The words since the last settled piece are void."""
        self._words.clear()
        self._length = 0
        self._streaming = SpeechFilter(self._participants)

    def read(self, text: str) -> Spoken:
        """What of a piece is the character's: for `settle`, and changes nothing."""
        return spoken(text, self._participants)

    def settle(self, text: str, read: Spoken | None = None) -> None:
        """A piece is finished; its text of record replaces its words.

        `read` is what `read` gave for it, where that took too long to be done here.
        """
        self.retract()
        if text.strip() and not self.has_ended:
            self._settled.append((text.strip(), read or self.read(text)))

    def break_off(self) -> None:
        """The endpoint cut it: what its end might have become is not shown."""
        if self._settled and not self._words and not self.has_ended:
            text, _ = self._settled.pop()
            self.add(text)

    @property
    def length(self) -> int:
        """Characters that the model wrote."""
        return sum(len(text) for text, _ in self._settled) + self._length

    @property
    def is_full(self) -> bool:
        """Whether it is longer than anybody will read: the rest is not wanted."""
        return self.length > self._limit

    @property
    def has_ended(self) -> bool:
        """Whether all that follows would be words of others: the rest is not wanted."""
        return self._streaming.ended or any(piece.ended for _, piece in self._settled)

    @property
    def is_over(self) -> bool:
        """Whether nothing that follows is wanted."""
        return self.has_ended or self.is_full

    @property
    def was_cut(self) -> bool:
        """Whether the model wrote anything that is not said: its thread holds that."""
        return self.has_ended or any(text != piece.text for text, piece in self._settled)

    @property
    def is_skip(self) -> bool:
        """Whether it is nothing but a call of `skip` in words."""
        calls = [tool for _, piece in self._settled for tool in piece.calls]
        return bool(calls) and set(calls) == {SKIP} and not self.text()

    def so_far(self, *, newest: bool = False) -> str:
        """What can be shown already; empty while it might turn out to be a label.

        With `newest` to the last letter, where a long line else lags behind.
        """
        shown = self._streaming.shown(newest=newest)
        return _joined([*(piece.text for _, piece in self._settled), shown])

    def text(self) -> str:
        """The text of record; a speech that was cut off ends with a mark."""
        pieces = [piece.text for _, piece in self._settled]
        if self.has_ended or self.is_full:
            # What ended it was not settled.
            pieces.append(spoken("".join(self._words), self._participants).text)
        text = _joined(pieces)
        if not self.is_full or (self.has_ended and len(text) <= self._limit):
            return text
        cut = text[: self._limit]
        return marked(cut[: cut.rfind(" ") + 1 or None])


def _joined(pieces: Iterable[str]) -> str:
    """The pieces of one speech; empty when nobody would see anything."""
    text = "\n\n".join(piece for piece in pieces if piece.strip())
    return text if _SEEN.search(text) else ""
