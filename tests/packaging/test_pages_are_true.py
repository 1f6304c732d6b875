"""What the pages quote from the program exists: names of code, lines of the log, notes by title."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("bot", "cogs", "mcp_servers", "sandbox", "tests", "trials", "benchmarks")
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
}
DEFINED = {
    name
    for text in SOURCES.values()
    for name in re.findall(r"(?:class|def) +(\w+)|^ *(\w+) *(?::[^=\n]+)?=", text, re.MULTILINE)
    for name in name
    if name
}
# Notes are not edited later: only the pages that are kept up to date are held to today's names.
PAGES = (
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/operations.md",
    "docs/models.md",
    "docs/sandbox.md",
)
NOTES = ROOT / "docs" / "decisions"
# Discord's own words, and rows of `doctor`: too short to be looked for, or none of ours.
FOREIGN = {"Improper token", "tools", "pictures"}
IMPORTED = {"None", "SecretStr"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_class_or_private_name_that_a_page_quotes_is_defined(page: str) -> None:
    quoted = re.findall(r"`(_?[A-Z][a-z]\w*(?:\.\w+)?)(?:\(.*?\))?`", read(page))
    parts = {part for name in quoted for part in name.split(".")}
    assert not sorted(parts - DEFINED - IMPORTED)


@pytest.mark.parametrize("page", PAGES)
def test_a_source_file_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"(?<![\w/.])((?:\w+/)+\w+\.py)\b", read(page)))
    places = (ROOT, ROOT / "bot")
    gone = {name for name in named if not any((top / name).exists() for top in places)}
    assert not sorted(gone)


def is_known(dotted: str) -> bool:
    """Whether the name is a module, or a package, or stands in the one that it begins with."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        module = ROOT.joinpath(*parts[:length])
        source = SOURCES.get(module.with_suffix(".py")) or SOURCES.get(module / "__init__.py")
        if source is not None:
            return all(re.search(rf"\b{re.escape(part)}\b", source) for part in parts[length:])
        if module.is_dir():
            return length == len(parts)
    return False


def test_a_module_that_a_source_or_a_page_quotes_exists() -> None:
    pages = {ROOT / page: read(page) for page in PAGES}
    wrong = {
        f"{path.relative_to(ROOT)}: {dotted}"
        for path, text in (SOURCES | pages).items()
        for dotted in re.findall(r"`((?:bot|cogs|mcp_servers)\.[\w.]*\w)`", text)
        if not is_known(dotted)
    }
    assert not sorted(wrong)


def texts() -> Iterator[str]:
    """Every text of the program, an f-string by its parts, with plain apostrophes."""
    for path, source in SOURCES.items():
        if path.relative_to(ROOT).parts[0] not in ("bot", "cogs"):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value.replace("’", "'")


def test_the_lines_that_help_at_night_are_what_the_bot_says() -> None:
    page = read("docs/operations.md")
    quoted = {text.removesuffix("…").rstrip(" ,") for text in re.findall(r"“([^”]+)”", page)}
    said = "\n".join(texts())
    wanted = {text.replace("’", "'") for text in quoted - FOREIGN}
    assert not sorted(text for text in wanted if text not in said)


def test_every_note_is_listed_once_by_its_title() -> None:
    rows = re.findall(r"\[(.+)\]\((2\d{3}-.+\.md)\)", read("docs/decisions/README.md"))
    titles = {
        path.name: path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        for path in NOTES.glob("2*.md")
    }
    assert sorted(name for _, name in rows) == sorted(titles)
    assert {name: title for title, name in rows} == titles
