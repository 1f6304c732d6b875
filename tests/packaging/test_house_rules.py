"""Rules of the house that no linter knows: sizes, words that must not leak, layers, settings."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
PRODUCT = ("bot/*.py", "cogs/*.py", "mcp_servers/*.py")
LONGEST_FUNCTION = 45
MOST_PARAMETERS = 8
WIRING = ("bot/rooms/state/room_state.py", "bot/rooms/wiring.py", "bot/runtime/wiring.py")
# Where packages come from, and folders of one machine, are nobody else's business.
PRIVATE = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com|net)\b|(?<![\w.$}-])/(?:root|work|home|Users)/"
)


def tracked(*patterns: str) -> list[Path]:
    """The files that git knows; none of them when this is no checkout."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_no_python_file_is_longer_than_four_hundred_lines() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in tracked("*.py")}
    assert sizes
    assert not {str(path.relative_to(ROOT)): n for path, n in sizes.items() if n > LONGEST}


def test_no_file_names_a_package_index_or_a_folder_of_one_machine() -> None:
    found = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{n}"
            for n, text in enumerate(lines, 1)
            if PRIVATE.search(text)
        ]
    assert not found


def test_the_domain_stands_on_the_standard_library_alone() -> None:
    files = list((ROOT / "bot/domain").glob("**/*.py"))
    assert files
    allowed = sys.stdlib_module_names | {"bot"}
    foreign = {
        name for path in files for name in imports(path) if name.split(".")[0] not in allowed
    }
    assert not foreign


@pytest.mark.parametrize(
    ("contract", "package"), [("floors", "bot"), ("runtime", "bot.runtime"), ("rooms", "bot.rooms")]
)
def test_every_part_of_the_bot_has_its_floor(contract: str, package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (floors,) = [c for c in project["tool"]["importlinter"]["contracts"] if c["id"] == contract]
    inside = f"{package}." if "containers" in floors else ""
    named = {f"{inside}{name}" for name in re.findall(r"[\w.]+", " ".join(floors["layers"]))}
    parts = {
        f"{package}.{path.stem}"
        for path in (ROOT / package.replace(".", "/")).iterdir()
        if path.stem not in ("__init__", "__pycache__", "py") and not path.name.startswith(".")
    }
    assert parts <= named, "give it a floor in pyproject.toml, [tool.importlinter]"


def test_the_example_environment_lists_exactly_the_settings_there_are() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = [match[1] for line in lines if (match := re.match(r"(?:# )?([A-Z][A-Z_]+)=", line))]
    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_environment_tells_the_true_defaults() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    told = dict(re.findall(r"^# ([A-Z][A-Z_]+)=(.+)$", text, re.MULTILINE))
    told = {name.lower(): value for name, value in told.items()}
    assert Settings.model_validate(told) == Settings()


def test_a_commit_passes_the_same_check_that_people_and_ci_run() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [hook["entry"] for repo in hooks for hook in repo["hooks"]] == ["make check"]
    assert re.search(r"^make check$", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_function_is_longer_than_forty_five_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in tracked(*PRODUCT)
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert not long


def test_no_constructor_takes_more_than_eight_parameters() -> None:
    many = [
        f"{path.relative_to(ROOT)}:{function.lineno}"
        for path in tracked(*PRODUCT)
        for function in functions(path)
        if function.name == "__init__"
        # The first is the object itself.
        and len(function.args.posonlyargs + function.args.args + function.args.kwonlyargs) - 1
        > MOST_PARAMETERS
    ]
    assert not many, "group what belongs together, or move a responsibility where it belongs"


def test_the_wiring_of_the_rooms_binds_no_lambda() -> None:
    lambdas = [
        f"{name}:{node.lineno}"
        for name in WIRING
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.Lambda)
    ]
    assert not lambdas, "hand on an object that is made before, never a way to one made later"
