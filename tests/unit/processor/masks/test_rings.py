"""Outlines as points, and what they measure."""

from __future__ import annotations

import numpy as np
import pytest

from services.processor.masks import rings
from services.processor.masks.rings import TOLERANCE_PX, measure
from services.processor.masks.tracing import Chain

PLAIN = np.array([[1.0, 0, 0], [0, 1, 0]])
KAPPA = 4 / 3 * (2**0.5 - 1)


def square(side: float, *, at: float = 0) -> Chain:
    knots = np.array([(0.0, 0), (side, 0), (side, side), (0, side)]) + at
    return Chain(knots, np.zeros((4, 2, 2)), np.zeros(4, bool), closed=True)


def circle(radius: float) -> Chain:
    knots = radius * np.array([(1.0, 0), (0, 1), (-1, 0), (0, -1)])
    ends = np.roll(knots, -1, axis=0)
    handles = np.stack([knots + KAPPA * ends, ends + KAPPA * knots], axis=1)
    return Chain(knots, handles, np.ones(4, bool), closed=True)


def test_a_square_is_measured_exactly() -> None:
    [found] = measure([square(10, at=5)], PLAIN)

    assert found.area == 100
    assert np.array(found.moment) / found.area == pytest.approx([10, 10])
    assert found.points.tolist() == [[5, 5], [15, 5], [15, 15], [5, 15]]


def test_many_are_measured_as_each_alone() -> None:
    chains = [square(10), circle(50), square(3, at=-7), circle(2)]

    together = measure(chains, PLAIN)

    for found, chain in zip(together, chains, strict=True):
        [alone] = measure([chain], PLAIN)
        assert (found.points == alone.points).all()
        assert found.area == pytest.approx(alone.area)


@pytest.mark.parametrize("radius", [1.0, 20.0, 3000.0])
def test_points_stay_near_their_curve(radius: float) -> None:
    [found] = measure([circle(radius)], PLAIN)

    middles = (found.points + np.roll(found.points, -1, axis=0)) / 2
    assert np.abs(np.linalg.norm(found.points, axis=1) - radius).max() < 0.001 * radius + 0.01
    assert radius - np.linalg.norm(middles, axis=1).min() < TOLERANCE_PX + 0.001 * radius


def test_measures_are_those_of_the_drawing() -> None:
    [found] = measure([square(10)], np.array([[2.0, 0, 1], [0, 3, 0]]))

    assert found.area == 600
    assert rings.box([found]) == (1, 0, 20, 30)


def test_a_hole_is_taken_off() -> None:
    hole = square(4, at=3)
    back = Chain(hole.knots[::-1], hole.handles, hole.curved, closed=True)

    outer, inner = measure([square(10), back], PLAIN)

    assert outer.area + inner.area == 84
    assert rings.centroid([outer, inner]) == pytest.approx((5, 5))


def test_nothing_measures_nothing() -> None:
    assert measure([], PLAIN) == []
