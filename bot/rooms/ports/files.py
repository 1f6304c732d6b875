"""The port that opens the files that people attach. A protocol only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.utterance import Image, Utterance


class Files(Protocol):
    """Opens attached files for a mind."""

    async def open(
        self, utterances: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        """Return the utterances with their text files' contents, and the images, oldest first.

        Only the newest files are opened, up to a limit; each file's note tells the result. Never
        raises: a file that cannot be downloaded keeps only its name.
        """
        ...
