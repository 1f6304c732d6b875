"""Does what the Dockerfile says, without an engine: its steps, carried out in an empty folder.

Understands what our Dockerfile uses: `COPY` of named paths, shell-form `RUN`, `ENV`, and
exec-form `CMD` and `HEALTHCHECK`. Absolute paths of the image lie below a temporary root.
Making a user and its folders is left to the engine; the user's number is kept.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# The image's own folders; everything else in a command is left as it is.
INSIDE = re.compile(r"(?<![\w/])/(?=(?:venv|build|app|data|characters)\b)")


@dataclass(frozen=True)
class Step:
    """One instruction and its words, continuation lines joined."""

    instruction: str
    words: str


def stages(text: str) -> list[list[Step]]:
    """The instructions of each stage, `FROM` first."""
    found: list[list[Step]] = []
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        instruction, _, words = line.strip().partition(" ")
        if instruction == "FROM":
            found.append([])
        if instruction:
            found[-1].append(Step(instruction, words.strip()))
    return found


def words_of(stage: Sequence[Step], instruction: str) -> list[str]:
    """What stands behind each `instruction` of a stage."""
    return [step.words for step in stage if step.instruction == instruction]


def command_of(words: str) -> list[str]:
    """The exec form at the end of a `CMD` or `HEALTHCHECK`."""
    parsed: list[str] = json.loads(words[words.index("[") :])
    return parsed


@dataclass(frozen=True)
class Image:
    """What was made: its root, the variables, the user's number, and the two commands."""

    root: Path
    variables: Mapping[str, str]
    user: int
    command: Sequence[str]
    health: Sequence[str]

    def run(
        self, command: Sequence[str], *, cwd: str = "app", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` as the image's user, with the image's variables and nothing else."""
        return subprocess.run(
            ["/usr/bin/env", *command],
            cwd=self.root / cwd,
            env=dict(self.variables) | {"LANG": "C.UTF-8"} | variables,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
            **_as(self.user),
        )

    def started(self, command: Sequence[str], **variables: str) -> subprocess.Popen[str]:
        """`command` as `run` has it, to be read from and ended by whoever asked."""
        return subprocess.Popen(
            ["/usr/bin/env", *command],
            cwd=self.root / "app",
            env=dict(self.variables) | {"LANG": "C.UTF-8"} | variables,
            stderr=subprocess.PIPE,
            text=True,
            **_as(self.user),
        )


def _as(user: int) -> dict[str, Any]:
    """The options that start a child as `user`; none where this process cannot."""
    return {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}


def interpreter(user: int) -> str | None:
    """A Python that `user` can start: ours may lie in a closed folder, the system's does not."""
    probe = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    for python in (f"{sys.base_prefix}/bin/python3", "/usr/bin/python3"):
        try:
            tried = subprocess.run([python, "-c", probe], check=False, cwd="/", **_as(user))
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    return None


@contextmanager
def build(dockerfile: Path) -> Iterator[Image]:
    """Carry out both stages in a folder that other users may enter; it is removed at the end.

    Raises `LookupError` when there is no Python that the image's user can start.
    """
    building, running = stages(dockerfile.read_text(encoding="utf-8"))
    user = int(words_of(running, "USER")[-1])
    python = interpreter(user)
    if python is None:
        raise LookupError(f"no Python with venv that user {user} can start (python3-venv)")
    root = Path(tempfile.mkdtemp(prefix="troupe-image-"))
    try:
        root.chmod(0o755)
        _give(root / "data", user)
        _carry_out(building, python, root, dockerfile.parent)
        variables = _carry_out(running, python, root, dockerfile.parent)
        yield Image(
            root=root,
            variables=variables,
            user=user,
            command=command_of(words_of(running, "CMD")[-1]),
            health=command_of(words_of(running, "HEALTHCHECK")[-1]),
        )
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _carry_out(stage: Sequence[Step], python: str, root: Path, context: Path) -> dict[str, str]:
    """Do the steps of one stage, with `python` as the base image's own; give its variables."""
    here = root
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home())}
    ours = f'python() {{ {shlex.quote(python)} "$@"; }}; '
    for step in stage:
        match step.instruction:
            case "WORKDIR":
                here = Path(_inside(step.words, root))
                here.mkdir(exist_ok=True)
            case "ENV":
                for word in shlex.split(step.words):
                    name, _, value = word.partition("=")
                    variables[name] = _inside(value, root).replace("$PATH", variables["PATH"])
            case "COPY" if not step.words.startswith("--from"):
                _copy(step.words, here, root, context)
            case "RUN" if "useradd" not in step.words:
                subprocess.run(
                    ["bash", "-euc", ours + _inside(step.words, root)],
                    cwd=here,
                    # pip's own settings of this machine: where it takes packages from.
                    env=_pip_settings() | variables,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
    return variables


def _copy(words: str, here: Path, root: Path, context: Path) -> None:
    *sources, target = [word for word in words.split() if not word.startswith("--")]
    for source in sources:
        goal = here / _inside(target, root)
        if (context / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(context / source, goal, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy(context / source, goal / source if goal.is_dir() else goal)


def _give(folder: Path, user: int) -> None:
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, user, user)


def _inside(text: str, root: Path) -> str:
    return INSIDE.sub(f"{root}/", text)


def _pip_settings() -> dict[str, str]:
    names = ("PIP_", "SSL_", "HTTP", "NO_PROXY", "http", "no_proxy")
    return {name: value for name, value in os.environ.items() if name.startswith(names)}
