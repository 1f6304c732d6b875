"""A figure: the value reached, its spread and goal, and how to print them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_BEGIN, _END = "<!-- bench -->", "<!-- /bench -->"


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    name: str
    reached: float
    goal: float | None
    """None if the figure has no goal."""
    unit: str = "×"
    """The unit of `reached`, `goal` and `spread`."""
    detail: str = ""
    spread: tuple[float, float] | None = None
    """First and third quartile of the measured values."""
    more_is_better: bool = False

    @property
    def met(self) -> bool:
        if self.goal is None:
            return True
        return self.reached >= self.goal if self.more_is_better else self.reached <= self.goal

    def row(self) -> str:
        shown = f"{_number(self.reached)} {self.unit}".strip()
        if self.spread is not None:
            shown += f" [{_number(self.spread[0])}–{_number(self.spread[1])}]"
        detail = f" ({self.detail})" if self.detail else ""
        return f"| {self.name} | {shown}{detail} | {self._shown_goal()} |"

    def _shown_goal(self) -> str:
        if self.goal is None:
            return "–"
        sign = "≥" if self.more_is_better else "≤"
        return f"{sign} {_number(self.goal)} {self.unit}".strip() if self.goal else "0"


def measured(
    name: str,
    values: Sequence[float],
    goal: float | None,
    unit: str = "×",
    detail: str = "",
    *,
    more_is_better: bool = False,
) -> Figure:
    """Return the median of the values as a figure, with the quartiles as its spread."""
    middle = statistics.median(values)
    lower, _, upper = statistics.quantiles(values, n=4) if len(values) > 1 else (middle,) * 3
    return Figure(name, middle, goal, unit, detail, (lower, upper), more_is_better)


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Return the ratio for each block: this compares neighbours in time, not long averages."""
    return [a / b for a, b in zip(over, under, strict=True)]


def table(figures: Sequence[Figure]) -> str:
    rows = ["| figure | reached | goal |", "|---|---|---|", *(figure.row() for figure in figures)]
    return "\n".join(rows)


def as_json(figures: Sequence[Figure]) -> str:
    """Return the figures as JSON, one object per figure, including `met`."""
    return json.dumps([asdict(figure) | {"met": figure.met} for figure in figures], indent=2)


def write_into(readme: Path, figures: Sequence[Figure]) -> None:
    """Write the table between the markers in the README."""
    text = readme.read_text("utf-8")
    head, _, rest = text.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    readme.write_text(f"{head}{_BEGIN}\n{table(figures)}\n{_END}{tail}", "utf-8")


def median_ms(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * 1000


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 20 or value == int(value) else f"{value:.2f}"
