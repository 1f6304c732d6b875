"""Health endpoints: `/healthz` for orchestrators, `/health/codex` for dashboards.

Owns the shape of the answers. Probes and the pool's view decide what is healthy.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.web.views import FailedTurnView, PoolView, Probe

log = logging.getLogger(__name__)

NO_STORE = {"Cache-Control": "no-store"}
PROBLEM_LIMIT = 300


def problems_of(probes: Mapping[str, Probe], redact: Callable[[str], str]) -> dict[str, str]:
    """Return part → problem, empty if there is none. A probe that raises counts as a problem."""
    found: dict[str, str] = {}
    for name, probe in probes.items():
        try:
            problem = probe()
        except Exception:
            log.exception("the health probe of %s failed", name)
            problem = "its health cannot be told; see the log"
        if problem is not None:
            found[name] = redact(problem)[:PROBLEM_LIMIT]
    return found


class Health:
    """The handlers of both endpoints."""

    def __init__(
        self,
        problems: Callable[[], dict[str, str]],
        pool: Callable[[], PoolView],
        failed_turn: Callable[[], FailedTurnView | None],
    ) -> None:
        self._problems = problems
        self._pool = pool
        self._failed_turn = failed_turn

    async def healthz(self, request: Request) -> JSONResponse:  # noqa: ARG002 Starlette's signature
        """Answer 200 `{"status": "ok"}` or 503 `{"status": "unavailable", "problems": {…}}`.

        `problems` maps a part to a line of text. Both have `last_failed_turn` if no turn has
        succeeded since: a single failed turn is no reason to restart the bot.
        """
        problems, more = self._problems(), self._last_failed_turn()
        if not problems:
            return JSONResponse({"status": "ok", **more}, headers=NO_STORE)
        return JSONResponse(
            {"status": "unavailable", "problems": problems, **more},
            status_code=503,
            headers=NO_STORE,
        )

    async def codex(self, request: Request) -> JSONResponse:  # noqa: ARG002 Starlette's signature
        """Answer with the pool's numbers. Always 200: a degraded pool still serves."""
        pool = self._pool()
        return JSONResponse(
            {
                "status": pool.status,
                "active_instances": pool.active,
                "healthy_instances": pool.healthy,
                "busy_instances": pool.busy,
                "total_threads": pool.threads,
                "max_instances": pool.max_instances,
                "queued_turns": pool.queued,
                "draining": pool.draining,
                **self._last_failed_turn(),
            },
            headers=NO_STORE,
        )

    def _last_failed_turn(self) -> dict[str, object]:
        failed = self._failed_turn()
        if failed is None:
            return {}
        at = failed.at.isoformat(timespec="seconds")
        return {"last_failed_turn": {"reason": failed.reason, "text": failed.text, "at": at}}
