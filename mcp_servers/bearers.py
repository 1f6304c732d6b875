"""Which app-server a bearer token belongs to. Owns the valid tokens, in memory only.

A token opens the tools to one Codex process. The pool makes the token, passes it in the process's
environment, and revokes it when the process ends.
"""

from __future__ import annotations

import hmac


class Bearers:
    """The tokens of running processes, and the pool's name for each process."""

    def __init__(self) -> None:
        self._processes: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Bearers of {len(self._processes)} processes>"

    def admit(self, bearer: str, process: str) -> None:
        """Accept `bearer` as the token of `process`. The token must be random and long."""
        self._processes[bearer] = process

    def revoke(self, bearer: str) -> None:
        """Stop accepting `bearer`; an unknown token is no error."""
        self._processes.pop(bearer, None)

    def process(self, bearer: str) -> str | None:
        """Return the process that `bearer` belongs to; None for an unknown token.

        Every token is compared, each in constant time, so that the time taken reveals nothing.
        """
        given = bearer.encode(errors="replace")
        found: str | None = None
        for known, process in self._processes.items():
            if hmac.compare_digest(known.encode(), given):
                found = process
        return found
