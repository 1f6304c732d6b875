"""What of a long text reads better as a file beside it. Owns the choice, the names and the marks.

A block of code that would fill several messages becomes a file of its language; a text that would
fill more messages than people read becomes a document, with its beginning as the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.fences import Block, blocks
from bot.domain.splitting import pieces

# Characters. A block longer than this would fill two messages and a half.
BLOCK_LIMIT: Final = 3_500
# Five messages; with more, people scroll instead of reading.
TEXT_LIMIT: Final = 10_000
# So much of such a text is shown, as far as a good place to cut.
BEGINNING: Final = 1_500
# Discord's limit for the files of one message.
FILES_LIMIT: Final = 10

_EXTENSIONS: Final = {
    "bash": "sh",
    "sh": "sh",
    "shell": "sh",
    "zsh": "sh",
    "c": "c",
    "cpp": "cpp",
    "c++": "cpp",
    "cs": "cs",
    "csharp": "cs",
    "css": "css",
    "csv": "csv",
    "diff": "diff",
    "go": "go",
    "html": "html",
    "ini": "ini",
    "java": "java",
    "javascript": "js",
    "js": "js",
    "json": "json",
    "kotlin": "kt",
    "lua": "lua",
    "markdown": "md",
    "md": "md",
    "php": "php",
    "py": "py",
    "python": "py",
    "rb": "rb",
    "ruby": "rb",
    "rs": "rs",
    "rust": "rs",
    "sql": "sql",
    "swift": "swift",
    "toml": "toml",
    "ts": "ts",
    "typescript": "ts",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file beside a text. `name` is made here, never taken from the text."""

    name: str
    text: str

    @property
    def data(self) -> bytes:
        """What is sent."""
        return self.text.encode()


@dataclass(frozen=True, slots=True)
class Letter:
    """A text to be split into messages, and the files that go with it."""

    text: str
    files: tuple[Enclosure, ...] = ()


def enclosed(text: str) -> Letter:
    """`text` with what is too long for messages taken out into files, a mark in its place."""
    letter = _without_blocks(text)
    return letter if len(letter.text) <= TEXT_LIMIT else _beginning(text)


def _without_blocks(text: str) -> Letter:
    files: list[Enclosure] = []
    kept: list[str] = []
    start = 0
    for block in blocks(text):
        if len(code := block.code(text)) <= BLOCK_LIMIT or len(files) == FILES_LIMIT:
            continue
        files.append(Enclosure(_name(block, len(files)), code))
        kept += [text[start : block.start], _mark(files[-1])]
        start = block.end
    return Letter("".join([*kept, text[start:]]).strip(), tuple(files))


def _beginning(text: str) -> Letter:
    whole = Enclosure("whole.md", text)
    first = next(pieces(text, BEGINNING)).text.rstrip()
    return Letter(f"{first}\n\n{_mark(whole)}".strip(), (whole,))


def _name(block: Block, number: int) -> str:
    extension = _EXTENSIONS.get(block.fence.language.casefold(), "txt")
    return f"code-{number + 1}.{extension}" if number else f"code.{extension}"


def _mark(file: Enclosure) -> str:
    """A line of small print that stands where the file's text stood."""
    return f"-# 📎 `{file.name}`\n"
