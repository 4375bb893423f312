"""Collapses: rings that drawn lines shrank to nothing, or turned inside out.

Lines that cross nothing can still lie upon one another, or along the frame, and lose what they
enclose.
"""

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.frame import Frame
from services.processor.masks.tracing.lines import Lines
from services.processor.masks.tracing.rings import Rings

LEAST = 0.25
"""Of a ring's pixels that must be left. Straight lines leave half of a single pixel."""


def find(lines: Lines, rings: Rings, frame: Frame) -> NDArray[np.int64]:
    """Return the lines around rings that lost most of their pixels."""
    swept = _swept(lines)
    x, y = frame.x * lines.grid, frame.y * lines.grid
    along_frame = (x * np.roll(y, -1) - y * np.roll(x, -1)) / 2
    by_dart = np.concatenate([np.stack([swept, -swept], axis=1).ravel(), along_frame])
    area = np.add.reduceat(by_dart[rings.darts], rings.first[:-1]) / lines.grid**2
    lost = area * np.sign(rings.pixels) < LEAST * np.abs(rings.pixels)
    darts = rings.darts[np.repeat(lost, np.diff(rings.first))]
    return np.unique(darts[darts < 2 * len(lines)] // 2)


def _swept(lines: Lines) -> NDArray[np.float64]:
    """Return the area that each line sweeps around the origin, in square units."""
    start, end = lines.knots[:-1], lines.knots[1:]
    near, far = lines.handles[:-1].swapaxes(0, 1)
    bulge = 6 * (_cross(start, near) + _cross(far, end))
    bulge += 3 * (_cross(start, far) + _cross(near, far) + _cross(near, end))
    bulge -= 9 * _cross(start, end)
    pieces = _cross(start, end) / 2 + np.where(lines.curved[:-1], bulge, 0) / 20
    pieces[lines.first[1:-1] - 1] = 0  # from one line to the next
    return np.add.reduceat(pieces, lines.first[:-1])


def _cross(p: NDArray[np.int64], q: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cross product of each pair of points."""
    return p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
