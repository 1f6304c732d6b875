"""`make chaos SEED=n`: break everything around a bot, and see whether each mention is answered."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos import plan, talk
from tests.chaos.busy import BusyLoops
from tests.chaos.check import WRONG
from tests.chaos.run import Outcome, Run
from tests.chaos.series import Form, play_all

LOGS = Path(tempfile.gettempdir()) / "troupe-chaos"


def main() -> int:
    """Run; exit status 0 only if nothing is wrong."""
    options = _options()
    form = Form(talk.SHORT, plan.SHORT) if options.short else Form(talk.Shape(), plan.LONG)
    with BusyLoops(options.busy):
        if options.runs == 1:
            return _play_one(form, options.seed, options.log)
        seeds = range(options.seed, options.seed + options.runs)
        series = play_all(seeds, form, options.logs, lambda line: _say(line + "\n"))
    _say(series.summary() + "\n")
    return 1 if series.failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="N busy loops beside it")
    parser.add_argument(
        "--runs", type=int, default=1, metavar="N", help="N seeds one after another, from --seed on"
    )
    parser.add_argument("--log", type=Path, help="of one run: write the bot's log there")
    parser.add_argument(
        "--logs", type=Path, default=LOGS, help="of several: the folder for logs of failed ones"
    )
    return parser.parse_args()


def _play_one(form: Form, seed: int, log: Path | None) -> int:
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        run = Run(
            Path(folder),
            seed=seed,
            shape=form.shape,
            counts=form.counts,
            tell=lambda line: _say(line + "\n"),
        )
        shape = form.shape
        _say(f"seed {seed}: {shape.mentions} mentions over {shape.rooms} rooms and ")
        _say(f"{shape.characters} characters\n")
        try:
            outcome = asyncio.run(run.play())
        finally:
            if log is not None:
                run.write_log(log)
    _say("\n" + summary(outcome) + "\n")
    return 1 if outcome.verdict.faults else 0


def summary(outcome: Outcome) -> str:
    """The verdict in lines."""
    verdict = outcome.verdict
    lines = [f"{times:4} × {kind}" for kind, times in sorted(outcome.done.items())]
    lines += [
        f"{len(outcome.done)} kinds of faults, {outcome.bot_starts} starts of the bot",
        f"{outcome.seconds:.0f} s",
        f"answered {verdict.answered}",
        f"answers of characters to one another {verdict.called}",
        f"told why not {len(verdict.told)}",
        *(f"{kind.replace('_', ' ')} {len(getattr(verdict, kind))}" for kind in WRONG),
        "the bot’s memory: {:.0f} MB when warm, {:.0f} MB at the end".format(*outcome.memory),
        *(f"told: {one}" for one in verdict.told),
        *verdict.faults,
        "FAILED" if verdict.faults else "passed",
    ]
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
