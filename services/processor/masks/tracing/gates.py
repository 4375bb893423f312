"""Gates: what a straight piece must pass so that no pixel centre changes sides.

The *gate* of a crack is the segment across it, from just short of the one pixel centre to just
short of the other. A chord that passes every gate of the stretch it replaces leaves every pixel
centre on its own side, and stays within the unit squares around the stretch's own vertices, so no
two such chords cross.
"""

import numpy as np
from numpy.typing import NDArray

HALF_LENGTH = 0.95
"""Half pixels. At 1 a gate would reach the pixel centres; renderers round to 1/64 px."""
LOOK_AHEAD = 64
"""Candidates that one chord may span: keeps the work linear in the length of the arcs."""


def chords(
    points: NDArray[np.float64], gates: NDArray[np.float64], finish: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs (i, j) of points whose chord passes every gate between them.

    From every i at once, a cone of allowed directions is narrowed gate by gate.

    Args:
        points: (n, 2) candidates in walking order, all arcs laid end to end.
        gates: (n, 2) vector from each candidate to the left end of its gate.
        finish: (n,) the last candidate of the arc that each belongs to.
    """
    x, y = points.T
    gate_x, gate_y = gates.T
    i = np.flatnonzero(np.arange(len(x)) < finish)
    px, py, stop = x[i], y[i], finish[i]
    starts, ends = [i], [i + 1]
    left_x = left_y = right_x = right_y = np.empty(0)
    j = i
    for step in range(LOOK_AHEAD - 1):
        j = j + 1
        go = np.flatnonzero(j < stop)
        i, j, px, py, stop = i[go], j[go], px[go], py[go], stop[go]
        dx, dy, gx, gy = x[j] - px, y[j] - py, gate_x[j], gate_y[j]
        ax, ay, bx, by = dx + gx, dy + gy, dx - gx, dy - gy  # the gate's ends, seen from i
        if step == 0:
            left_x, left_y, right_x, right_y = ax, ay, bx, by
        else:
            left_x, left_y, right_x, right_y = left_x[go], left_y[go], right_x[go], right_y[go]
            swap = left_x * ay > left_y * ax
            left_x, left_y = np.where(swap, ax, left_x), np.where(swap, ay, left_y)
            swap = right_x * by < right_y * bx
            right_x, right_y = np.where(swap, bx, right_x), np.where(swap, by, right_y)
        go = np.flatnonzero(left_x * right_y >= left_y * right_x)
        if not len(go):
            break
        i, j, px, py, stop = i[go], j[go], px[go], py[go], stop[go]
        left_x, left_y, right_x, right_y = left_x[go], left_y[go], right_x[go], right_y[go]
        dx, dy = x[j + 1] - px, y[j + 1] - py
        fits = np.flatnonzero((dx * left_y <= dy * left_x) & (right_x * dy <= right_y * dx))
        starts.append(i[fits])
        ends.append(j[fits] + 1)
    return np.concatenate(starts), np.concatenate(ends)
