"""Which app-server a bearer token belongs to. Owns the living tokens, in memory only.

A token opens the tools to one Codex process. The pool makes it for that process and hands it
over in its environment; it dies with the process.
"""

from __future__ import annotations

import hmac


class Bearers:
    """The tokens of living processes, by the process's own name for itself."""

    def __init__(self) -> None:
        self._processes: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Bearers of {len(self._processes)} processes>"

    def admit(self, bearer: str, process: str) -> None:
        """From now on `bearer` is the token of `process`. It must be random and long."""
        self._processes[bearer] = process

    def revoke(self, bearer: str) -> None:
        """Open nothing for `bearer` any more. An unknown one is no error."""
        self._processes.pop(bearer, None)

    def process(self, bearer: str) -> str | None:
        """Whose token this is; None for a stranger's.

        Every token is compared, each in constant time: how long it takes tells nothing.
        """
        given = bearer.encode(errors="replace")
        found: str | None = None
        for known, process in self._processes.items():
            if hmac.compare_digest(known.encode(), given):
                found = process
        return found
