"""A program between the bot and one app-server, which spoils what it passes on.

`spoiler.py KIND AFTER PROGRAM ARGUMENT…`: after AFTER lines of PROGRAM's output it does KIND:

    eof-out   end our stdout, and live on
    eof-in    end the program's stdin
    garbage   say what is no message of the protocol, whole lines of it, between the real ones
    torn      put half a line before a real one, which spoils that one too

Everything else passes unchanged. Needs the standard library only; it ends with its own stdin.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import IO

GARBAGE = (
    b"\x00\xff\xfe not text at all \x80\n",
    b"null\n",
    b"[1, 2, 3]\n",
    b'{"method": 7, "params": "none"}\n',
    b'{"method": "turn/unheard-of", "params": {"threadId": "nobody"}}\n',
    b'{"id": 999999, "result": {}}\n',
    b'{"id": "x", "method": "somebody/wantsToKnow", "params": {}}\n',
    b"{" * 10_000 + b"\n",
    b"x" * 300_000 + b"\n",
)
_HALF = b'{"method": "item/agentMessage/delta", "params": {"del'


def pass_in(source: IO[bytes], program: IO[bytes]) -> None:
    """What the bot says, until it ends; then the program's input ends too."""
    try:
        while data := os.read(source.fileno(), 65_536):
            program.write(data)
            program.flush()
    except (OSError, ValueError):
        pass  # the program, or its input, is gone
    with contextlib.suppress(OSError):
        program.close()


def pass_out(kind: str, after: int, child: subprocess.Popen[bytes]) -> None:
    """What the program says, spoilt."""
    assert child.stdout is not None
    assert child.stdin is not None
    for count, line in enumerate(child.stdout):
        if count == after:
            if kind == "eof-out":
                os.close(1)
                break
            if kind == "eof-in":
                child.stdin.close()
            if kind == "torn":
                os.write(1, _HALF)
        if kind == "garbage" and count >= after and count % 3 == 0:
            os.write(1, GARBAGE[(count - after) // 3 % len(GARBAGE)])
        _write(line)
    for _ in child.stdout:
        pass  # it must not block on a full pipe


def main() -> None:
    """Run the program, and end as it did."""
    kind, after, *argv = sys.argv[1:]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        feeder = threading.Thread(target=pass_in, args=(sys.stdin.buffer, child.stdin), daemon=True)
        feeder.start()
        with contextlib.suppress(OSError):  # the bot may listen no more
            pass_out(kind, int(after), child)
        status = child.wait()
    # Not `sys.exit`: the feeder may still hold our stdin, and would be waited for.
    os._exit(status & 0xFF)


def _write(line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    main()
