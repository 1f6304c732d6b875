"""The Codex that the bot is given: the real one, and now and then with its pipes spoilt.

A shell script becomes the real program, so that a signal meets Codex itself. When an order waits,
the next app-server is started through `spoiler.py` instead.
"""

from __future__ import annotations

import itertools
import shlex
import sys
from pathlib import Path

_SCRIPT = """\
#!/bin/bash
# Named like this script even when it has become Codex: the bot knows its own by their names.
if [ "${{1:-}}" = app-server ]; then
  for order in {orders}/*; do
    mine={taken}/$$
    if mv "$order" "$mine" 2>/dev/null; then
      exec {python} -I -S {spoiler} $(<"$mine") {codex} "$@"
    fi
  done
fi
exec -a "$0" {codex} "$@"
"""


class CodexProgram:
    """The script, written into `folder`. `path` is for CODEX_BIN."""

    def __init__(self, folder: Path, codex: Path) -> None:
        self._folder = folder
        self._orders = folder / "orders"
        taken = folder / "taken"
        for one in (self._orders, taken):
            one.mkdir(parents=True)
        self.path = folder / "codex"
        paths = {
            "orders": self._orders,
            "taken": taken,
            "python": Path(sys.executable),
            "spoiler": Path(__file__).with_name("spoiler.py"),
            "codex": codex,
        }
        quoted = {name: shlex.quote(str(path)) for name, path in paths.items()}
        self.path.write_text(_SCRIPT.format(**quoted))
        self.path.chmod(0o755)
        self._numbers = itertools.count(1)

    def spoil_next(self, kind: str, after: int) -> None:
        """Spoil the next app-server's pipes in this way after so many lines; see `spoiler`."""
        fresh = self._folder / "order"
        fresh.write_text(f"{kind} {after}")
        fresh.rename(self._orders / f"{next(self._numbers):04}")
