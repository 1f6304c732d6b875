"""`python -m mcp_servers.guidelines`: the guidelines server on stdio."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.characters.folder import read_character
from bot.errors import CharacterError
from mcp_servers.guidelines.server import create_server
from mcp_servers.ports import Guidelines
from mcp_servers.stdio import NoRoom, serve


def main(arguments: list[str] | None = None) -> None:
    """Serve until the client disconnects. Exits with status 2 for an unreadable folder."""
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
        own = read_character(folder.resolve()).guidelines if folder else ""
    except CharacterError as error:
        parser.error(str(error))
    serve(create_server(NoRoom(Guidelines(character=own))))


if __name__ == "__main__":
    main()
