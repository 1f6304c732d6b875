"""How a gateway connection packs its messages: plain text, zlib-stream or zstd-stream."""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable
from typing import Any, Protocol


class Codec(Protocol):
    """Packs one message; text goes out as a text frame, bytes as a binary one."""

    def pack(self, text: str) -> str | bytes:
        """The frame to send."""
        ...


class Plain:
    """No compression."""

    def pack(self, text: str) -> str:
        """The text itself."""
        return text


class Zlib:
    """One zlib stream for the whole connection, flushed after each message."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(level=1)

    def pack(self, text: str) -> bytes:
        """A frame that ends in the sync marker 00 00 FF FF."""
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class Zstd:
    """One zstd stream for the whole connection, flushed after each message.

    A client asks for it only where it has zstd itself: from Python 3.14, or with `zstandard`.
    """

    def __init__(self) -> None:
        self._flushed = _zstd_stream()

    def pack(self, text: str) -> bytes:
        """A flushed block."""
        return self._flushed(text.encode())


def _zstd_stream() -> Callable[[bytes], bytes]:
    with contextlib.suppress(ImportError):
        standard: Any = importlib.import_module("compression.zstd")
        built_in = standard.ZstdCompressor(level=1)
        return lambda raw: bytes(built_in.compress(raw, mode=built_in.FLUSH_BLOCK))
    package: Any = importlib.import_module("zstandard")
    stream = package.ZstdCompressor(level=1).compressobj()
    block = package.COMPRESSOBJ_FLUSH_BLOCK
    return lambda raw: bytes(stream.compress(raw) + stream.flush(block))


def codec(asked: str | None) -> Codec:
    """The codec for the query's `compress`; ValueError for one that is not known here."""
    match asked:
        case None:
            return Plain()
        case "zlib-stream":
            return Zlib()
        case "zstd-stream":
            try:
                return Zstd()
            except ImportError as missing:
                raise ValueError("zstd-stream needs Python 3.14 or zstandard") from missing
        case _:
            raise ValueError(f"unknown compression {asked}")
