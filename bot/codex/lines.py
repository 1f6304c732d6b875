"""Lines out of chunks of bytes. Owns the splitting and the cap on one line, nothing else."""

from __future__ import annotations


class LineSplitter:
    """Cuts a stream into lines of at most `limit` bytes; longer ones are dropped and counted.

    Costs what the bytes cost: a line that comes in many chunks is joined once, and only new
    bytes are searched for its end.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._head = bytearray()
        self._skipping = False
        self.dropped = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their line ends; empty ones are left out."""
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
        """What came after the last line end: the last word of a stream that has ended."""
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
