"""Rings: closed outlines as points, and what they measure; many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.drawing import Points
from services.processor.masks.tracing import Chain
from services.processor.masks.tracing.geometry import mapped

TOLERANCE_PX = 0.25
"""How far points may leave a curve."""


@dataclass(frozen=True, eq=False)
class Measured:
    """One closed chain, seen through a matrix.

    `points` are (n, 2), rounded to two decimals; `box` is their left, top, right and bottom; `area`
    is signed, positive when it turns clockwise on screen; `moment` is the area times the centre of
    mass.
    """

    points: Points
    box: tuple[float, float, float, float]
    area: float
    moment: tuple[float, float]


def measure(chains: Sequence[Chain], matrix: NDArray[np.float64]) -> list[Measured]:
    """Return what each of the closed `chains` measures, seen through `matrix`, (2, 3)."""
    if not chains:
        return []
    start, end, handles, curved, first = _joined(chains, matrix)
    points, begins = _flattened(start, end, handles, curved, first)
    following = _following(begins, len(points))
    x, y = points.T
    x2, y2 = points[following].T
    cross = x * y2 - x2 * y
    sums = np.add.reduceat(
        np.stack([cross / 2, cross * (x + x2) / 6, cross * (y + y2) / 6]), begins, axis=1
    )
    rounded = np.round(points, 2) + 0.0  # no negative zeros
    boxes = np.concatenate(
        [np.minimum.reduceat(rounded, begins), np.maximum.reduceat(rounded, begins)], axis=1
    )
    ends = [*begins.tolist()[1:], len(points)]
    return [
        Measured(rounded[a:b], (left, top, right, bottom), area, (mx, my))
        for a, b, (left, top, right, bottom), (area, mx, my) in zip(
            begins.tolist(), ends, boxes.tolist(), sums.T.tolist(), strict=True
        )
    ]


def flattened(chains: Sequence[Chain], matrix: NDArray[np.float64]) -> list[Points]:
    """Return the points of closed `chains`, seen through `matrix`, within the tolerance."""
    points, begins = _flattened(*_joined(chains, matrix))
    return np.split(points, begins[1:])


def centroid(parts: Sequence[Measured]) -> tuple[float, float]:
    """Return the centre of mass of `parts`; of their points where they enclose nothing."""
    area = sum(part.area for part in parts)
    if abs(area) < 1e-6:  # noqa: PLR2004 - square pixels
        x, y = np.concatenate([part.points for part in parts]).mean(axis=0).tolist()
        return float(x), float(y)
    return sum(part.moment[0] for part in parts) / area, sum(
        part.moment[1] for part in parts
    ) / area


def box(parts: Sequence[Measured]) -> tuple[float, float, float, float]:
    """Return x, y, width and height of the box around `parts`."""
    lefts, tops, rights, bottoms = zip(*(part.box for part in parts), strict=True)
    x, y = min(lefts), min(tops)
    return x, y, round(max(rights) - x, 2), round(max(bottoms) - y, 2)


_Pieces = tuple[Points, Points, NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]


def _joined(chains: Sequence[Chain], matrix: NDArray[np.float64]) -> _Pieces:
    """Return start, end, handles and kind of every piece, and where each chain begins."""
    start = mapped(np.concatenate([chain.knots for chain in chains]), matrix)
    handles = mapped(np.concatenate([chain.handles for chain in chains]), matrix)
    curved = np.concatenate([chain.curved for chain in chains])
    sizes = np.array([len(chain.knots) for chain in chains])
    first = np.cumsum(sizes) - sizes
    return start, start[_following(first, len(start))], handles, curved, first


def _following(first: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return the number of the point behind each; behind a chain's last comes its first."""
    following = np.arange(1, count + 1)
    following[np.append(first[1:], count) - 1] = first
    return following


def _flattened(
    start: Points,
    end: Points,
    handles: NDArray[np.float64],
    curved: NDArray[np.bool_],
    first: NDArray[np.intp],
) -> tuple[Points, NDArray[np.intp]]:
    """Return the points of all pieces, and where each chain begins among them."""
    one, two = handles[:, 0], handles[:, 1]
    bend = np.maximum(
        np.abs(start - 2 * one + two).max(axis=1), np.abs(one - 2 * two + end).max(axis=1)
    )
    # A cubic leaves its chord by 6/8 of its second difference at most, over count squared.
    count = np.ones(len(start), int)
    count[curved] = np.maximum(np.ceil(np.sqrt(1.06 * bend[curved] / TOLERANCE_PX)), 1)
    begins = np.cumsum(count) - count
    piece = np.repeat(np.arange(len(count)), count)
    points = start[piece]
    inner = np.flatnonzero(np.arange(len(piece)) > begins[piece])
    of = piece[inner]
    t = ((inner - begins[of]) / count[of])[:, None]
    u = 1 - t
    points[inner] = (u * u * u * start[of] + t * t * t * end[of]) + 3 * (
        u * u * t * one[of] + u * t * t * two[of]
    )
    return points, begins[first]
