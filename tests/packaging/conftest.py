"""The mark of this folder and its one costly fixture: an image made as the Dockerfile makes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.packaging.image import ROOT, Image, build


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


@pytest.fixture(scope="session")
def image(in_ci: bool) -> Iterator[Image]:
    """The image; skipped where its user could not start any Python, an error in CI."""
    try:
        with build(ROOT / "Dockerfile") as made:
            yield made
    except LookupError as error:
        if in_ci:
            raise
        pytest.skip(str(error))
