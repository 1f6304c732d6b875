"""Troupe: characters for Discord, each thinking in a Codex agent of its own."""
