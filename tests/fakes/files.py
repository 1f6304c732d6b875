"""The in-memory twin of `bot.discord_io.attachments.Attachments`: files by their URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.utterance import Attachment, Image, Utterance

LIMIT = 4


class MemoryFiles:
    """A `Files` over a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, Image | str] = {}
        """URL → image or text."""

    async def open(
        self, utterances: Sequence[Utterance]
    ) -> tuple[list[Utterance], tuple[Image, ...]]:
        newest_first = [file for said in reversed(utterances) for file in self._shown_by(said)]
        files = list(dict.fromkeys(newest_first))
        asked = self._shown_by(utterances[-1]) if utterances else []
        wanted = {kind: self._wanted(files, asked, kind) for kind in ("i", "t")}
        images: list[Image] = []
        numbers: dict[str, int] = {}

        def described(file: Attachment) -> Attachment:
            content = self.held.get(file.url)
            if content is None:
                return replace(file, note="could not be loaded")
            if file not in wanted[self._kind(file)]:
                return replace(file, note="not opened")
            if isinstance(content, str):
                return replace(file, note="below", text=content)
            if file.url not in numbers:
                images.append(content)
                numbers[file.url] = len(images)
            return replace(file, note=f"picture {numbers[file.url]}")

        opened = [
            replace(
                said,
                reply_to_files=tuple(map(described, said.reply_to_files)),
                attachments=tuple(map(described, said.attachments)),
            )
            for said in utterances
        ]
        return opened, tuple(images)

    def _shown_by(self, said: Utterance) -> list[Attachment]:
        return [*said.reply_to_files, *said.attachments]

    def _wanted(
        self, files: list[Attachment], asked: list[Attachment], kind: str
    ) -> list[Attachment]:
        first = [file for file in files if file in asked and self._kind(file) == kind]
        rest = [file for file in files if file not in asked and self._kind(file) == kind]
        return first + rest[: max(0, LIMIT - len(first))]

    def _kind(self, file: Attachment) -> str:
        return "t" if isinstance(self.held.get(file.url), str) else "i"
