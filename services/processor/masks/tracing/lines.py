"""Lines: what the arcs are drawn as, straight pieces and cubic Bezier curves on a grid of integers.

Whole numbers make shared points equal bit by bit, whatever is done to them later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Lines:
    """One line per arc, laid end to end: line `a` owns the knots `first[a]` up to `first[a + 1]`.

    Attributes:
        knots: (n, 2) x, y; `grid` units make one pixel.
        handles: (n, 2, 2) the two inner control points of the curve that begins at each knot;
            meaningless where `curved` is false and at each line's last knot.
        curved: (n,) whether a curve begins at each knot, or a straight piece.
        first: (a + 1,) where each line begins, and the total.
        grid: Units to the pixel.
    """

    knots: NDArray[np.int64]
    handles: NDArray[np.int64]
    curved: NDArray[np.bool_]
    first: NDArray[np.int64]
    grid: int

    def __len__(self) -> int:
        return len(self.first) - 1


def straight(knots: NDArray[np.int64], first: NDArray[np.int64], *, grid: int) -> Lines:
    """Return lines without curves, on the coarsest grid that holds them."""
    if grid == 2 and not (knots & 1).any():  # noqa: PLR2004 - half pixels
        knots, grid = knots >> 1, 1
    return Lines(
        knots=knots,
        handles=np.zeros((len(knots), 2, 2), np.int64),
        curved=np.zeros(len(knots), bool),
        first=first,
        grid=grid,
    )


def choose(one: Lines, other: Lines, takes_other: NDArray[np.bool_]) -> Lines:
    """Return, per arc, the line of `one` or, where `takes_other`, of `other`; on the finer grid."""
    grid = max(one.grid, other.grid)
    return _gather(
        [_refined(one, grid), _refined(other, grid)],
        np.arange(len(one)) + np.where(takes_other, len(one), 0),
    )


def replaced(lines: Lines, which: NDArray[np.int64], by: Lines) -> Lines:
    """Return `lines` with those numbered `which` replaced by the lines of `by`; finer grid."""
    grid = max(lines.grid, by.grid)
    source = np.arange(len(lines))
    source[which] = len(lines) + np.arange(len(by))
    return _gather([_refined(lines, grid), _refined(by, grid)], source)


def append(lines: Lines, more: Lines) -> Lines:
    """Return `lines` followed by `more`, on the finer grid."""
    grid = max(lines.grid, more.grid)
    return _join([_refined(lines, grid), _refined(more, grid)])


def _refined(lines: Lines, grid: int) -> Lines:
    """Return the same lines on a finer grid."""
    factor = grid // lines.grid
    if factor == 1:
        return lines
    return Lines(lines.knots * factor, lines.handles * factor, lines.curved, lines.first, grid)


def _join(parts: Sequence[Lines]) -> Lines:
    """Return the lines of all parts, which are on one grid."""
    offsets = np.cumsum([0] + [len(part.knots) for part in parts])
    return Lines(
        knots=np.concatenate([part.knots for part in parts]),
        handles=np.concatenate([part.handles for part in parts]),
        curved=np.concatenate([part.curved for part in parts]),
        first=np.concatenate(
            [part.first[:-1] + at for part, at in zip(parts, offsets[:-1], strict=True)]
            + [offsets[-1:]]
        ),
        grid=parts[0].grid,
    )


def _gather(parts: Sequence[Lines], which: NDArray[np.int64]) -> Lines:
    """Return the lines numbered `which` across all parts."""
    every = _join(parts)
    size = np.diff(every.first)[which]
    first = np.concatenate([[0], np.cumsum(size)])
    at = np.arange(first[-1]) + np.repeat(every.first[which] - first[:-1], size)
    return Lines(every.knots[at], every.handles[at], every.curved[at], first, every.grid)
