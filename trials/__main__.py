"""`make try-models`: holds conversations with real models through the whole bot."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bot.domain.model_profile import TranscriptStyle
from sandbox.bot_process import ROOT
from sandbox.discord import Limits
from sandbox.house import House
from sandbox.llama import EngineError, LlamaOptions
from tests.chaos.redis_server import RedisServer
from trials import endpoints, fetch, report
from trials.conversing import Played, Player
from trials.endpoints import Endpoint
from trials.judge import KINDS
from trials.packages import MODELS, Model
from trials.recorder import Recorder
from trials.report import Setup
from trials.talk import Conversation, conversations

REPORTS = fetch.CACHE / "reports"


def main() -> int:
    """Run the trials; return 1 if a room showed a fault or stopped answering."""
    args = _parser().parse_args()
    models = [model for model in MODELS if model.key in args.model]
    try:
        rows = asyncio.run(_run(args, models))
    except EngineError as error:
        print(f"trials: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    print("\n" + report.table(rows))
    return int(any(row[kind] != "0" for row in rows for kind in (*KINDS, "rooms dead")))


def _parser() -> argparse.ArgumentParser:
    keys = [model.key for model in MODELS]
    parser = argparse.ArgumentParser(
        prog="python -m trials",
        description="Scripted conversations of several people with two characters, through the "
        "whole bot, on real engines with real small models. Fetches and builds what it needs into "
        ".models/, once. Sends nothing beyond this machine but the fetching.",
    )
    parser.add_argument("--model", nargs="+", choices=keys, default=keys)
    parser.add_argument("--endpoint", nargs="+", choices=endpoints.KINDS, default=endpoints.KINDS)
    parser.add_argument(
        "--style",
        choices=("probed", *TranscriptStyle),
        default="probed",
        help="how talk is written for the model; probed: as the bot finds right",
    )
    parser.add_argument("--conversations", type=int, default=30, help="default 30")
    parser.add_argument("--window", type=int, default=4096, help="tokens; default 4096")
    parser.add_argument(
        "--at-once", type=int, default=1, help="bots that talk to the engine at once; default 1"
    )
    parser.add_argument(
        "--longest-answer", type=int, default=80, help="tokens of one answer; default 80"
    )
    return parser


async def _run(args: argparse.Namespace, models: Sequence[Model]) -> list[dict[str, str]]:
    here = asyncio.current_task()
    assert here is not None
    # Cancelling ends the engines and bots, and writes the report so far.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, here.cancel)
    program = await asyncio.to_thread(fetch.llama_server, _say)
    litellm = None
    if endpoints.LITELLM in args.endpoint:
        litellm = await asyncio.to_thread(fetch.litellm, _say)
    rows = []
    for model in models:
        options = LlamaOptions(
            program=program,
            model=await asyncio.to_thread(fetch.model, model, _say),
            alias=model.key,
            log=REPORTS / "llama-server.log",
            window=args.window,
            slots=4 * args.at_once,
            longest_answer=args.longest_answer,
        )
        for kind in args.endpoint:
            setup = Setup(model.key, kind, args.style, args.window)
            async with endpoints.endpoint(kind, options, litellm, dict(os.environ)) as reached:
                rows.append(await _try(setup, reached, args.conversations, args.at_once))
    return rows


async def _try(setup: Setup, reached: Endpoint, count: int, at_once: int) -> dict[str, str]:
    """Run `count` conversations, shared among `at_once` bots, and write the report."""
    played: list[Played] = []
    log: list[str] = []
    scripts = list(conversations(count))
    try:
        async with asyncio.TaskGroup() as bots:
            for n in range(at_once):
                bots.create_task(_converse(setup, reached, scripts[n::at_once], played, log))
    finally:
        file = report.write(REPORTS, setup, played, log)
    _say(f"{setup.name}: the account is in {file.relative_to(ROOT)}")
    return report.figures(setup, played)


async def _converse(
    setup: Setup,
    reached: Endpoint,
    share: Sequence[Conversation],
    played: list[Played],
    log: list[str],
) -> None:
    """Start a separate bot and play these conversations, one after another."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trials-")))
        if setup.style != "probed":
            (folder / "models.toml").write_text(f'["*"]\nstyle = "{setup.style}"\n')
        redis = await stack.enter_async_context(RedisServer(folder / "redis"))
        recorder = await stack.enter_async_context(Recorder(reached.base_url))
        house = House(
            folder,
            parent_env=dict(os.environ),
            limits=Limits.off(),
            on_line=log.append,
            settings={
                "REDIS_URL": redis.url,
                "CODEX_BASE_URL": recorder.base_url,
                "CODEX_API_KEY": reached.key,
                "CODEX_MODEL": setup.model,
                "CODEX_TOOLS": "auto",
                "CODEX_PROBE": "true",
            },
        )
        await stack.enter_async_context(house)
        await house.start_bot()
        player = Player(house, recorder, redis.unfinished)
        for conversation in share:
            played.append(await player.play(conversation))
            report.write(REPORTS, setup, played, log)  # a run is long: keep an interim report
            _say(f"{setup.name}: {conversation.title}{_wrong(played[-1])}")


def _wrong(played: Played) -> str:
    """Return a summary of the conversation's faults for the progress output."""
    kinds = Counter(fault.kind for turn in played.turns for fault in turn.faults)
    found = [f"{kind} {n}" for kind, n in kinds.items()] + [f"dead: {key}" for key in played.dead]
    return f": {', '.join(found)}" if found else ""


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
