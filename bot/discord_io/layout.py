"""How an answer stands in messages: the lines above its words, its cuts, files and buttons.

No requests. The line above the first message says what is answered, where that is needed; one above
a later message leads back to the message before it, where other talk stands between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.discord_io.controls import Row
from bot.discord_io.parts import Part
from bot.domain.enclosing import Letter, enclosed
from bot.domain.inline import veiled
from bot.domain.splitting import LIMIT, split


class Layout:
    """The layout of one answer.

    `worded` is how a text that a model or a person wrote is shown. `reply_line` is asked once, for
    the first message, and `further_line(message_id)` for a message that would be sent behind that
    one; each is empty when no line is needed.
    """

    def __init__(
        self,
        *,
        worded: Callable[[str], str],
        reply_line: Callable[[], str],
        further_line: Callable[[int], str],
    ) -> None:
        self.worded = worded
        self.encloses = True
        """Long code goes out as files, unless the bot may not send any here."""
        self._reply_line = reply_line
        self._further_line = further_line
        # The first message's line is above the words; messages without one are left out.
        self._lines: dict[int, str] = {}

    def above(self, header: str) -> str:
        """What stands above the first words, below which a voice puts its `header`."""
        if 0 not in self._lines:
            self._lines[0] = self._reply_line()
        return header + self._lines[0]

    def keep(self, index: int, line: str) -> None:
        """Message `index` is shown with that line already, or without one."""
        if index or 0 not in self._lines:
            self._lines[index] = line

    def expect(self, shown: Sequence[int]) -> None:
        """Another message may be sent behind these (their ids, in order)."""
        if shown:
            self._lines[len(shown)] = self._further_line(shown[-1])

    def parts(self, header: str, text: str, row: Row = ()) -> list[Part]:
        """The messages for a whole `text`; files and buttons at the last."""
        letter = self._letter(text)
        parts = self._cut(header, letter.text)
        if parts:
            parts[-1] = replace(parts[-1], files=letter.files, row=row)
        return parts

    def begun(self, header: str, text: str) -> list[Part]:
        """The messages for a `text` that is still being written."""
        return self._cut(header, veiled(self._letter(text).text))

    def _letter(self, text: str) -> Letter:
        shown = self.worded(text)
        return enclosed(shown) if self.encloses else Letter(shown)

    def _cut(self, header: str, text: str) -> list[Part]:
        above = self.above(header)
        texts = split(text, LIMIT - len(above))
        parts = self._dressed(header, texts)
        if any(len(part.content) > LIMIT for part in parts):
            longest = max(map(len, self._lines.values()))
            parts = self._dressed(header, split(text, LIMIT - len(header) - longest))
        return parts

    def _dressed(self, header: str, texts: Sequence[str]) -> list[Part]:
        lines = (header + self._lines.get(index, "") for index in range(len(texts)))
        return [Part(line + text) for line, text in zip(lines, texts, strict=True)]
