"""Seams: outlines that share what they share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from services.processor.masks import seams
from services.processor.masks.atlas import presets
from services.processor.masks.atlas.layout import Layout
from services.processor.masks.atlas.zones27 import OVAL

if TYPE_CHECKING:
    from services.processor.masks.landmarks.face import Face
    from services.processor.masks.tracing import Chain

GRID = np.array([(x, y) for y in (0.0, 10, 20) for x in (0.0, 10, 20)])
"""Nine points: 0 1 2 / 3 4 5 / 6 7 8."""
FOUR = {"a": (0, 1, 4, 3), "b": (1, 2, 5, 4), "c": (3, 4, 7, 6), "d": (4, 5, 8, 7)}


def pieces(chain: Chain) -> list[tuple[float, ...]]:
    """Every piece of a chain with its control points, in the one of two directions that is less."""
    found = []
    for start, handles, end in zip(chain.knots, chain.handles, chain.ends(), strict=False):
        there = (*start, *handles.ravel(), *end)
        back = (*end, *handles[::-1].ravel(), *start)
        found.append(min(there, back))
    return found


@pytest.mark.parametrize("is_smooth", [False, True])
def test_neighbours_share_their_border_bit_by_bit(is_smooth: bool) -> None:
    drawn = seams.draw(Layout(GRID, FOUR), is_smooth=is_smooth)

    uses = Counter(p for chains in drawn.outlines.values() for c in chains for p in pieces(c))

    assert sorted(uses.values()) == [1] * 8 + [2] * 4


def test_each_border_is_drawn_once() -> None:
    drawn = seams.draw(Layout(GRID, FOUR), is_smooth=False)

    length = sum(len(chain.knots) - 1 for chain, _ in drawn.borders)
    assert length == 12
    assert {frozenset("ab"), frozenset("ac"), frozenset("a")} <= {
        names for _, names in drawn.borders
    }


def test_straight_outlines_pass_through_the_points() -> None:
    [chain] = seams.draw(Layout(GRID, {"a": FOUR["a"]}), is_smooth=False).outlines["a"]

    assert sorted(map(tuple, chain.knots.tolist())) == [(0, 0), (0, 10), (10, 0), (10, 10)]
    assert chain.area() == 100


def test_smooth_outlines_pass_through_the_points_too() -> None:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = 100 * np.stack([np.cos(turn), np.sin(turn)], axis=1)

    [chain] = seams.draw(Layout(circle, {"a": tuple(range(24))}), is_smooth=True).outlines["a"]

    assert np.allclose(np.sort(chain.knots, axis=0), np.sort(circle, axis=0))
    assert abs(chain.area()) == pytest.approx(np.pi * 100**2, rel=1e-3)


def test_a_line_through_a_junction_does_not_kink() -> None:
    points = np.array([(0.0, 0), (10, 1), (20, 3), (10, 20), (0, 20), (20, 20)])
    layout = Layout(points, {"a": (0, 1, 3, 4), "b": (1, 2, 5, 3)})

    drawn = seams.draw(layout, is_smooth=True)

    ends = [
        handle - points[1]
        for chain, _ in drawn.borders
        for knot, handle in (
            (chain.knots[0], chain.handles[0, 0]),
            (chain.knots[-1], chain.handles[-1, 1]),
        )
        if (knot == points[1]).all() and abs(handle[0] - 10) > 1
    ]
    assert len(ends) == 2
    assert np.cross(np.append(ends[0], 0), np.append(ends[1], 0))[2] == pytest.approx(0, abs=1e-9)


def test_a_region_cut_out_of_another_leaves_a_hole() -> None:
    inner = np.array([(5.0, 5), (5, 15), (15, 15), (15, 5)])
    layout = Layout(
        np.concatenate([GRID, inner]),
        {"a": (0, 2, 8, 6), "b": (9, 12, 11, 10)},
        cuts={"a": ("b",)},
    )

    chains = seams.draw(layout, is_smooth=False).outlines["a"]

    assert sorted(chain.area() for chain in chains) == [-100, 400]


def test_a_region_cut_off_at_the_edge_leaves_a_notch() -> None:
    layout = Layout(GRID, {"a": (0, 1, 2, 5, 8, 7, 6, 3, 0)[:-1], "b": (1, 2, 5, 4)}, {"a": ("b",)})

    [chain] = seams.draw(layout, is_smooth=False).outlines["a"]

    assert chain.area() == 300


@pytest.mark.parametrize("is_smooth", [False, True])
def test_27_zones_share_every_border_but_the_rim(is_smooth: bool, hopper_face: Face) -> None:
    layout = presets.layout("zones27", hopper_face, has_map=False)

    drawn = seams.draw(layout, is_smooth=is_smooth)

    uses = Counter(p for chains in drawn.outlines.values() for c in chains for p in pieces(c))
    rim = [p for chain, names in drawn.borders if len(names) == 1 for p in pieces(chain)]
    assert set(uses.values()) == {1, 2}
    assert sorted(rim) == sorted(piece for piece, count in uses.items() if count == 1)
    assert len(rim) == len(OVAL)


def test_27_straight_zones_have_the_area_of_the_oval(hopper_face: Face) -> None:
    layout = presets.layout("zones27", hopper_face, has_map=False)
    x, y = layout.points[list(OVAL)].T

    drawn = seams.draw(layout, is_smooth=False)

    whole = sum(chain.area() for chains in drawn.outlines.values() for chain in chains)
    assert whole == pytest.approx((x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2, rel=1e-12)
