"""`make chaos SEED=n`: break everything around a bot, and see whether each mention is answered."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos import plan, talk
from tests.chaos.check import WRONG
from tests.chaos.run import Outcome, Run


def main() -> int:
    """Run; exit status 0 only if nothing is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    parser.add_argument("--log", type=Path, help="write the bot's log there")
    options = parser.parse_args()
    shape, counts = (talk.SHORT, plan.SHORT) if options.short else (talk.Shape(), plan.LONG)
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        run = Run(
            Path(folder),
            seed=options.seed,
            shape=shape,
            counts=counts,
            tell=lambda line: _say(line + "\n"),
        )
        _say(f"seed {options.seed}: {shape.mentions} mentions over {shape.rooms} rooms and ")
        _say(f"{shape.characters} characters\n")
        try:
            outcome = asyncio.run(run.play())
        finally:
            if options.log is not None:
                run.write_log(options.log)
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
