"""Every command that a text names exists, and the programs name none by themselves."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What people read; the changelog tells of what once was.
TEXTS = (
    *("README.md", "CONTRIBUTING.md", ".env.example", "compose.yaml", "Dockerfile"),
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md"))),
    *("sandbox/__main__.py", "sandbox/model/demo_script.py", "sandbox/page/static/js/about.js"),
)
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
SUBCOMMANDS = {"run", "doctor", "login", "invite", "healthcheck"}
# Words that programs show come from `bot.command_line.command`.
BY_HAND = re.compile(r"python -m bot|codex login|`make [a-z]|troupe (?:run|doctor|login|invite)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEXTS)
def test_the_targets_and_subcommands_that_a_text_names_exist(name: str) -> None:
    text = read(name)
    named = re.findall(r"(?:`|code\(\"|^|\$ )make ([a-z][a-z-]+)", text, re.MULTILINE)
    assert not set(named) - TARGETS
    called = re.findall(r"(?:`|^|bot |bin/|exec )troupe(?: -\S+)* ([a-z]+)\b", text, re.MULTILINE)
    called += re.findall(r"python -m bot ([a-z]+)", text)
    assert not set(called) - SUBCOMMANDS


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_tells_a_person_to_type_what_lies_in_a_venv_only(name: str) -> None:
    """Bare `python` and `codex` are on nobody's PATH; a path before them is another thing."""
    bare = re.findall(r"(?:`|^)(?:python -m bot|codex (?:login|logout))", read(name), re.MULTILINE)
    assert not bare


def shown(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a program that are no docstring, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def test_the_bot_names_no_command_by_hand() -> None:
    allowed = {"bot/command_line.py", "bot/__main__.py"}
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for folder in ("bot", "cogs", "mcp_servers")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in allowed
        for line, text in shown(path)
        if BY_HAND.search(text)
    ]
    assert not found


def made(folder: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make target` in a checkout whose `.venv` is the one of these tests."""
    venv = folder / ".venv"
    (venv / "bin").mkdir(parents=True)
    (folder / "Makefile").write_text(read("Makefile"))
    (folder / "requirements.lock").write_text("")
    python = venv / "bin/python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    for stamp in ("made.stamp", "run-time.stamp"):
        (venv / stamp).touch()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env: Mapping[str, str] = kept | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.run(
        ["make", target],
        cwd=folder,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_a_doctor_that_finds_a_fault_has_the_last_word(tmp_path: Path) -> None:
    ended = made(tmp_path, "doctor", DISCORD_TOKEN="", CODEX_BIN="/nowhere/codex")
    assert "to fix before the bot can answer." in ended.stdout.splitlines()[-1]
    assert "Error" not in ended.stderr
    assert ended.returncode == 0


def test_a_bot_that_cannot_start_has_the_last_word(tmp_path: Path) -> None:
    ended = made(tmp_path, "run", DISCORD_TOKEN="")
    assert ended.stderr.startswith("troupe: DISCORD_TOKEN is not set.")
    assert "make: " not in ended.stderr
    assert ended.returncode == 0


def test_a_demo_that_cannot_start_has_the_last_word(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = made(tmp_path, "demo", ARGS=f"--port {port}")
    assert f"port {port} is taken" in ended.stderr
    assert "make: " not in ended.stderr
    assert ended.returncode == 0


def test_a_script_still_gets_the_status(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "doctor"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
        | {"CODEX_BIN": "/nowhere/codex"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr


def test_the_readme_shows_a_picture_that_loads_quickly() -> None:
    shown_pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", read("README.md"))
    assert shown_pictures == ["docs/images/demo.png"]
    picture = (ROOT / shown_pictures[0]).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) <= 200 * 1024
