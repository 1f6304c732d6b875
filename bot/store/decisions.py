"""Each room's recent decisions and its budget, in Redis.

Implements `bot.rooms.decisions.why.DecisionStore` and `bot.rooms.decisions.budgets.BudgetStore`.
All keys expire once a room falls silent.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.domain.budget import LONGEST, Budget
from bot.domain.decision import Decision, SkipReason, Verdict
from bot.domain.turn import Reason
from bot.rooms.decisions.why import KEPT
from bot.store import keys
from bot.store.connection import Store
from bot.store.records import RecordError

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
# A budget older than `LONGEST` allows no answers, the same as a missing budget.
BUDGET_KEPT = LONGEST + timedelta(minutes=5)


class RedisDecisions:
    """The latest decisions of each room, and its budget."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def decisions(self, room_id: int) -> list[Decision]:
        """Return the room's latest decisions, newest first; unreadable records are skipped."""
        async with self._store.reached() as redis:
            rows: list[str] = await redis.lrange(keys.decisions(room_id), 0, KEPT - 1)
        found: list[Decision] = []
        for text in rows:
            try:
                found.append(decision_from_text(room_id, text))
            except RecordError:
                log.exception("skipping a decision in room %s: it cannot be read", room_id)
        return found

    async def keep_decision(self, decision: Decision) -> None:
        """Add a decision, and delete the oldest over the limit."""
        key = keys.decisions(decision.room_id)
        async with self._store.pipeline() as pipe:
            pipe.lpush(key, decision_to_text(decision))
            pipe.ltrim(key, 0, KEPT - 1)
            pipe.expire(key, KEPT_FOR)
            await pipe.execute()

    async def budget(self, room_id: int) -> Budget | None:
        """Return the room's budget; None when it is missing, expired or unreadable."""
        async with self._store.reached() as redis:
            text: str | None = await redis.get(keys.budget(room_id))
        try:
            return None if text is None else _budget(text)
        except (ValueError, TypeError, KeyError):
            log.exception("the budget of room %s cannot be read", room_id)
            return None

    async def keep_budget(self, room_id: int, budget: Budget) -> None:
        """Store the room's budget."""
        row = {"since": budget.since.isoformat(), "turns": budget.turns, "tokens": budget.tokens}
        async with self._store.reached() as redis:
            await redis.set(keys.budget(room_id), json.dumps(row), ex=BUDGET_KEPT)


def decision_to_text(decision: Decision) -> str:
    """Encode a decision as JSON, without the room, which the key names."""
    row = {
        "trigger": decision.trigger,
        "speaker": decision.speaker,
        "at": decision.at.isoformat(),
        **({"followed": True} if decision.followed else {}),
        "verdicts": [_verdict_to_row(verdict) for verdict in decision.verdicts],
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def decision_from_text(room_id: int, text: str) -> Decision:
    """Decode the output of `decision_to_text`. Raises `RecordError`."""
    try:
        row = json.loads(text)
        return Decision(
            room_id=room_id,
            trigger=int(row["trigger"]),
            speaker=str(row["speaker"]),
            at=datetime.fromisoformat(row["at"]),
            verdicts=tuple(_verdict(verdict) for verdict in row["verdicts"]),
            followed=bool(row.get("followed")),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"not a decision: {error!r}") from error


def _verdict_to_row(verdict: Verdict) -> dict[str, str]:
    """Encode a verdict without empty fields, as a room may have many characters."""
    optional = {
        "reason": verdict.reason and verdict.reason.value,
        "silence": verdict.silence and verdict.silence.value,
        "detail": verdict.detail,
    }
    filled = {name: value for name, value in optional.items() if value}
    return {"character": verdict.character, "name": verdict.name} | filled


def _verdict(row: Mapping[str, Any]) -> Verdict:
    reason, silence = row.get("reason"), row.get("silence")
    return Verdict(
        character=str(row["character"]),
        name=str(row["name"]),
        reason=None if reason is None else Reason(reason),
        silence=None if silence is None else SkipReason(silence),
        detail=str(row.get("detail", "")),
    )


def _budget(text: str) -> Budget:
    row = json.loads(text)
    return Budget(datetime.fromisoformat(row["since"]), int(row["turns"]), int(row["tokens"]))
