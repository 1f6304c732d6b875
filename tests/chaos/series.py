"""Runs one after another, each with a seed of its own: a line for each, a sum at the end.

What a failed one said is kept for whoever looks for the cause; of a good one nothing is.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.check import WRONG
from tests.chaos.plan import Kind
from tests.chaos.run import Outcome, Run
from tests.chaos.talk import Shape

# Of what is wrong in a run, so much stands in its line; all of it stands in its log.
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Form:
    """What all runs have in common: their size, and how often each kind of fault strikes."""

    shape: Shape
    counts: Mapping[Kind, int]


@dataclass(slots=True)
class Series:
    """What came of several runs. `wrong`: how many faults of each kind that `check` knows."""

    passed: int = 0
    failed: list[int] = field(default_factory=list)
    """Their seeds."""
    wrong: Counter[str] = field(default_factory=Counter)
    answered: int = 0

    def summary(self) -> str:
        """It in two lines."""
        runs = self.passed + len(self.failed)
        seeds = f"; failed: {' '.join(map(str, self.failed))}" if self.failed else ""
        kinds = ", ".join(f"{self.wrong[kind]} {kind.replace('_', ' ')}" for kind in WRONG)
        return f"{self.passed} of {runs} runs passed{seeds}\n{self.answered} answered, {kinds}"


def play_all(seeds: Iterable[int], form: Form, logs: Path, say: Callable[[str], None]) -> Series:
    """Play them; the logs of those that fail are written into the folder `logs`."""
    series = Series()
    for seed in seeds:
        told: list[str] = []
        with TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
            run = Run(
                Path(folder),
                seed=seed,
                shape=form.shape,
                counts=form.counts,
                tell=told.append,
            )
            try:
                outcome = asyncio.run(run.play())
            except Exception:  # noqa: BLE001 a run that cannot be played has failed, like another
                broken = traceback.format_exc()
                series.failed.append(seed)
                series.wrong["house"] += 1
                say(f"seed {seed}: FAILED, it could not be played: {broken.splitlines()[-1]}")
                _keep(run, logs, seed, [*told, broken])
                continue
        _count(series, seed, outcome)
        say(_line(seed, outcome))
        if outcome.verdict.faults:
            _keep(run, logs, seed, [*told, *outcome.verdict.faults])
            say(f"  its log is in {logs / str(seed)}.*")
    return series


def _count(series: Series, seed: int, outcome: Outcome) -> None:
    verdict = outcome.verdict
    series.answered += verdict.answered
    series.wrong.update({kind: len(getattr(verdict, kind)) for kind in WRONG})
    if verdict.faults:
        series.failed.append(seed)
    else:
        series.passed += 1


def _line(seed: int, outcome: Outcome) -> str:
    verdict, faults = outcome.verdict, outcome.verdict.faults
    told = f", {len(verdict.told)} told why not" if verdict.told else ""
    done = f"{outcome.seconds:.0f} s, {verdict.answered} answered{told}"
    if not faults:
        return f"seed {seed}: passed, {done}"
    more = f" (and {len(faults) - _SHOWN} more)" if len(faults) > _SHOWN else ""
    return f"seed {seed}: FAILED, {done}: {'; '.join(faults[:_SHOWN])}{more}"


def _keep(run: Run, logs: Path, seed: int, told: list[str]) -> None:
    logs.mkdir(parents=True, exist_ok=True)
    (logs / f"{seed}.faults").write_text("\n".join(told) + "\n")
    with contextlib.suppress(AttributeError):  # it failed before there was anything to tell of
        run.write_log(logs / f"{seed}.log")
