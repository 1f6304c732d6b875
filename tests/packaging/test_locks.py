"""The locks hold what pyproject.toml asks for, by hash, and name no index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN_TIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEVELOPMENT = RUN_TIME + [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
ASKED = {"requirements.lock": RUN_TIME, "requirements-dev.lock": DEVELOPMENT}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;]+)")

pytestmark = pytest.mark.parametrize("lock", ASKED)


def blocks(lock: str) -> dict[str, str]:
    """Each pinned package and the lines that belong to it."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=\S)", text.strip("\n")):
        pin = PIN.match(block)
        assert pin is not None, f"{lock}: not a pin: {block.splitlines()[0]}"
        found[canonicalize_name(pin["name"])] = block
    return found


def version(block: str) -> Version:
    pin = PIN.match(block)
    assert pin is not None
    return Version(pin["version"])


def test_every_pin_has_a_hash(lock: str) -> None:
    bare = [name for name, block in blocks(lock).items() if "--hash=sha256:" not in block]
    assert not bare


def test_no_index_and_no_address_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|file:|^\s*--(?!hash=)", text, re.MULTILINE)


def test_each_requirement_is_pinned_within_its_range(lock: str) -> None:
    pinned = blocks(lock)
    for asked in ASKED[lock]:
        name = canonicalize_name(asked.name)
        assert name in pinned, f"{asked.name} is not in {lock}: run `make lock`"
        assert asked.specifier.contains(version(pinned[name]), prereleases=True), (
            f"{lock} pins {name} outside {asked.specifier}: run `make lock`"
        )


def test_nothing_is_pinned_for_a_requirement_that_is_gone(lock: str) -> None:
    names = {canonicalize_name(asked.name) for asked in ASKED[lock]}
    direct = {name for name, block in blocks(lock).items() if "troupe (pyproject.toml" in block}
    assert direct <= names, "run `make lock`"


def test_development_runs_on_the_versions_that_users_get(lock: str) -> None:
    users, developers = blocks("requirements.lock"), blocks("requirements-dev.lock")
    differing = [name for name in users if version(users[name]) != version(developers[name])]
    assert not differing
