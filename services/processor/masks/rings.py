"""Rings: outlines as points, and what they measure."""

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.drawing import Points
from services.processor.masks.tracing import Chain
from services.processor.masks.tracing.geometry import moments

TOLERANCE_PX = 0.25
"""How far points may leave a curve."""


def flattened(chain: Chain, tolerance: float = TOLERANCE_PX) -> Points:
    """Return a closed chain as points, (n, 2), within `tolerance` pixels of its curves."""
    if not chain.curved.any():
        return chain.knots
    start, end = chain.knots, chain.ends()
    first, second = chain.handles[:, 0], chain.handles[:, 1]
    bend = np.maximum(
        np.abs(start - 2 * first + second).max(axis=1), np.abs(first - 2 * second + end).max(axis=1)
    )
    # A cubic leaves its chord by 6/8 of its second difference at most, over count squared.
    count = np.where(chain.curved, np.ceil(np.sqrt(1.06 * bend / tolerance)), 1).astype(int)
    count = np.maximum(count, 1)
    piece = np.repeat(np.arange(len(count)), count)
    begins = np.cumsum(count) - count
    t = ((np.arange(len(piece)) - begins[piece]) / count[piece])[:, None]
    u = 1 - t
    curve = (u**3 * start[piece] + t**3 * end[piece]) + 3 * (
        u * u * t * first[piece] + u * t * t * second[piece]
    )
    points: Points = np.where(chain.curved[piece, None], curve, start[piece])
    return points


def centroid(rings: list[Points]) -> tuple[float, float]:
    """Return the centre of mass of what `rings` enclose; of their points where that is nothing."""
    area, x, y = np.sum([moments(ring) for ring in rings], axis=0).tolist()
    if abs(area) < 1e-6:  # noqa: PLR2004 - square pixels
        middle = np.concatenate(rings).mean(axis=0)
        return float(middle[0]), float(middle[1])
    return x / area, y / area


def box(rings: list[Points]) -> tuple[float, float, float, float]:
    """Return x, y, width and height of the box around `rings`."""
    points = np.concatenate(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def signed_area(ring: Points) -> float:
    """Return the area of `ring`: positive when it turns clockwise on screen."""
    return float(moments(ring)[0])


def rounded(ring: Points) -> NDArray[np.float64]:
    """Return `ring` to two decimals, without negative zeros."""
    return np.round(ring, 2) + 0.0
