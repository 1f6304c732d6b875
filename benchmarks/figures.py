"""A figure: what was reached, what the goal is, and how both are shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_BEGIN, _END = "<!-- bench -->", "<!-- /bench -->"


@dataclass(frozen=True)
class Figure:
    """One row. `reached` and `goal` are of one unit; smaller is better."""

    name: str
    reached: float
    goal: float
    unit: str = "×"
    detail: str = ""

    @property
    def met(self) -> bool:
        return self.reached <= self.goal

    def row(self) -> str:
        shown = f"{_number(self.reached)} {self.unit}".strip()
        detail = f" ({self.detail})" if self.detail else ""
        goal = f"≤ {_number(self.goal)} {self.unit}".strip() if self.goal else "0"
        return f"| {self.name} | {shown}{detail} | {goal} |"


def table(figures: Sequence[Figure]) -> str:
    rows = ["| figure | reached | goal |", "|---|---|---|", *(one.row() for one in figures)]
    return "\n".join(rows)


def write_into(readme: Path, figures: Sequence[Figure]) -> None:
    """Put the table between the marks of the README."""
    text = readme.read_text("utf-8")
    head, _, rest = text.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    readme.write_text(f"{head}{_BEGIN}\n{table(figures)}\n{_END}{tail}", "utf-8")


def median_ms(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * 1000


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 20 or value == int(value) else f"{value:.2f}"
