"""Crossings: which drawn lines run across another line, or across themselves.

Curves are tested as polylines of `CHORDS` pieces: a strong test, not a proof.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.lines import Lines

CHORDS = 16
"""Straight pieces that a curve is tested as."""
BAND = 16
"""Pixels: the height of the bands that segments are sorted into."""

_Places = NDArray[np.float64]
_Points = tuple[_Places, _Places]
"""Points, x and y apart."""


@dataclass(frozen=True, eq=False)
class Segments:
    """Lines as straight segments, in no order.

    Attributes:
        ends: (n, 4) where each segment leads from and to; `grid` units make one pixel.
        line: (n,) the line that each belongs to.
        grid: Units to the pixel.
    """

    ends: NDArray[np.float64]
    line: NDArray[np.int64]
    grid: int


def find(segments: Segments) -> NDArray[np.int64]:
    """Return the lines that cross something."""
    x0, y0, x1, y1 = np.ascontiguousarray(segments.ends.T)
    i, j = _neighbours(x0, y0, x1, y1, BAND * segments.grid)
    a, b, c, d = (x0[i], y0[i]), (x1[i], y1[i]), (x0[j], y0[j]), (x1[j], y1[j])
    shared = np.zeros(len(i), bool)
    for one in (a, b):
        for other in (c, d):
            shared |= (one[0] == other[0]) & (one[1] == other[1])
    hit = (_side(a, b, c) * _side(a, b, d) <= 0) & (_side(c, d, a) * _side(c, d, b) <= 0) & ~shared
    return np.unique(segments.line[np.concatenate([i[hit], j[hit]])])


def flattened(lines: Lines) -> Segments:
    """Return `lines` as segments."""
    begins = np.delete(np.arange(len(lines.knots)), lines.first[1:] - 1)
    owner = np.searchsorted(lines.first, begins, "right") - 1
    curved = lines.curved[begins]
    level, bent = begins[~curved], begins[curved]
    t = (np.arange(CHORDS + 1) / CHORDS)[:, None]
    u = 1 - t
    start, end = lines.knots[bent, None], lines.knots[bent + 1, None]
    near, far = lines.handles[bent, :1], lines.handles[bent, 1:]
    points = u**3 * start + 3 * u * u * t * near + 3 * u * t * t * far + t**3 * end
    points[:, 0], points[:, -1] = start[:, 0], end[:, 0]
    ends = np.concatenate(
        [
            np.concatenate([lines.knots[level], lines.knots[level + 1]], axis=1),
            np.concatenate([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 4),
        ]
    )
    line = np.concatenate([owner[~curved], np.repeat(owner[curved], CHORDS)])
    return Segments(ends, line, lines.grid)


def _neighbours(
    x0: _Places, y0: _Places, x1: _Places, y1: _Places, band: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of segments whose bounding boxes meet, some of them twice."""
    left, right, top, bottom = (
        *(np.minimum(x0, x1), np.maximum(x0, x1)),
        *(np.minimum(y0, y1), np.maximum(y0, y1)),
    )
    first, last = (np.floor(y / band).astype(np.int64) for y in (top, bottom))
    bands = last - first + 1
    which = np.repeat(np.arange(len(x0)), bands)
    row = np.repeat(first + bands - np.cumsum(bands), bands) + np.arange(len(which))
    # Sweep from left to right, one band below the other.
    width = float(right.max(initial=0)) + 1
    begin, end = row * width + left[which], row * width + right[which]
    order = np.argsort(begin, kind="stable")
    which, begin, end = which[order], begin[order], end[order]
    met = np.searchsorted(begin, end, "right") - np.arange(len(which)) - 1
    i = np.repeat(np.arange(len(which)), met)
    j = np.arange(len(i)) - np.repeat(np.cumsum(met) - met, met) + i + 1
    i, j = which[i], which[j]
    near = np.flatnonzero((top[i] <= bottom[j]) & (top[j] <= bottom[i]))
    return i[near], j[near]


def _side(p: _Points, q: _Points, r: _Points) -> NDArray[np.float64]:
    """Return on which side of the line from `p` to `q` point `r` lies: the sign tells."""
    return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
