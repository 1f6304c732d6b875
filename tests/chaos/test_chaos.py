"""The short form of a run of chaos; `make chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import plan, talk
from tests.chaos.__main__ import summary
from tests.chaos.run import Run

SEED = 11


@pytest.mark.timeout(180)
async def test_a_bot_around_which_everything_breaks_answers_each_mention_once(
    tmp_path: Path, openapi: Path | None
) -> None:
    told: list[str] = []
    run = Run(
        tmp_path,
        seed=SEED,
        shape=talk.SHORT,
        counts=plan.SHORT,
        tell=told.append,
        openapi=openapi,
    )
    outcome = await run.play()
    assert outcome.verdict.faults == [], "\n".join([*told, summary(outcome)])
    assert outcome.verdict.answered >= talk.SHORT.mentions // 2
    assert sum(outcome.done.values()) == sum(plan.SHORT.values())
