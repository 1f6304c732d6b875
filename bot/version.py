"""Which version this is. The package's metadata says it; a bare checkout has none."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """`0.1.0`."""
    try:
        return metadata.version("troupe")
    except metadata.PackageNotFoundError:
        return "unreleased"
