"""The `guidelines` server: the rules that hold for a character in a guild."""

from mcp_servers.guidelines.server import create_server, tools

__all__ = ["create_server", "tools"]
