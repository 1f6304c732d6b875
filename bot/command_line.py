"""How a person types one of this program's commands in the place where it runs.

    a checkout           make doctor
    the container image  docker compose run --rm bot troupe doctor
    an installed wheel   troupe doctor

Owns that choice. Whatever names a command to a person asks here, so that nobody is told to type
what does not exist where they are.
"""

from __future__ import annotations

import enum
from pathlib import Path

_ABOVE_BOT = Path(__file__).resolve().parent.parent
# The Dockerfile writes this file beside `bot/`; compose.yaml names the service `bot`.
_IMAGE_MARK = "in-image"
_IN_CONTAINER = "docker compose run --rm bot troupe"


class Origin(enum.Enum):
    """What this program was started from."""

    CHECKOUT = "checkout"
    IMAGE = "image"
    INSTALLED = "installed"


def origin(folder: Path = _ABOVE_BOT) -> Origin:
    """What it was started from, by the files in the `folder` that holds `bot/`."""
    if (folder / _IMAGE_MARK).is_file():
        return Origin.IMAGE
    if (folder / "Makefile").is_file() and (folder / "requirements.lock").is_file():
        return Origin.CHECKOUT
    return Origin.INSTALLED


def command(name: str, *options: str, folder: Path = _ABOVE_BOT) -> str:
    """What a person types for the subcommand `name` with `options`, such as `make doctor`."""
    match origin(folder):
        case Origin.CHECKOUT:
            given = " ".join(options)
            if not options:
                return f"make {name}"
            return f'make {name} ARGS="{given}"' if " " in given else f"make {name} ARGS={given}"
        case Origin.IMAGE if name == "run":
            # Recreates the container with what .env says now; `run` would make a second one.
            return "docker compose up -d"
        case Origin.IMAGE:
            return " ".join((_IN_CONTAINER, name, *options))
        case Origin.INSTALLED:
            return " ".join(("troupe", name, *options))
