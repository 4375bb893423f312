"""Samples: points at even spacing along arcs, without the pixel stairs.

Points are complex numbers, x + iy in half pixels: one multiplication turns or measures them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.arcs import Arcs

SPACING = 5 / 3
"""Half pixels between samples, nearly: every arc has a whole number of knot steps."""
COARSEST = 2.0
"""How many times farther apart samples are along borders of large regions."""
LARGE_PX = 60.0
"""Side of a region from which samples are farther apart, in proportion to it."""
KNOT_STEP = 3
"""Samples between places where one curve may end and the next begin."""
SMOOTHING = (10 / 16, 4 / 16, -1 / 16)
"""Weights of a crack middle, its neighbours and theirs. They flatten stairs of one step, and do
not draw a bend inwards as positive weights would: the second moment is nil."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The samples of all arcs, laid end to end.

    Attributes:
        points: (n,) complex; a loop's last sample repeats its first.
        first: (a + 1,) where each arc's samples begin, and the total.
        closed: (a,) whether each arc is a loop.
        spacing: (a,) half pixels between samples.
    """

    points: NDArray[np.complex128]
    first: NDArray[np.int64]
    closed: NDArray[np.bool_]
    spacing: NDArray[np.float64]

    def knots(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the samples where curves may begin or end, and where each arc's begin in them."""
        count = np.diff(self.first) // KNOT_STEP + 1
        first = np.concatenate([[0], np.cumsum(count)])
        inside = np.arange(first[-1]) - np.repeat(first[:-1], count)
        return np.repeat(self.first[:-1], count) + KNOT_STEP * inside, first

    def beside(self, at: NDArray[np.int64], reach: int) -> NDArray[np.complex128]:
        """Return the points `reach` samples behind and ahead of samples `at`, (2, n).

        Loops go on past their seam; beyond an open end there is only the end.
        """
        return self.points[np.stack(_beside(self.first, self.closed, at, reach))]


def take(arcs: Arcs, area: NDArray[np.float64]) -> Samples:
    """Return samples along `arcs`, which begin and end where the arcs do.

    `area` holds the pixels of each label.
    """
    side = np.sqrt(np.minimum(area[arcs.left], area[arcs.right]))
    spacing = SPACING * np.clip(side / LARGE_PX, 1, COARSEST)
    path, bounds = _path(arcs)
    path = _smoothed(path, bounds, arcs.closed)
    begin, finish = bounds[:-1], bounds[1:] - 1
    step = np.abs(np.diff(path, prepend=path[:1]))
    step[begin] = 1.0  # a gap between one arc and the next: one interpolation serves them all
    along = np.cumsum(step)
    length = along[finish] - along[begin]
    pieces = KNOT_STEP * np.maximum(1, np.rint(length / (KNOT_STEP * spacing)).astype(np.int64))
    first = np.concatenate([[0], np.cumsum(pieces + 1)])
    inside = np.arange(first[-1]) - np.repeat(first[:-1], pieces + 1)
    wanted = np.repeat(along[begin], pieces + 1) + inside * np.repeat(length / pieces, pieces + 1)
    points = np.interp(wanted, along, path)
    points[first[:-1]], points[first[1:] - 1] = path[begin], path[finish]
    return Samples(points, first, arcs.closed, length / pieces)


def _path(arcs: Arcs) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """Return the crack middles of all arcs between the arcs' ends, and where each arc begins."""
    lead, last = arcs.first[:-1], arcs.first[1:] - 1
    opens = ~arcs.closed
    size = np.diff(arcs.first)
    bounds = np.concatenate([[0], np.cumsum(size + 1 + opens)])
    slot = np.arange(len(arcs.x)) + np.repeat(bounds[:-1] + opens - lead, size)
    middle, step = arcs.middles(), arcs.steps()
    path = np.empty(bounds[-1], np.complex128)
    path[slot] = middle
    path[bounds[:-1]] = middle[lead] - np.where(opens, step[lead], 0)
    path[bounds[1:] - 1] = np.where(opens, middle[last] + step[last], middle[lead])
    return path, bounds


def _smoothed(
    path: NDArray[np.complex128], bounds: NDArray[np.int64], closed: NDArray[np.bool_]
) -> NDArray[np.complex128]:
    """Return `path` with the stairs flattened; the ends of open arcs stay."""
    count = np.diff(bounds)
    here = np.arange(len(path))
    room = np.minimum(here - np.repeat(bounds[:-1], count), np.repeat(bounds[1:], count) - 1 - here)
    inside = np.repeat(closed, count)
    smooth = SMOOTHING[0] * path
    for reach, weight in enumerate(SMOOTHING[1:], start=1):
        back, ahead = _beside(bounds, closed, here, reach)
        fits = inside | (room >= reach)
        smooth += weight * np.where(fits, path[back] + path[ahead], 2 * path)
    return smooth


def _beside(
    first: NDArray[np.int64], closed: NDArray[np.bool_], at: NDArray[np.int64], reach: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places `reach` before and after `at` on the same arc."""
    arc = np.searchsorted(first, at, "right") - 1
    low, high = first[arc], first[arc + 1] - 1
    back, ahead = np.maximum(at - reach, low), np.minimum(at + reach, high)
    loop = np.flatnonzero(closed[arc])
    low, size, inside = low[loop], (high - low)[loop], (at - low)[loop]
    back[loop], ahead[loop] = low + (inside - reach) % size, low + (inside + reach) % size
    return back, ahead
