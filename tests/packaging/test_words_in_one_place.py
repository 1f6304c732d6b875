"""House rules for what people read: below the commands, code names messages and writes none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Lines that are read back from what Discord shows: formats, not messages.
READ_BACK = {"bot/domain/editing.py", "bot/domain/enclosing.py"}
MARKDOWN = re.compile(r"\*\*\w|`/\w|^-# |<t:|\]\(<?https?:")


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield path.relative_to(ROOT).as_posix(), tree


def docstrings(tree: ast.Module) -> set[int]:
    """The ids of the nodes that document something: texts that stand alone."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_a_refusal_is_a_code_with_data() -> None:
    written = [
        f"{name}:{node.lineno}"
        for name, tree in trees("bot", "cogs", "mcp_servers")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "RefusedError"
        and any(map(is_text, node.args))
    ]
    assert not written


def test_nothing_below_the_commands_writes_markdown() -> None:
    found = [
        f"{name}:{node.lineno}: {node.value}"
        for name, tree in trees("bot/domain", "bot/store", "bot/codex", "bot/rooms")
        if name not in READ_BACK
        for documented in [docstrings(tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documented
        and MARKDOWN.search(node.value)
    ]
    assert not found
