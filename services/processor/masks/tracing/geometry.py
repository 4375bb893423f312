"""Geometry of traced outlines: chains of straight pieces and cubic Bezier curves.

Every function treats equal control points equally, and a curve walked back like the same curve
walked there; so what neighbours share stays shared, bit by bit, through any matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]
"""A (2, 3) matrix from map pixels to those of the drawing: `x' = a[0] . (x, y, 1)`."""


@dataclass(frozen=True, eq=False)
class Chain:
    """A run of straight pieces and cubic curves.

    Attributes:
        knots: (n, 2) points that pieces join, x to the right, y downwards.
        handles: (m, 2, 2) the two inner control points of each piece; meaningless where straight.
        curved: (m,) whether each piece is a curve.
        closed: Whether the last piece leads back to the first knot: then m = n, else m = n - 1.
    """

    knots: NDArray[np.float64]
    handles: NDArray[np.float64]
    curved: NDArray[np.bool_]
    closed: bool

    def ends(self) -> NDArray[np.float64]:
        """Return where each piece ends, (m, 2)."""
        return np.roll(self.knots, -1, axis=0) if self.closed else self.knots[1:]

    def mapped(self, matrix: Affine) -> "Chain":
        """Return the chain seen through `matrix`."""
        return replace(self, knots=mapped(self.knots, matrix), handles=mapped(self.handles, matrix))

    def flattened(self, tolerance: float) -> NDArray[np.float64]:
        """Return points, (k, 2), whose polyline departs from the chain by `tolerance` at most.

        A closed chain's last point does not repeat the first.
        """
        return np.concatenate([*self._flat_pieces(tolerance), self.knots[:0]])

    def _flat_pieces(self, tolerance: float) -> Iterator[NDArray[np.float64]]:
        """Yield straight stretches of knots and the points of curves between them."""
        ends = self.ends()
        starts = self.knots[: len(ends)]
        done = 0
        for k in np.flatnonzero(self.curved).tolist():
            yield self.knots[done : k + 1]
            yield _between(starts[k], self.handles[k], ends[k], tolerance)
            done = k + 1
        yield self.knots[done:]

    def area(self) -> float:
        """Return the signed area a closed chain encloses: positive when clockwise on screen."""
        start, end = self.knots, self.ends()
        swept = _cross(start, end).sum()
        if self.curved.any():
            p0, p3 = start[self.curved], end[self.curved]
            p1, p2 = self.handles[self.curved].swapaxes(0, 1)
            bulge = (
                6 * (_cross(p0, p1) + _cross(p2, p3))
                + 3 * (_cross(p0, p2) + _cross(p1, p2) + _cross(p1, p3))
                - 9 * _cross(p0, p3)
            )
            swept += bulge.sum() / 10
        return float(swept) / 2


def mapped(points: NDArray[np.float64], matrix: Affine) -> NDArray[np.float64]:
    """Return `points`, (..., 2), seen through `matrix`."""
    x, y = points[..., 0], points[..., 1]
    (a, c, e), (b, d, f) = matrix
    return np.stack([a * x + c * y + e, b * x + d * y + f], axis=-1)


def scaling(factor: float) -> Affine:
    """Return the matrix that enlarges by `factor`.

    >>> mapped(np.array([[1.0, 2.0]]), scaling(8)).tolist()
    [[8.0, 16.0]]
    """
    return np.array([[factor, 0.0, 0.0], [0.0, factor, 0.0]])


def moments(ring: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the signed area of a closed polyline, and that area times its centroid's x and y."""
    x, y = ring.T
    x2, y2 = np.roll(ring, -1, axis=0).T
    cross = x * y2 - x2 * y
    return (
        float(cross.sum()) / 2,
        float((cross * (x + x2)).sum()) / 6,
        float((cross * (y + y2)).sum()) / 6,
    )


def _between(
    p0: NDArray[np.float64], handles: NDArray[np.float64], p3: NDArray[np.float64], tolerance: float
) -> NDArray[np.float64]:
    """Return the points inside one curve; the weights of t and 1 - t are mirror images."""
    p1, p2 = handles
    bend = max(np.abs(p0 - 2 * p1 + p2).max(), np.abs(p1 - 2 * p2 + p3).max())
    count = max(1, int(np.ceil(np.sqrt(1.06 * bend / tolerance))))  # 6 / 8 of the second difference
    t = (np.arange(1, count) / count)[:, None]
    u = (np.arange(count - 1, 0, -1) / count)[:, None]
    inside: NDArray[np.float64] = (u * u * u * p0 + t * t * t * p3) + (
        3 * (u * u * t) * p1 + 3 * (t * t * u) * p2
    )
    return inside


def _cross(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cross product of each pair of points."""
    return p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
