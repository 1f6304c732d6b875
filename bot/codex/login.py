"""Is anybody logged in? Asked without an app-server, for `doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.codex.oneshot import run


async def login_status(
    binary: Path, home: Path, env: Mapping[str, str], *, timeout: float = 15.0
) -> bool:
    """Whether `codex login status` says so (exit 0) for this CODEX_HOME.

    Raises `CodexMissingError` when it cannot be run, `CodexRefusedError` when it does not end.
    """
    asked = dict(env) | {"CODEX_HOME": str(home)}
    argv = [str(binary), "login", "-c", 'cli_auth_credentials_store="file"', "status"]
    return (await run(argv, asked, timeout=timeout)).code == 0
