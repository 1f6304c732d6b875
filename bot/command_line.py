"""The form in which a person types this program's commands, by how the program is installed.

    a checkout           make doctor
    the container image  docker compose run --rm bot troupe doctor
    an installed wheel   troupe doctor

Owns that choice. All messages that name a command use this module, so that nobody is told to type a
command that does not exist on their machine.
"""

from __future__ import annotations

import enum
from pathlib import Path

_ABOVE_BOT = Path(__file__).resolve().parent.parent
# The Dockerfile writes this file beside `bot/`; compose.yaml names the service `bot`.
_IMAGE_MARK = "in-image"
_IN_CONTAINER = "docker compose run --rm bot troupe"


class Origin(enum.Enum):
    """How this program is installed."""

    CHECKOUT = "checkout"
    IMAGE = "image"
    INSTALLED = "installed"


def origin(folder: Path = _ABOVE_BOT) -> Origin:
    """Return how the program is installed, by the files in the `folder` that contains `bot/`."""
    if (folder / _IMAGE_MARK).is_file():
        return Origin.IMAGE
    if (folder / "Makefile").is_file() and (folder / "requirements.lock").is_file():
        return Origin.CHECKOUT
    return Origin.INSTALLED


def command(name: str, *options: str, folder: Path = _ABOVE_BOT) -> str:
    """Return what to type for the subcommand `name` with `options`, such as `make doctor`."""
    match origin(folder):
        case Origin.CHECKOUT:
            given = " ".join(options)
            if not options:
                return f"make {name}"
            return f'make {name} ARGS="{given}"' if " " in given else f"make {name} ARGS={given}"
        case Origin.IMAGE if name == "run":
            # Recreates the container with the current .env; `run` would start a second container.
            return "docker compose up -d"
        case Origin.IMAGE:
            return " ".join((_IN_CONTAINER, name, *options))
        case Origin.INSTALLED:
            return " ".join(("troupe", name, *options))
