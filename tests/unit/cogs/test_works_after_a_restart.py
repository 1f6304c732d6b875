"""Buttons, menus and forms outlive the process that sent them: discord.py keeps none of them.

It would find a view or a form by an object in memory, which a restart forgets, and stores a form
only after Discord has shown it: one that is sent back at once finds nobody.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).parents[3]
FILES = sorted([*(ROOT / "cogs").rglob("*.py"), *(ROOT / "bot").rglob("*.py")])
KEPT = {"View", "LayoutView", "Modal", "DynamicItem"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_that_people_press_or_send_is_found_by_an_object_in_memory(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    assert [one.name for one in ast.walk(tree) if _is_kept(one)] == []
    functions = [
        one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [one.name for one in functions if _makes(one) and not _stops(one)] == []


def _is_kept(node: ast.AST) -> TypeGuard[ast.ClassDef]:
    return isinstance(node, ast.ClassDef) and any(_named(base) in KEPT for base in node.bases)


def _makes(function: ast.AST) -> bool:
    """Whether it makes a view or a form of discord.py's."""
    return any(
        isinstance(one, ast.Call) and _named(one.func) in KEPT and "ui" in ast.unparse(one.func)
        for one in ast.walk(function)
    )


def _stops(function: ast.AST) -> bool:
    """Whether it tells discord.py to keep nothing of what it makes."""
    return any(
        isinstance(one, ast.Call) and ast.unparse(one.func).endswith(".stop")
        for one in ast.walk(function)
    )


def _named(node: ast.AST) -> str:
    """The last part of a dotted name."""
    return ast.unparse(node).split("[")[0].rpartition(".")[2]
