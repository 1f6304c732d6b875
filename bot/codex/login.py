"""Logging in to Codex: whether anybody is, and how a person does it on this machine.

Owns the choice between the browser and a code, and the arguments for `codex login`; running it in
a person's terminal is the command line's.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.codex.oneshot import run

# Our CODEX_HOME shares the user's login as a file (`bot.codex.home`): one that Codex put into the
# system's keyring would never be found.
_AS_A_FILE = ("-c", 'cli_auth_credentials_store="file"')


class Way(enum.Enum):
    """How a person logs in; the values are arguments of `codex login` (0.163.0)."""

    BROWSER = ()
    CODE = ("--device-auth",)
    """An address and a code, to be entered in a browser on any machine."""
    API_KEY = ("--with-api-key",)
    """An OpenAI API key, which Codex reads from its standard input."""


def way_here(environment: Mapping[str, str], platform: str = sys.platform) -> Way:
    """The browser where this machine has a screen, else the code.

    The browser comes back to a port of this machine (localhost:1455), so it must run here: not at
    the other end of an SSH connection, and not outside of a container.
    """
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return Way.CODE
    screen = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return Way.BROWSER if platform == "darwin" or screen else Way.CODE


def login_command(binary: str | Path, way: Way) -> list[str]:
    """The arguments of a `codex login` that a person answers."""
    return [str(binary), "login", *_AS_A_FILE, *way.value]


def status_command(binary: str | Path) -> list[str]:
    """The arguments of the `codex login status` that says who is logged in."""
    return [str(binary), "login", *_AS_A_FILE, "status"]


async def login_status(
    binary: Path, home: Path, env: Mapping[str, str], *, timeout: float = 15.0
) -> bool:
    """Whether `codex login status` says so (exit 0) for this CODEX_HOME.

    Raises `CodexMissingError` when it cannot be run, `CodexRefusedError` when it does not end.
    """
    asked = dict(env) | {"CODEX_HOME": str(home)}
    return (await run(status_command(binary), asked, timeout=timeout)).code == 0
