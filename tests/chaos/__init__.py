"""Chaos: hundreds of mentions while everything around the bot breaks, and what came of them.

`make chaos SEED=N` (`python -m tests.chaos`) is the long form, `test_chaos.py` a short one.
"""
