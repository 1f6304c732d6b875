"""What every test may lean on: the fixtures of each topic, and rules that hold for all."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.fixtures_store",
    "tests.fixtures_model",
    "tests.fixtures_house",
    "tests.fixtures_discord",
]

# Two busy cores make single examples slow; what counts is that they hold.
settings.register_profile("troupe", deadline=None)
settings.load_profile("troupe")


@pytest.fixture(scope="session")
def in_ci() -> bool:
    """Whether a skipped browser test is an error."""
    return bool(os.environ.get("CI"))
