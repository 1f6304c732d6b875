"""`python -m mcp_servers.action`: the action server on stdio."""

from __future__ import annotations

import argparse
import random
from datetime import UTC, datetime

from mcp_servers.action.server import create_server
from mcp_servers.stdio import NoRoom, serve


def main(arguments: list[str] | None = None) -> None:
    """Serve until the client disconnects."""
    argparse.ArgumentParser(
        prog="python -m mcp_servers.action",
        description="The MCP server `action` on stdin and stdout, for any MCP client: "
        "current_time and roll_dice work; the others need a room, which only the bot has.",
    ).parse_args(arguments)
    server = create_server(NoRoom(), rng=random.SystemRandom(), now=lambda: datetime.now(UTC))
    serve(server)


if __name__ == "__main__":
    main()
