"""The bot's own CODEX_HOME under DATA_DIR: private, without skills, sharing only the user's login.

A ChatGPT login's refresh token can be used once: two copies of `auth.json` would log each other
out. So ours is a symbolic link to the user's. Codex writes `auth.json` in place (it opens and
truncates; measured with 0.163.0), so a refresh or a new login goes through the link. A logout
removes only the link, and the next start makes it again.

In a home below the temporary folder Codex warns that it makes no helper programs there. They serve
its patch and shell tools, which a character does not have: turns and tools work (measured).

The user's skills, AGENTS.md, MCP servers and sessions are not shared.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_AUTH = "auth.json"
# While these folders are missing, Codex watches all of CODEX_HOME for them, and each write to its
# own database there wakes it: 3,000 system calls a turn (measured with 0.163.0 and 0.171.0).
_WATCHED = ("skills", ".agents/skills")


def user_codex_home(parent_env: Mapping[str, str]) -> Path:
    """Return the folder of the user's own login: CODEX_HOME, else `~/.codex`."""
    given = parent_env.get("CODEX_HOME")
    return Path(given) if given else Path(parent_env.get("HOME") or Path.home()) / ".codex"


def prepare(home: Path, work_dir: Path, *, user_home: Path | None) -> None:
    """Make both folders, readable only by us, and link the login of `user_home` into `home`.

    An `auth.json` that is a plain file stays: somebody has logged in to `home` itself.
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
    """Make `folder` with mode 0700; an existing folder is narrowed to it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600 atomically: readers never see half of it."""
    private_folder(path.parent)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
