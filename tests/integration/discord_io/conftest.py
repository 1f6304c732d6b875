"""A stage on a Discord of this machine, for every test in this folder."""

from __future__ import annotations

from tests.fixtures_stage import stage_inn, theatre

__all__ = ["stage_inn", "theatre"]
