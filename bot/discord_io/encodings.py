"""Text files as people's editors write them. Owns which encoding the bytes of a file are in.

A mark at the beginning says it, or the bytes are UTF-8, or charset-normalizer tells by which
letters they make. A file too short to tell is read as its likeliest encoding says: it can be wrong
about a single letter, and is never read for anything but to be shown. Blocking for some 20 ms at
most (measured: 64 KB of random bytes): call it in a thread.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

import charset_normalizer

# The longer ones first: UTF-32's begins with UTF-16's.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What editors and systems wrote before UTF-8, and Windows still does; the commonest first.
_LEGACY: Final = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp866", "cp932", "euc_jp", "gb18030", "big5"),
    *("cp949", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "iso8859_2"),
)
_FALLBACK: Final = "cp1252"
# Bytes that the guess is made from; the rest follows it.
_SAMPLE: Final = 16 * 1024
# A text has none of these; the terminal's escape is in many logs and is taken out later.
_BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BINARY_BYTES: Final = re.compile(_BINARY.pattern.encode())


def decoded(data: bytes, *, whole: bool) -> str | None:
    """What the file says; None when it is no text. `whole`: it was not cut at its end."""
    named = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    text = None
    for encoding in (named or _wide(data) or _switching(data), "utf-8"):
        if encoding is not None and text is None:
            text = _incrementally(data, encoding, whole=whole)
    if text is None and not named and _BINARY_BYTES.search(data) is None:
        text = _legacy(data, whole=whole)
    return None if text is None or _BINARY.search(text) else text


def _incrementally(data: bytes, encoding: str, *, whole: bool) -> str | None:
    """A letter that was cut in half at the end is no fault of the file's."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except UnicodeError:
        return None


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark, told by the zeros in each second byte of Latin letters."""
    sample = data[:4_096]
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    few, many = len(sample) // 40, len(sample) // 5
    if second > many and first <= few:
        return "utf-16-le"
    return "utf-16-be" if first > many and second <= few else None


def _switching(data: bytes) -> str | None:
    """ISO 2022, which says by escape sequences that Japanese letters begin: else it is ASCII."""
    return "iso2022_jp" if b"\x1b$B" in data or b"\x1b$@" in data else None


def _legacy(data: bytes, *, whole: bool) -> str | None:
    if not whole and b"\n" in data:
        data = data[: data.rindex(b"\n") + 1]  # the last letter may be cut
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
