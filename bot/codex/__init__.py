"""Codex: the app-server processes of the characters, their Codex threads and their turns."""
