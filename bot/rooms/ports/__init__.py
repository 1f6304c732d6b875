"""What rooms need from the world: protocols only, no logic.

Each has a real part (Codex, Discord, Redis) and an in-memory twin under `tests/fakes`; a contract
suite under `tests/contract` runs against both.
"""
