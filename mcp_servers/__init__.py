"""What characters can do besides talking: MCP servers, defined once, served three ways.

ports.py       what the tools need of a running turn
toolbox.py     how a function becomes a small, annotated tool
action/        what a character can do besides talking, a file for each family of tools
guidelines/    the rules that hold in a room
bearers.py     which app-server a bearer token belongs to
callers.py     who calls, and which running turn a call is for
http.py        streamable HTTP inside the bot, behind a bearer
functions.py   the same tools without MCP, for models that take plain functions only
inside.py      HTTP and functions together, as the bot serves them
stdio.py       `python -m mcp_servers.…` for any MCP client, without a room
"""
