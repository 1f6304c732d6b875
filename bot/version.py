"""The program's version, from the package's metadata; a bare checkout has none."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the version, such as `0.1.0`; `unreleased` in a bare checkout."""
    try:
        return metadata.version("troupe")
    except metadata.PackageNotFoundError:
        return "unreleased"
