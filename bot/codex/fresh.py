"""Errors that are kept and raised more than once: each time as a copy.

An exception that is raised again grows its traceback, and keeps alive every frame in it.
"""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def fresh(error: E) -> E:
    """A copy of `error` with its type, text and data, and without traceback, cause or context."""
    # Not `copy.copy`: it calls the type with the text, and ours are made from their data.
    kind = type(error)
    made = kind.__new__(kind, *error.args)
    made.args = error.args
    made.__dict__.update(error.__dict__)
    return made
