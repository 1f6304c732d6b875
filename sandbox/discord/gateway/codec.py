"""How a gateway connection packs its messages: plain text, zlib-stream or zstd-stream."""

from __future__ import annotations

import importlib
import zlib
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
    """One zstd stream for the whole connection, flushed after each message."""

    def __init__(self) -> None:
        # Not a dependency: a client asks for zstd only where it has the module itself.
        zstandard: Any = importlib.import_module("zstandard")
        self._stream = zstandard.ZstdCompressor(level=1).compressobj()
        self._flush_block = zstandard.COMPRESSOBJ_FLUSH_BLOCK

    def pack(self, text: str) -> bytes:
        """A flushed block."""
        return bytes(self._stream.compress(text.encode()) + self._stream.flush(self._flush_block))


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
                raise ValueError("zstd-stream needs the module zstandard") from missing
        case _:
            raise ValueError(f"unknown compression {asked}")
