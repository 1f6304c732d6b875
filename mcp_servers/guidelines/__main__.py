"""`python -m mcp_servers.guidelines`: the guidelines server on stdio."""

from __future__ import annotations

import argparse
from pathlib import Path

from mcp_servers.guidelines.server import RULES_LIMIT, create_server
from mcp_servers.ports import Guidelines
from mcp_servers.stdio import NoRoom, serve


def main(arguments: list[str] | None = None) -> None:
    """Serve until the client leaves. A folder that cannot be read ends it with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m mcp_servers.guidelines",
        description="The MCP server `guidelines` on stdin and stdout, for any MCP client.",
    )
    parser.add_argument(
        "--character",
        type=Path,
        metavar="DIR",
        help="a character's folder, whose guidelines.md is read; without it there are no rules",
    )
    folder: Path | None = parser.parse_args(arguments).character
    try:
        rules = Guidelines() if folder is None else Guidelines(character=read(folder))
    except (OSError, UnicodeDecodeError) as error:
        parser.error(f"--character {folder}: {error}")
    serve(create_server(NoRoom(rules)))


def read(folder: Path) -> str:
    """The rules of the character in `folder`; empty when it has none. Raises `OSError`."""
    if not (folder / "character.md").is_file():
        raise FileNotFoundError("there is no character.md in it")
    path = folder / "guidelines.md"
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8") as file:
        return file.read(RULES_LIMIT)


if __name__ == "__main__":
    main()
