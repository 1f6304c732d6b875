"""What characters can do besides talking: MCP servers, defined once, served two ways.

ports.py       what the tools need of a room
toolbox.py     how a function becomes a small, annotated tool
action/        react, reply_to, skip, poll, open_thread, pin, send_file, whisper, set_status,
               set_mood, current_time, roll_dice
guidelines/    read_guidelines
bearers.py     which app-server a bearer token belongs to
http.py        streamable HTTP inside the bot, a room found for each call
stdio.py       `python -m mcp_servers.…` for any MCP client, where there is no room
"""
