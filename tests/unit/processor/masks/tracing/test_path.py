"""Path data: short, and the same on both sides of a border."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from services.processor.masks.tracing import Chain, path, scaling, trace

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _ring(*knots: tuple[float, float]) -> Chain:
    count = len(knots)
    return Chain(np.array(knots), np.zeros((count, 2, 2)), np.zeros(count, bool), closed=True)


def _discs() -> NDArray[np.uint8]:
    labels = np.zeros((90, 80), np.uint8)
    cv2.circle(labels, (30, 40), 22, 1, -1)
    cv2.circle(labels, (50, 45), 20, 2, -1)
    return labels


def _points(data: str) -> set[tuple[float, float]]:
    """Return every end point that relative path data passes, rounded to its decimals."""
    pen, start, found = np.zeros(2), np.zeros(2), set()
    for command, numbers in re.findall(r"([a-z])([^a-z]*)", data):
        values = [float(v) for v in re.findall(r"-?\d*\.?\d+", numbers)]
        size = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "z": 1}[command]
        for k in range(0, len(values), size):
            step = values[k : k + size][-2:]
            moved = {"h": [*step, 0.0], "v": [0.0, *step]}.get(command, step)
            pen = pen + np.array(moved[:2])
            found.add(tuple(np.round(pen, 3).tolist()))
            start = pen if command == "m" else start
        pen = start if command == "z" else pen
    return found


def test_level_and_upright_pieces_take_one_number_and_the_last_none() -> None:
    assert path.write([_ring((1, 1), (4, 1), (4, 3), (1, 3))], matrix=None, decimals=0) == (
        "m1 1h3v2h-3z"
    )


def test_like_commands_are_said_once() -> None:
    triangle = _ring((0, 0), (5, 2), (3, 8), (-2, 1))

    assert path.write([triangle], matrix=None, decimals=0) == "m0 0l5 2-2 6-5-7z"


def test_curves_are_written_with_their_handles() -> None:
    handles = np.array([[[0.0, 4.0], [8.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])
    knots = np.array([[0.0, 0.0], [8.0, 0.0]])
    bow = Chain(knots, handles, np.array([True, False]), closed=True)

    assert path.write([bow], matrix=None, decimals=0) == "m0 0c0 4 8 4 8 0z"


def test_the_second_ring_starts_relative_to_the_first() -> None:
    rings = [_ring((2, 2), (9, 2), (9, 9)), _ring((3, 4), (8, 4), (8, 8))]

    assert path.write(rings, matrix=None, decimals=0) == "m2 2h7v7zm1 2h5v4z"


def test_an_open_chain_is_not_closed() -> None:
    line = Chain(np.array([[1.0, 1], [4, 1]]), np.zeros((1, 2, 2)), np.zeros(1, bool), closed=False)

    assert path.write([line, line], matrix=None, decimals=0) == "m1 1h3m-3 0h3"


def test_decimals_are_fixed_and_without_idle_zeros() -> None:
    triangle = _ring((0.25, -0.5), (10.004, 1.5), (0.25, 12))

    assert path.write([triangle], matrix=None, decimals=2) == "m.25-.5l9.75 2-9.75 10.5z"


def test_pieces_that_rounding_shrinks_to_nothing_are_left_out() -> None:
    square = _ring((0, 0), (0.2, 0.1), (5, 0), (5, 5))

    assert path.write([square], matrix=None, decimals=0) == "m0 0h5v5z"


def test_groups_written_together_read_as_written_alone() -> None:
    groups = [[ring.chain for ring in out.rings] for out in trace(_discs()).outlines.values()]
    groups.insert(1, [])

    together = path.write_each(groups, matrix=scaling(3.3), decimals=1)

    assert together == [path.write(group, matrix=scaling(3.3), decimals=1) for group in groups]


@pytest.mark.parametrize("mode", ["polygon", "smooth"])
@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_neighbours_share_every_point_through_any_matrix(mode: str, decimals: int) -> None:
    matrix = np.array([[0.93, -0.41, 17.3], [0.41, 0.93, -60.2]])
    traced = trace(_discs(), mode=mode)

    outlines = {k: _points(v.path(matrix, decimals=decimals)) for k, v in traced.outlines.items()}

    for border in traced.borders:
        shared = _points(border.path(matrix, decimals=decimals))
        if border.chain.closed:
            shared.discard(next(iter(shared)))
        for label in (border.left, border.right):
            assert label is None or shared <= outlines[label]


def test_path_units_make_every_coordinate_whole() -> None:
    traced = trace(_discs())

    for outline in traced.outlines.values():
        for ring in outline.rings:
            assert (ring.chain.knots * traced.grid % 1 == 0).all()
            assert (ring.chain.handles[ring.chain.curved] * traced.grid % 1 == 0).all()
