"""Detects the encoding of text files and decodes them.

A byte order mark decides, else valid UTF-8, else charset-normalizer's guess by the letters. For a
file too short to tell, the likeliest encoding is taken: a letter can be wrong, but the text is only
displayed. Blocks for at most about 20 ms (measured: 64 KB of random bytes): call it in a thread.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

import charset_normalizer

# Byte order marks, longer ones first: UTF-32's begins with UTF-16's.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings that editors and systems used before UTF-8 (Windows still does); commonest first.
_LEGACY: Final = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp866", "cp932", "euc_jp", "gb18030", "big5"),
    *("cp949", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "iso8859_2"),
)
_FALLBACK: Final = "cp1252"
# Bytes from which the encoding of the whole file is guessed.
_SAMPLE: Final = 16 * 1024
# Control characters that mark a file as binary. ESC is allowed: many logs have terminal colours,
# which are removed later.
_BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BINARY_BYTES: Final = re.compile(_BINARY.pattern.encode())


def decoded(data: bytes, *, whole: bool) -> str | None:
    """Decode the file; None if it is not text. `whole` is False for a truncated file."""
    named = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    text = None
    for encoding in (named or _wide(data) or _switching(data), "utf-8"):
        if encoding is not None and text is None:
            text = _incrementally(data, encoding, whole=whole)
    if text is None and not named and _BINARY_BYTES.search(data) is None:
        text = _legacy(data, whole=whole)
    return None if text is None or _BINARY.search(text) else text


def _incrementally(data: bytes, encoding: str, *, whole: bool) -> str | None:
    """Decode, or return None; a truncated file may end in the middle of a character."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except UnicodeError:
        return None


def _wide(data: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark: in Latin text, every second byte is zero."""
    sample = data[:4_096]
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    few, many = len(sample) // 40, len(sample) // 5
    if second > many and first <= few:
        return "utf-16-le"
    return "utf-16-be" if first > many and second <= few else None


def _switching(data: bytes) -> str | None:
    """Detect ISO 2022-JP, which is ASCII with escape sequences before Japanese characters."""
    return "iso2022_jp" if b"\x1b$B" in data or b"\x1b$@" in data else None


def _legacy(data: bytes, *, whole: bool) -> str | None:
    if not whole and b"\n" in data:
        data = data[: data.rindex(b"\n") + 1]  # the last character may be truncated
    sample = data[:_SAMPLE]
    if b"\n" in sample and len(sample) < len(data):
        sample = sample[: sample.rindex(b"\n") + 1]
    best = charset_normalizer.from_bytes(sample, cp_isolation=list(_LEGACY)).best()
    for encoding in (best.encoding if best is not None else _FALLBACK, _FALLBACK):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
