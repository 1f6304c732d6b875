"""Splits chunks of bytes into lines, with a cap on the length of a line."""

from __future__ import annotations


class LineSplitter:
    """Splits a stream into lines of at most `limit` bytes; longer lines are dropped and counted.

    Linear in the number of bytes: a line that comes in many chunks is joined once, and only new
    bytes are searched for its end.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._head = bytearray()
        self._skipping = False
        self.dropped = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that `chunk` completes, without line ends and without empty lines."""
        first, *others = chunk.split(b"\n")
        self._extend(first)
        if not others:
            return []
        lines = [self._take()]
        for line in others[:-1]:
            if len(line) > self._limit:
                self.dropped += 1
            else:
                lines.append(line)
        self._extend(others[-1])
        return [line for line in lines if line]

    def rest(self) -> bytes:
        """Return the bytes after the last line end, for a stream that has ended."""
        return self._take()

    def _extend(self, part: bytes) -> None:
        if self._skipping:
            return
        if len(self._head) + len(part) > self._limit:
            self._head = bytearray()
            self._skipping = True
            self.dropped += 1
        else:
            self._head += part

    def _take(self) -> bytes:
        line, self._head = bytes(self._head), bytearray()
        self._skipping = False
        return line
