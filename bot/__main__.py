"""The command line: `python -m bot [run | doctor | invite | login | healthcheck]`.

Owns arguments, exit statuses and signals; the bot itself is put together in `bot.app`.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any

from bot import settings as reader
from bot.ending import Deadline
from bot.errors import TroupeError
from bot.log import Redactor, set_up
from bot.settings import Settings
from bot.version import version

# sysexits.h: EX_CONFIG, “something was found in an unconfigured or misconfigured state”.
MISCONFIGURED = 78
MANY_FILES = 65_536


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    command = _parser().parse_args(argv)
    try:
        return int(command.run(reader.load(), *(getattr(command, "options", None) or ())))
    except TroupeError as error:
        print(f"troupe: {error}", file=sys.stderr)
        return MISCONFIGURED
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Characters for Discord, each with a mind of its own. "
        "Reads its settings from .env and the environment; README.md lists them.",
    )
    parser.add_argument("--version", action="version", version=f"troupe {version()}")
    parser.set_defaults(run=_run)
    commands = parser.add_subparsers(title="commands", metavar="command")
    for name, run, text in (
        ("run", _run, "run the bot (the default)"),
        ("doctor", _doctor, "check everything that the bot needs, with a fix for each fault"),
        ("invite", _invite, "print the link that invites the bot to a server"),
        ("login", _login, "log in to Codex with your ChatGPT account, in the browser"),
        ("healthcheck", _healthcheck, "ask the running bot whether it is well (for Docker)"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        if name == "login":
            command.add_argument(
                "options", nargs=argparse.REMAINDER, help="for `codex login`, e.g. --device-auth"
            )
        if name == "doctor":
            command.add_argument(
                "--offline",
                dest="options",
                action="store_const",
                const=("--offline",),
                help="leave out the questions to the model, which cost some tokens",
            )
    return parser


def _run(settings: Settings) -> int:
    settings.token()  # before anything is opened: without it nothing else matters
    redactor = _logging(settings)
    from bot.app import serve  # noqa: PLC0415 a second of imports that `--help` can do without

    return until_signalled(
        lambda stop: serve(settings, reader.parent_environment(), redactor, stop), Deadline()
    )


def _doctor(settings: Settings, *options: str) -> int:
    from bot.doctor.checks import everything  # noqa: PLC0415
    from bot.doctor.report import print_report  # noqa: PLC0415
    from bot.opening import codex_options  # noqa: PLC0415 as above

    # What is wrong stands in the report; the same on standard error would be said twice.
    set_up("CRITICAL", "text", Redactor())
    environment = reader.parent_environment()
    checks = everything(
        settings,
        environment,
        lambda folder: codex_options(settings, environment, folder),
        offline="--offline" in options,
    )
    return asyncio.run(print_report(checks, print))


def _invite(settings: Settings) -> int:
    from bot.discord_io.inspection import inspect  # noqa: PLC0415 as above
    from bot.discord_io.permissions import invite_url  # noqa: PLC0415

    report = asyncio.run(inspect(settings.token(), settings.discord_api_base))
    print(invite_url(report.application_id))
    return 0


def _login(settings: Settings, *options: str) -> int:
    from bot.codex.launch import find_binary  # noqa: PLC0415 as above

    environment = reader.parent_environment()
    binary = find_binary(settings.codex_bin, environment.get("PATH"))
    # In the person's own CODEX_HOME: the bot's home shares that login by a link.
    return subprocess.run([binary, "login", *options], check=False).returncode  # noqa: S603 our binary


def _healthcheck(settings: Settings) -> int:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.http_host, settings.http_host)  # noqa: S104 compared
    url = f"http://{host}:{settings.http_port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            print(answer.read().decode())
            return 0
    except urllib.error.HTTPError as error:
        print(error.read().decode(), file=sys.stderr)
    except OSError as error:
        print(f"{url} does not answer. Is the bot running? ({error})", file=sys.stderr)
    return 1


def until_signalled(
    work: Callable[[asyncio.Event], Coroutine[Any, Any, None]], deadline: Deadline
) -> int:
    """Run `work` until it ends or SIGTERM or SIGINT asks it to, by `deadline` then."""

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def end() -> None:
            stop.set()
            deadline.start(loop)

        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, end)
        _allow_many_files()
        await work(stop)

    try:
        asyncio.run(run())
    finally:
        # Not before: a loop that is closed waits for its threads, and those for nobody.
        deadline.cancel()
    return 0


def _allow_many_files() -> None:
    """As many open files as we may have: Codex holds a connection or two for each thread."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _logging(settings: Settings) -> Redactor:
    redactor = Redactor()
    for secret in settings.secrets():
        redactor.learn(secret)
    set_up(settings.log_level, settings.log_format, redactor)
    return redactor


if __name__ == "__main__":
    sys.exit(main())
