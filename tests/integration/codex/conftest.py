"""Pools of peers for the tests in this folder."""

from __future__ import annotations

from tests.pool_kit import tasks, ways

__all__ = ["tasks", "ways"]
