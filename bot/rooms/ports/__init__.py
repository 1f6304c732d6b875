"""What rooms need from the world: protocols only, no logic.

Each has a real part (Codex, Discord, Redis) and a twin in memory under `tests/fakes`, both held to
one contract suite under `tests/contract`.
"""
