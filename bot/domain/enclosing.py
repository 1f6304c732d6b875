"""Moves parts of a long text into attached files. Owns the choice, file names and placeholders.

A code block that would fill several messages becomes a file of its language; a text that would fill
more messages than people read becomes a document, and its beginning becomes the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.fences import Block, blocks
from bot.domain.splitting import pieces

# Characters. A longer block would fill two messages.
BLOCK_LIMIT: Final = 3_500
# Characters, five messages: people scroll past more instead of reading.
TEXT_LIMIT: Final = 10_000
# Characters of a longer text that are shown, up to a good place to cut.
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
    """A file to attach to a message."""

    name: str
    """Made here, never taken from the text."""
    text: str

    @property
    def data(self) -> bytes:
        """The file's bytes, in UTF-8."""
        return self.text.encode()


@dataclass(frozen=True, slots=True)
class Letter:
    """A text to split into messages, and the files to attach."""

    text: str
    files: tuple[Enclosure, ...] = ()


def enclosed(text: str) -> Letter:
    """Return `text` with its overlong parts moved into files, a placeholder line for each."""
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
    """Return the line of small print that replaces the file's text."""
    return f"-# 📎 `{file.name}`\n"
