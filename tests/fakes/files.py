"""The twin in memory of `bot.discord_io.attachments.Attachments`: files by their address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.utterance import Attachment, Image, Utterance

LIMIT = 4


class MemoryFiles:
    """`Files`. `held` is what lies at an address: a picture or a text."""

    def __init__(self) -> None:
        self.held: dict[str, Image | str] = {}

    async def open(
        self, utterances: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        files = [file for one in reversed(utterances) for file in one.attachments]
        wanted = {kind: [f for f in files if self._kind(f) == kind][:LIMIT] for kind in ("i", "t")}
        images: list[Image] = []

        def described(file: Attachment) -> Attachment:
            content = self.held.get(file.url)
            if content is None:
                return replace(file, note="could not be loaded")
            if file not in wanted[self._kind(file)]:
                return replace(file, note="not opened")
            if isinstance(content, str):
                return replace(file, note="below", text=content)
            images.append(content)
            return replace(file, note=f"picture {len(images)}")

        opened = [
            replace(one, attachments=tuple(map(described, one.attachments))) for one in utterances
        ]
        return opened, tuple(images)

    def _kind(self, file: Attachment) -> str:
        return "t" if isinstance(self.held.get(file.url), str) else "i"
