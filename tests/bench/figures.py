# ruff: noqa: T201 - prints a table
"""What was measured, and whether it is what it must be."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One number. `goal` is in words; `is_met` is None where there is none."""

    group: str
    name: str
    value: float
    unit: str
    goal: str = ""
    is_met: bool | None = None


def at_most(figure: Figure, limit: float) -> Figure:
    """Return the figure with a goal that it must not exceed."""
    return with_goal(figure, f"<= {limit:g}", is_met=figure.value <= limit)


def at_least(figure: Figure, limit: float) -> Figure:
    """Return the figure with a goal that it must reach."""
    return with_goal(figure, f">= {limit:g}", is_met=figure.value >= limit)


def with_goal(figure: Figure, goal: str, *, is_met: bool) -> Figure:
    """Return the figure with a goal."""
    return Figure(figure.group, figure.name, figure.value, figure.unit, goal, is_met)


def p50(times: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(times)


def p99(times: Sequence[float]) -> float:
    """Return what one in a hundred exceeds."""
    return sorted(times)[int(len(times) * 0.99)]


def show(figures: Sequence[Figure]) -> None:
    """Print a table."""
    group = ""
    for figure in figures:
        if figure.group != group:
            group = figure.group
            print(f"\n{group}")
        verdict = {None: "", True: "met", False: "MISSED"}[figure.is_met]
        value = f"{figure.value:10.2f} {figure.unit:<6}"
        print(f"  {figure.name:<46} {value} {figure.goal:>8} {verdict}".rstrip())


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write them all as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
