"""Every answer to a command says by itself that it notifies nobody: no default can be lost."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SENDING = {"send", "send_message", "edit_message", "edit_original_response", "reply", "edit"}
COGS = sorted((Path(__file__).parents[3] / "cogs").glob("*.py"))


@pytest.mark.parametrize("file", COGS, ids=lambda file: file.name)
def test_whatever_a_command_sends_names_whom_it_notifies(file: Path) -> None:
    calls = [one for one in ast.walk(ast.parse(file.read_text("utf-8"))) if _sends(one)]
    silent = [
        one.lineno
        for one in calls
        if isinstance(one, ast.Call)
        and "allowed_mentions" not in [keyword.arg for keyword in one.keywords]
    ]
    assert silent == []


def _sends(node: ast.AST) -> bool:
    """A call of discord.py's on an interaction, not one of ours."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    return node.func.attr in SENDING and "interaction" in ast.unparse(node.func)
