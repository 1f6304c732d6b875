"""The command line: `troupe [run | doctor | invite | login | healthcheck]`, or `python -m bot …`.

Owns arguments, exit statuses and signals; `bot.runtime.app` wires the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import resource
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bot import settings as reader
from bot.command_line import command as command_here
from bot.errors import TroupeError
from bot.log import Redactor, set_up
from bot.settings import Settings
from bot.shutdown_watchdog import Deadline
from bot.version import version

# sysexits.h: EX_CONFIG, “something was found in an unconfigured or misconfigured state”.
MISCONFIGURED = 78
# Limit on open files that the bot asks for.
MANY_FILES = 65_536
# Exit statuses already explained to the person: a fault found by doctor, bad settings, Ctrl-C.
TOLD = frozenset({1, MISCONFIGURED, 130})

_ABOUT = """\
Characters for Discord, each with a name, a face and a mind of its own.

Settings come from the environment and from the file .env in the working folder; README.md lists
them. Only DISCORD_TOKEN is needed."""
_FIRST_STEPS = f"""\
the first time:
  {command_here("login")}
  {command_here("doctor")}
  {command_here("run")}
  {command_here("invite")}  (while it runs)"""
_OTHER_WAYS = (
    "The account may have to allow codes first (ChatGPT → Settings → Security). Other ways: "
    f"`{command_here('login', '--with-api-key')}`, or CODEX_BASE_URL, CODEX_API_KEY and "
    "CODEX_MODEL in .env."
)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit status."""
    args = _parser().parse_args(argv)
    try:
        status = int(args.carry_out(args))
    except TroupeError as error:
        print(f"troupe: {error}", file=sys.stderr)
        status = MISCONFIGURED
    except KeyboardInterrupt:
        status = 130
    return 0 if args.quiet_status and status in TOLD else status


def _parser() -> argparse.ArgumentParser:
    started_as = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        prog="troupe" if started_as == "troupe" else "python -m bot",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=_ABOUT,
        epilog=_FIRST_STEPS,
    )
    parser.add_argument("--version", action="version", version=f"troupe {version()}")
    parser.add_argument(
        "--quiet-status",
        action="store_true",
        help="end with status 0 also where a fault was found and told: for make, which would print "
        "an error of its own",
    )
    parser.set_defaults(carry_out=_run, wait=False)
    commands = parser.add_subparsers(title="commands", metavar="command")
    for name, carry_out, text in (
        ("run", _run, "run the bot (this happens without a command, too)"),
        ("doctor", _doctor, "check everything that the bot needs, with a fix for each fault"),
        ("login", _login, "log in to Codex: in the browser, by a code, or with an API key"),
        ("invite", _invite, "print the link that invites the bot to a server"),
        ("healthcheck", _healthcheck, "ask the running bot whether it is well (for Docker)"),
    ):
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(carry_out=carry_out)
        if name == "run":
            command.add_argument(
                "--wait",
                action="store_true",
                help="wait, instead of ending, until what keeps the bot from starting is mended "
                "(for containers, which are started again whatever ended them)",
            )
        if name == "login":
            _add_login_options(command)
        if name == "doctor":
            command.add_argument(
                "--offline",
                action="store_true",
                help="leave out the questions to the model, which cost some tokens",
            )
    return parser


def _add_login_options(command: argparse.ArgumentParser) -> None:
    ways = command.add_mutually_exclusive_group()
    for flag, text in (
        ("--browser", "log in by this machine's browser (the default where it has a screen)"),
        ("--device-auth", "show a code to enter in any browser (the default without a screen)"),
        ("--with-api-key", "use an OpenAI API key: asked for, or read from standard input"),
        ("--status", "say who is logged in, and change nothing"),
    ):
        ways.add_argument(flag, action="store_true", help=text)


def _run(args: argparse.Namespace) -> int:
    if args.wait:
        return _run_or_wait()
    settings = reader.load()
    settings.token()  # fail before anything is opened
    redactor = _logging(settings, Redactor())
    from bot.runtime.app import serve  # noqa: PLC0415 takes a second to import, which `--help` can spare

    return until_signalled(
        lambda stop: serve(settings, reader.parent_environment(), redactor, stop), Deadline()
    )


def _run_or_wait() -> int:
    redactor = Redactor()
    set_up("INFO", "text", redactor)  # until readable settings override it
    from bot.runtime.app import serve  # noqa: PLC0415 as above
    from bot.runtime.standby import Standby  # noqa: PLC0415

    environment = reader.parent_environment()

    async def run(stop: asyncio.Event) -> None:
        async def start(settings: Settings) -> None:
            await serve(settings, environment, _logging(settings, redactor), stop)

        await Standby(reader.load, start, environment, redactor.cut).run(stop)

    return until_signalled(run, Deadline())


def _doctor(args: argparse.Namespace) -> int:
    from bot.runtime.bootstrap import codex_options  # noqa: PLC0415 as above
    from bot.runtime.doctor.checks import everything  # noqa: PLC0415
    from bot.runtime.doctor.report import print_report  # noqa: PLC0415

    # The report has every fault: do not log them to standard error as well.
    set_up("CRITICAL", "text", Redactor())
    settings, environment = reader.load(), reader.parent_environment()
    checks = everything(
        settings,
        environment,
        lambda folder: codex_options(settings, environment, folder),
        offline=args.offline,
    )
    return asyncio.run(print_report(checks, print))


def _invite(_: argparse.Namespace) -> int:
    from bot.discord_io.inspection import inspect  # noqa: PLC0415 as above
    from bot.discord_io.permissions import invite_url  # noqa: PLC0415

    settings = reader.load()
    report = asyncio.run(inspect(settings.token(), settings.discord_api_base))
    print(invite_url(report.application_id))
    return 0


def _login(args: argparse.Namespace) -> int:
    from bot.codex.launch import find_binary  # noqa: PLC0415 as above
    from bot.codex.login import Way, login_command, status_command, way_here  # noqa: PLC0415

    environment = reader.parent_environment()
    binary = find_binary(reader.load().codex_bin, environment.get("PATH"))
    # Uses the person's own CODEX_HOME: the bot's home links to its login.
    if args.status:
        return subprocess.run(status_command(binary), check=False).returncode  # noqa: S603 our binary
    way = way_here(environment)
    for chosen, instead in (
        (args.browser, Way.BROWSER),
        (args.device_auth, Way.CODE),
        (args.with_api_key, Way.API_KEY),
    ):
        way = instead if chosen else way
    key = None
    if way is Way.API_KEY and sys.stdin.isatty():
        key = getpass.getpass("OpenAI API key (it is not shown): ").encode()
    status = subprocess.run(login_command(binary, way), input=key, check=False).returncode  # noqa: S603
    if status == 0:
        print(f"The bot uses this login. `{command_here('doctor')}` checks the rest.")
    elif way is Way.CODE:
        print(f"Not logged in. {_OTHER_WAYS}", file=sys.stderr)
    return status


def _healthcheck(_: argparse.Namespace) -> int:
    settings = reader.load()
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
    """Run `work` until it ends; SIGTERM or SIGINT asks it to end within `deadline`."""

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
        # Only now: closing the loop waits for its worker threads, which may hang.
        deadline.cancel()
    return 0


def _allow_many_files() -> None:
    """Raise the limit on open files: Codex holds one or two connections per Codex thread."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _logging(settings: Settings, redactor: Redactor) -> Redactor:
    for secret in settings.secrets():
        redactor.learn(secret)
    set_up(settings.log_level, settings.log_format, redactor)
    return redactor


if __name__ == "__main__":
    sys.exit(main())
