"""Nesting: small islands must stay in the region that surrounds them.

A curve may leap over an island whole without crossing its outline. Only small ones: curves stay
within a few pixels of their arcs. From each island's leftmost point a ray runs to the left, and
what it meets first must border the region that the island lies in.
"""

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.crossings import Segments
from services.processor.masks.tracing.frame import Frame
from services.processor.masks.tracing.rings import Rings

MOST_PIXELS = 200
"""Of an island that could be leapt over."""
NEAR_PX = 8
"""How far from its island a line that leapt over it may be."""
BAND_PX = 1
"""Height of the bands that segments are sorted into: low, for a ray meets all in its band."""
_ASIDE = 0.0137
"""Units by which rays run beside the grid, so that they pass no knot."""


def find(segments: Segments, arcs: Arcs, rings: Rings, frame: Frame) -> NDArray[np.int64]:
    """Return lines near islands that lie in another region than they should, and the islands'."""
    holes = np.flatnonzero((rings.pixels < 0) & (rings.pixels >= -MOST_PIXELS))
    if not len(holes):
        return holes
    point, hole = _leftmost(segments, rings, holes)
    strayed = _label_on_the_left(segments, arcs, frame, point) != rings.label[hole]
    found = [np.zeros(0, np.int64)]
    for x, y in point[strayed].tolist():
        reach = NEAR_PX * segments.grid
        low = np.minimum(segments.ends[:, :2], segments.ends[:, 2:])
        high = np.maximum(segments.ends[:, :2], segments.ends[:, 2:])
        near = (low <= (x + reach, y + reach)) & (high >= (x - reach, y - reach))
        found.append(segments.line[near.all(axis=1)])
    return np.unique(np.concatenate(found))


def _leftmost(
    segments: Segments, rings: Rings, holes: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the leftmost corner of each island, (n, 2), and the ring that is its outline."""
    ring = np.full(int(segments.line.max()) + 1, -1)
    size = np.diff(rings.first)
    darts = rings.darts[np.repeat(np.isin(np.arange(len(rings)), holes), size)]
    ring[darts // 2] = np.repeat(holes, size[holes])  # the frame is no part of a hole
    own = np.flatnonzero(ring[segments.line] >= 0)
    start, whose = segments.ends[own, :2], ring[segments.line[own]]
    order = np.lexsort((start[:, 1], start[:, 0], whose))
    first = order[np.diff(whose[order], prepend=-1) > 0]
    return start[first], whose[first]


def _label_on_the_left(
    segments: Segments, arcs: Arcs, frame: Frame, point: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the label of the region that touches each point from the left."""
    west = frame.heading == 3  # noqa: PLR2004 - upwards, on the left
    foot = frame.y[west] * segments.grid
    label = frame.label[west][np.argsort(foot)]
    y = point[:, 1] + _ASIDE
    found: NDArray[np.int64] = label[np.minimum(np.searchsorted(np.sort(foot), y), len(label) - 1)]

    band = BAND_PX * segments.grid
    top, bottom = np.sort(segments.ends[:, 1::2], axis=1).T
    first, last = (top // band).astype(np.int64), (bottom // band).astype(np.int64)
    count = last - first + 1
    which = np.repeat(np.arange(len(count)), count)
    row = np.repeat(first + count - np.cumsum(count), count) + np.arange(len(which))
    order = np.argsort(row, kind="stable")
    which, row = which[order], row[order]
    begin = np.searchsorted(row, y // band)
    size = np.searchsorted(row, y // band, "right") - begin
    ray = np.repeat(np.arange(len(y)), size)
    met = which[np.arange(len(ray)) + np.repeat(begin - np.cumsum(size) + size, size)]

    crossed = (top[met] <= y[ray]) & (y[ray] < bottom[met])
    ray, met = ray[crossed], met[crossed]
    x0, y0, x1, y1 = segments.ends[met].T
    x = x0 + (y[ray] - y0) * (x1 - x0) / (y1 - y0)
    ahead = x < point[ray, 0]
    ray, met, x, downwards = ray[ahead], met[ahead], x[ahead], (y1 > y0)[ahead]
    nearest = np.lexsort((x, ray))
    nearest = nearest[np.diff(ray[nearest], append=-1) != 0]
    line = segments.line[met[nearest]]
    # Who comes from the right of a line that runs downwards has its left hand's region before him.
    found[ray[nearest]] = np.where(downwards[nearest], arcs.left[line], arcs.right[line])
    return found
