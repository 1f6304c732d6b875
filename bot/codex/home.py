"""A CODEX_HOME of our own under DATA_DIR: private, without a skill, sharing only the user's login.

A ChatGPT login's refresh token can be used once: two copies of `auth.json` would log each
other out. So ours is a symbolic link to the user's. Codex writes `auth.json` in place (it opens
and truncates; measured with 0.163.0), so a refresh or a new login goes through the link. A logout
removes the link only, and the next start makes it again.

In a home below the temporary folder Codex warns that it makes no helper programs there; those
serve its patch and shell tools, which a character has not got: turns and tools work (measured).

The user's skills, AGENTS.md, MCP servers and sessions stay theirs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_AUTH = "auth.json"
# While these are missing, Codex watches CODEX_HOME itself for them, and its own database there
# wakes it: 3,000 system calls a turn (measured with 0.163.0 and 0.171.0).
_WATCHED = ("skills", ".agents/skills")


def user_codex_home(parent_env: Mapping[str, str]) -> Path:
    """Where the person who runs the bot has logged in: CODEX_HOME, else `~/.codex`."""
    given = parent_env.get("CODEX_HOME")
    return Path(given) if given else Path(parent_env.get("HOME") or Path.home()) / ".codex"


def prepare(home: Path, work_dir: Path, *, user_home: Path | None) -> None:
    """Make both folders, only for us to read, and link the login of `user_home` into `home`.

    An `auth.json` that is a file stays: somebody has logged in to this very home.
    """
    for folder in (home, work_dir, *(home / name for name in _WATCHED)):
        private_folder(folder)
    link = home / _AUTH
    if link.is_symlink():
        link.unlink()
    if user_home is None or link.exists() or user_home.resolve() == home.resolve():
        return
    link.symlink_to((user_home / _AUTH).absolute())


def private_folder(folder: Path) -> None:
    """Make `folder` with 0700, also when it was there with more."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file with 0600, whole or not at all: readers never see half of it."""
    private_folder(path.parent)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
