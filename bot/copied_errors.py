"""Copies of exceptions, for an error that is stored and raised more than once.

Raising the same exception again extends its traceback, which keeps every frame in it alive.
"""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def copied(error: E) -> E:
    """Copy the type, text and data of `error`, but not its traceback, cause or context."""
    # Not `copy.copy`, which calls the type with the text: our errors are constructed from data.
    kind = type(error)
    made = kind.__new__(kind, *error.args)
    made.args = error.args
    made.__dict__.update(error.__dict__)
    return made
