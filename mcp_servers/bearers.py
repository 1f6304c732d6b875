"""Which app-server a bearer token belongs to. Owns the living tokens, in memory only.

A token opens the tools to one Codex process. It is made for that process, handed over in its
environment, and dies with it.
"""

from __future__ import annotations

import hmac
import secrets


class Bearers:
    """The tokens of living processes, by the process's own name for itself."""

    def __init__(self) -> None:
        self._processes: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Bearers of {len(self._processes)} processes>"

    def issue(self, process: str) -> str:
        """A new token for `process`: 256 random bits, safe in a header and in the environment."""
        bearer = secrets.token_urlsafe(32)
        self._processes[bearer] = process
        return bearer

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
