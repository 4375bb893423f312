"""Path data of many regions."""

from __future__ import annotations

import re

import numpy as np
import pytest

from services.processor.masks import paths
from services.processor.masks.tracing import Chain, path

PLAIN = np.array([[1.0, 0, 0], [0, 1, 0]])


def triangle(x: float, y: float) -> Chain:
    knots = np.array([(x, y), (x + 4.26, y + 1.5), (x - 3, y + 7.1)])
    return Chain(knots, np.zeros((3, 2, 2)), np.zeros(3, bool), closed=True)


def corners(data: str) -> list[tuple[float, float]]:
    """Where the pen is put down, by the rules of SVG."""
    pen, found = np.zeros(2), []
    start = pen
    for command, text in re.findall(r"([Mmlz])([^Mmlz]*)", data):
        numbers = [float(v) for v in re.findall(r"-?\d*\.?\d+", text)]
        for step in np.array(numbers).reshape(-1, 2):
            pen = step if command == "M" else pen + step
            found.append((round(float(pen[0]), 2), round(float(pen[1]), 2)))
            start = pen if command in "Mm" else start
        pen = start if command == "z" else pen
    return found


@pytest.mark.parametrize("places", [1, 2])
def test_groups_are_written_as_each_alone(places: int) -> None:
    groups = [
        [triangle(10.25, 20), triangle(-3.333, -8.126)],
        [],
        [triangle(-0.004, 0.004)],
        [triangle(500, 0.5), triangle(1, 1), triangle(2, 2)],
    ]

    together = paths.write(groups, PLAIN, places=places)

    for data, group in zip(together, groups, strict=True):
        alone = path.write(group, matrix=PLAIN, decimals=places)
        assert corners(data) == corners(alone)
        assert data == "" or data.startswith("M")


def test_large_smooth_drawings_need_a_decimal_less() -> None:
    assert paths.decimals(1101, 1100, is_smooth=True) == 1
    assert paths.decimals(120, 140, is_smooth=True) == 2
    assert paths.decimals(1101, 1100, is_smooth=False) == 2
