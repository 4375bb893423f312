"""Brows as areas, where a scheme gives only the line along them."""

import numpy as np

from services.processor.masks.drawing import Points

_THICKNESS = 0.16
"""Of a brow's length. Brows of label maps measure 0.13 to 0.2."""
_PROFILE = np.array([0.45, 1.0, 1.0, 1.0, 0.45])


def ribbons(
    points: Points, right: tuple[int, ...], left: tuple[int, ...]
) -> tuple[Points, tuple[int, ...], tuple[int, ...]]:
    """Return `points` with the edges of both brows behind them, and the rings of the brows.

    `right` and `left` are lines of five landmarks from the viewer's left to their right. Each ring
    holds the five points of its upper edge, then those of its lower edge back.
    """
    edges = [edge for line in (right, left) for edge in _edges(points[list(line)])]
    first = len(points)
    rings = tuple(
        (*range(start, start + 5), *range(start + 9, start + 4, -1))
        for start in (first, first + 10)
    )
    return np.concatenate([points, *edges]), rings[0], rings[1]


def _edges(line: Points) -> tuple[Points, Points]:
    """Return the upper and the lower edge of one brow."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    up = np.stack([along[:, 1], -along[:, 0]], axis=1)
    length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    offset = up * (_PROFILE * _THICKNESS * length / 2)[:, None]
    return line + offset, line - offset
