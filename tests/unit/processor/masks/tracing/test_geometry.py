"""Chains of straight pieces and curves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from maps import disc

from services.processor.masks.tracing import Chain, scaling, trace

KAPPA = 4 / 3 * np.tan(np.pi / 8)


def _circle(radius: float) -> Chain:
    """Return four curves around the origin, clockwise on screen."""
    corners = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    ahead = np.array([[0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 0.0]]) * KAPPA
    near, far = corners + ahead, np.roll(corners, -1, axis=0) - np.roll(ahead, -1, axis=0)
    handles = np.stack([near, far], axis=1)
    return Chain(corners * radius, handles * radius, np.ones(4, bool), closed=True)


def _backwards(chain: Chain) -> Chain:
    knots = np.roll(chain.knots[::-1], 1, axis=0)
    return Chain(knots, chain.handles[::-1, ::-1], chain.curved[::-1], closed=True)


def test_area_of_curves_is_exact() -> None:
    assert _circle(10).area() == pytest.approx(np.pi * 100, rel=3e-4)


def test_area_is_negative_when_a_ring_turns_the_other_way() -> None:
    assert _backwards(_circle(10)).area() == pytest.approx(-_circle(10).area())


@pytest.mark.parametrize("tolerance", [0.5, 0.1, 0.01])
def test_flattening_keeps_the_tolerance(tolerance: float) -> None:
    points = _circle(50).flattened(tolerance)

    middles = (points + np.roll(points, -1, axis=0)) / 2
    assert np.abs(np.hypot(*middles.T) - 50).max() < tolerance + 0.02


def test_flattening_back_and_forth_gives_equal_points() -> None:
    there = _circle(37.3).flattened(0.05)
    back = _backwards(_circle(37.3)).flattened(0.05)

    assert {tuple(p) for p in there.tolist()} == {tuple(p) for p in back.tolist()}


def test_mapping_moves_handles_with_knots() -> None:
    enlarged = _circle(1).mapped(scaling(20))

    np.testing.assert_allclose(enlarged.handles, _circle(20).handles)
    assert enlarged.area() == pytest.approx(_circle(20).area())


def test_the_centroid_knows_of_holes() -> None:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 10:30] = 1
    labels[15:25, 20:30] = 2

    x, y = trace(labels, mode="exact").outlines[1].centroid()

    assert (x, y) == pytest.approx(((400 * 20 - 100 * 25) / 300, 20))


@pytest.mark.parametrize("mode", ["exact", "polygon", "smooth"])
def test_polylines_are_in_the_order_of_rings_and_their_size(mode: str) -> None:
    labels = disc(60, 60, at=(30, 30), radius=20)
    cv2.circle(labels, (30, 30), 8, 2, -1)
    outline = trace(labels, mode=mode).outlines[1]

    lines = outline.polylines(scaling(2), tolerance=0.05)

    sizes = [cv2.contourArea(line.astype(np.float32)) for line in lines]
    assert sizes == pytest.approx([4 * ring.pixels for ring in outline.rings], rel=0.05)
