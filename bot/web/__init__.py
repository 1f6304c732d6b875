"""The bot's one HTTP app: MCP, health, metrics and the status page, on one listener."""
