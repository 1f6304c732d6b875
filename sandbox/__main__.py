"""`python -m sandbox`: the demo's command line. Owns arguments, words for people and signals."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from dotenv import dotenv_values

from sandbox.demo import OF_REAL_MODEL, Demo, Options, opened
from sandbox.llama import EngineError, LlamaOptions
from sandbox.local_model import NONE_FOUND, Running, fetched, running

PORT = 8643

_TRY = """\
What to try:
  - In #tavern, type /summon and choose Mira. Then write: @Mira good evening!
  - Reply to one of her messages; ask for a roll of 2d6+1, or for a long story.
  - Type /cast, and /pool stats. Switch to Ben at the lower left: he may do less."""

_REAL = "your own account or endpoint (it may cost)."
_SCRIPTED = """\
scripted and does not understand what you write. A real one: log in once by `make login`
(or set CODEX_BASE_URL, CODEX_API_KEY and CODEX_MODEL), then `make demo ARGS=--real-model`.
Without an account: `make demo ARGS=--local-model`, with Ollama or llama.cpp on this machine."""


def main() -> int:
    """Run the demo until Ctrl-C; gives the exit status."""
    asked = _parser().parse_args()
    status = _carry_out(asked)
    return 0 if asked.quiet_status else status


def _carry_out(asked: argparse.Namespace) -> int:
    options = Options(asked.port, asked.data_dir, asked.real_model, _parent(asked.real_model))
    try:
        if asked.local_model:
            options = replace(options, local=asyncio.run(_local(options)))
        asyncio.run(_run(options))
    except EngineError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"sandbox: {_words(error, options)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A Discord, a model and the whole bot on this machine, with a page to talk to "
        "them. Needs no account, no key and no internet. Ends on Ctrl-C.",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=PORT,
        help=f"port of the page (default {PORT}; 0: any free one)",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=Path("data/demo"),
        help="where the bot keeps its data (default ./data/demo)",
    )
    parser.add_argument(
        "--quiet-status",
        action="store_true",
        help="end with status 0 also where a fault was told: for make, which would print an error "
        "of its own",
    )
    minds = parser.add_mutually_exclusive_group()
    minds.add_argument(
        "--local-model",
        action="store_true",
        help="let the characters think with Ollama or llama.cpp where it runs on this machine, or "
        "with what `make try-models` fetched; CODEX_MODEL chooses one of its models",
    )
    minds.add_argument(
        "--real-model",
        action="store_true",
        help="let Codex use your own account (codex login) or CODEX_BASE_URL, CODEX_API_KEY and "
        "CODEX_MODEL, from the environment or .env, instead of the scripted model",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _parent(real_model: bool) -> dict[str, str]:
    """The values that may be passed on to the bot: `.env` only for the real model's."""
    file = Path(".env")
    known = dotenv_values(file) if real_model and file.is_file() else {}
    chosen = {name: value for name in OF_REAL_MODEL if (value := known.get(name))}
    return chosen | dict(os.environ)  # noqa: TID251 an allow-list of it goes to the bot, unread here


async def _local(options: Options) -> Running | LlamaOptions:
    """A model on this machine. Raises `EngineError` in words for people where there is none."""
    found = await running(options.parent.get("CODEX_MODEL"))
    log = options.data_dir / "llama-server.log"
    start = found or fetched(log, options.parent.get("PATH"))
    if start is None:
        raise EngineError(NONE_FOUND)
    return start


async def _run(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, stop.set)
    async with opened(options, tell=_say) as demo:
        _greet(demo, _about(options))
        await stop.wait()
        _say("\nStopping. What is being said is finished, if that takes no more than four seconds.")
    _say("Stopped. The sandbox has forgotten everything that was said.")


def _about(options: Options) -> str:
    match options.local:
        case Running(about=about):
            return f"{about}. It understands as much as it can."
        case LlamaOptions(alias=alias):
            return f"{alias}, on this machine: small, so it forgets and makes things up."
        case None:
            return _REAL if options.real_model else _SCRIPTED


def _greet(demo: Demo, model: str) -> None:
    _say(f"\nThe Crossroads is open:  {demo.address}\n")
    _say(_TRY)
    _say(f"\nThe model is {model}\n\nEnd with Ctrl-C.\n\nThe bot's log follows.\n")


def _say(line: str) -> None:
    print(line, flush=True)


def _words(error: OSError, options: Options) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {options.port} is taken, perhaps by another sandbox. "
            'Choose another one: make demo ARGS="--port 0"'
        )
    if isinstance(error, BlockingIOError):
        return (
            f"another sandbox runs in {options.data_dir}: open its page, or give this one a folder "
            'and a port of its own: make demo ARGS="--port 0 --data-dir data/second"'
        )
    if error.errno in (errno.EACCES, errno.EPERM) and 0 < options.port < 1024:
        return f"port {options.port} is not open to you: choose one above 1023."
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
