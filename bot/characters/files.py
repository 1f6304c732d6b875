"""Reads the files of a character's folder, within size limits and never outside the folder.

Owns the size limit and the format detection of pictures; every error is a `CharacterError`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from bot.domain.character import Picture
from bot.errors import CharacterError

# Avatars are uploaded as application emojis, for which this is Discord's limit.
PICTURE_LIMIT = 256 * 1024

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def picture_in(path: Path, folder: Path) -> Picture:
    """Read a picture. Raises `CharacterError` when the file is not a picture, or too large."""
    data = _bytes_in(path, folder, PICTURE_LIMIT)
    content_type = _content_type(data)
    if content_type is None:
        raise CharacterError(path.name, "not a picture in PNG, JPEG, GIF or WebP format")
    return Picture(path, content_type, hashlib.sha256(data).hexdigest())


def _content_type(data: bytes) -> str | None:
    """Detect the format by the first bytes, since a file's extension may be wrong."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _PICTURES if data.startswith(magic)), None)


def text_in(path: Path, folder: Path, limit: int) -> str:
    """Read a UTF-8 text of at most `limit` bytes. Raises `CharacterError` with the line."""
    data = _bytes_in(path, folder, limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CharacterError(
            str(path), "this is not UTF-8 text: save the file with the encoding UTF-8", line
        ) from error


def _bytes_in(path: Path, folder: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes that lies in `folder` after following links."""
    try:
        real = path.resolve()
        if not real.is_relative_to(folder.resolve()):
            raise CharacterError(str(path), "the file lies outside the character's folder")
        if not real.is_file():
            raise CharacterError(str(path), "there is no such file")
        with real.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError, RuntimeError) as error:
        raise CharacterError(str(path), f"the file cannot be read: {error}") from error
    if len(data) > limit:
        raise CharacterError(str(path), f"the file is larger than {limit // 1024} KiB")
    return data
