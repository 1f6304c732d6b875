"""Logging in to Codex: the login status, and the way to log in on this machine.

Owns the choice between the browser and a code, and the arguments for `codex login`; the command
line runs it in the user's terminal.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.codex.run_once import run

# Our CODEX_HOME links to the user's login file (`bot.codex.home`): a login in the system's keyring
# would not be found.
_AS_A_FILE = ("-c", 'cli_auth_credentials_store="file"')


class Way(enum.Enum):
    """How a person logs in; the values are arguments of `codex login` (0.163.0)."""

    BROWSER = ()
    CODE = ("--device-auth",)
    """An address, and a code to enter there in a browser on any machine."""
    API_KEY = ("--with-api-key",)
    """An OpenAI API key, which Codex reads from its standard input."""


def way_here(environment: Mapping[str, str], platform: str = sys.platform) -> Way:
    """Choose the browser where this machine has a screen, else the code.

    The browser is redirected to a port of this machine (localhost:1455), so it must run here: not
    at the other end of an SSH connection, and not outside the container.
    """
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return Way.CODE
    screen = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return Way.BROWSER if platform == "darwin" or screen else Way.CODE


def login_command(binary: str | Path, way: Way) -> list[str]:
    """Return the arguments of an interactive `codex login`."""
    return [str(binary), "login", *_AS_A_FILE, *way.value]


def status_command(binary: str | Path) -> list[str]:
    """Return the arguments of `codex login status`."""
    return [str(binary), "login", *_AS_A_FILE, "status"]


async def login_status(
    binary: Path, home: Path, env: Mapping[str, str], *, timeout: float = 15.0
) -> bool:
    """Return whether somebody is logged in to `home`: `codex login status` exits with 0.

    Raises `CodexMissingError` when it cannot be run, `CodexRefusedError` when it does not end.
    """
    own_env = dict(env) | {"CODEX_HOME": str(home)}
    return (await run(status_command(binary), own_env, timeout=timeout)).code == 0
