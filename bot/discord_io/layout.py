"""Cuts an answer into messages, with prefix lines, files and buttons. Makes no requests.

The first message gets a reply line if needed. A later message gets a line that links the previous
message of the answer if other messages are in between.
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
    """The layout of an answer.

    `worded` converts a text that a model or a person wrote to Discord's markup. `reply_line` is
    called once, for the first message; `further_line(message_id)` for a message that would be sent
    after message `message_id`. Both return "" when no line is needed.
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
        """Whether long code is sent as files; False if the bot may not send files here."""
        self._reply_line = reply_line
        self._further_line = further_line
        # Index of a message → its reply line or link line; "" or missing for none.
        self._lines: dict[int, str] = {}

    def above(self, header: str) -> str:
        """Return the prefix of the first message: the sender's `header` and the reply line."""
        if 0 not in self._lines:
            self._lines[0] = self._reply_line()
        return header + self._lines[0]

    def keep(self, index: int, line: str) -> None:
        """Set the line that message `index` already has in the channel; "" for none."""
        if index or 0 not in self._lines:
            self._lines[index] = line

    def expect(self, shown: Sequence[int]) -> None:
        """Prepare the line of a message that may be sent after `shown` (message ids in order)."""
        if shown:
            self._lines[len(shown)] = self._further_line(shown[-1])

    def parts(self, header: str, text: str, row: Row = ()) -> list[Part]:
        """Return the messages for a finished text; the last one gets the files and buttons."""
        letter = self._with_files(text)
        parts = self._cut(header, letter.text)
        if parts:
            parts[-1] = replace(parts[-1], files=letter.files, row=row)
        return parts

    def begun(self, header: str, text: str) -> list[Part]:
        """Return the messages for an unfinished text."""
        return self._cut(header, veiled(self._with_files(text).text))

    def _with_files(self, text: str) -> Letter:
        shown = self.worded(text)
        return enclosed(shown) if self.encloses else Letter(shown)

    def _cut(self, header: str, text: str) -> list[Part]:
        above = self.above(header)
        texts = split(text, LIMIT - len(above))
        parts = self._prefixed(header, texts)
        if any(len(part.content) > LIMIT for part in parts):
            longest = max(map(len, self._lines.values()))
            parts = self._prefixed(header, split(text, LIMIT - len(header) - longest))
        return parts

    def _prefixed(self, header: str, texts: Sequence[str]) -> list[Part]:
        lines = (header + self._lines.get(index, "") for index in range(len(texts)))
        return [Part(line + text) for line, text in zip(lines, texts, strict=True)]
