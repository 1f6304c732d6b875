"""The `action` server: what a character can do in a room besides talking."""

from mcp_servers.action.server import create_server, tools

__all__ = ["create_server", "tools"]
