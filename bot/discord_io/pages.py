"""A text as the messages that show it: worded for Discord, long code as files, cut, with buttons.

Owns which of that is done beside the loop: what a model or a person wrote can be of any form, and a
long text takes a tenth of a second to be read, for which nobody else would be answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

from bot.discord_io.controls import Row
from bot.discord_io.parts import Part
from bot.domain.enclosing import Letter, enclosed
from bot.domain.inline import veiled
from bot.domain.splitting import LIMIT, pieces, split
from bot.tasks import Aside

P = ParamSpec("P")
T = TypeVar("T")


class Pages:
    """The pages of one answer. `worded` is how a text that a model or a person wrote is shown."""

    def __init__(self, worded: Callable[[str], str], aside: Aside) -> None:
        self._worded = worded
        self._aside = aside
        self.encloses = True
        """Whether long code goes out as files; not where the bot may send none."""

    async def beginning(self, text: str, above: str) -> Part:
        """The first message for a `text` that is still being written, under the line `above`."""
        return await self._in_time(text, self._beginning, text, above)

    async def all(self, text: str, above: str, header: str, row: Row) -> list[Part]:
        """The messages for `text`: the first under the lines `above`, each other under `header`.

        Files and the buttons of `row` stand at the last.
        """
        return await self._in_time(text, self._all, text, above, header, row)

    async def worded(self, text: str) -> str:
        """`text` as it is shown, in one piece."""
        return await self._in_time(text, self._worded, text)

    async def _in_time(self, text: str, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        if len(text) <= LIMIT:
            return work(*args, **more)
        return await self._aside.run(work, *args, **more)

    def _beginning(self, text: str, above: str) -> Part:
        # What may follow far behind does not change where the first message ends, but for markup.
        shown = veiled(self._letter(text).text[: 2 * LIMIT])
        first = next(pieces(shown, LIMIT - len(above)), None)
        return Part(above + (first.text if first is not None else ""))

    def _all(self, text: str, above: str, header: str, row: Row) -> list[Part]:
        letter = self._letter(text)
        texts = split(letter.text, LIMIT - len(above))
        parts = [Part((header if index else above) + one) for index, one in enumerate(texts)]
        if parts:
            parts[-1] = replace(parts[-1], files=letter.files, row=row)
        return parts

    def _letter(self, text: str) -> Letter:
        shown = self._worded(text)
        return enclosed(shown) if self.encloses else Letter(shown)
