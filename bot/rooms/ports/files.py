"""What opens the files that people attach. A protocol only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.utterance import Image, Utterance


class Files(Protocol):
    """What people attach, opened for a mind."""

    async def open(
        self, utterances: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        """The utterances with what their text files hold, and their pictures, oldest first.

        Each file's note says what came of it; a bounded number is opened, the newest ones. A file
        never raises: one that cannot be had is named, as before.
        """
        ...
