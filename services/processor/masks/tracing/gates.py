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
LONGEST = 4
"""Chords considered from every candidate: those that reach farthest, and the one to the next."""


def chords(
    points: NDArray[np.complex128], gates: NDArray[np.complex128], finish: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs (i, j) of points whose chord passes every gate between them, i rising.

    From every i at once, a cone of allowed directions is narrowed gate by gate.

    Args:
        points: (n,) complex candidates in walking order, all arcs laid end to end.
        gates: (n,) vector from each candidate to the left end of its gate.
        finish: (n,) the last candidate of the arc that each belongs to.
    """
    i = np.flatnonzero(np.arange(len(points)) < finish)
    starts, ends = [i], [i + 1]
    i = i[i + 1 < finish[i]]
    room, origin = finish[i] - i, points[i]
    ray = points[i + 1] - origin
    left, right = ray + gates[i + 1], ray - gates[i + 1]
    for reach in range(2, LOOK_AHEAD + 1):
        ray = points[i + reach] - origin
        is_open = _cross(left, right) >= 0
        fits = np.flatnonzero(is_open & (_cross(left, ray) >= 0) & (_cross(right, ray) <= 0))
        starts.append(i[fits])
        ends.append(i[fits] + reach)
        go = np.flatnonzero(is_open & (room > reach))
        if not len(go):
            break
        i, room, origin = i[go], room[go], origin[go]
        left, right, ray = left[go], right[go], ray[go]
        gate = gates[i + reach]
        one, other = ray + gate, ray - gate
        np.copyto(left, one, where=_cross(left, one) > 0)
        np.copyto(right, other, where=_cross(right, other) < 0)
    return _farthest(np.concatenate(starts), np.concatenate(ends), len(points))


def _cross(one: NDArray[np.complex128], other: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the cross product: positive when `other` is clockwise of `one` on screen."""
    return one.real * other.imag - one.imag * other.real


def _farthest(
    i: NDArray[np.int64], j: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs worth considering, those of one i together and j rising."""
    # Numbers of two bytes are sorted by counting.
    order = np.argsort(i.astype(np.uint16) if count < 2**16 else i, kind="stable")
    i, j = i[order], j[order]
    keep = j == i + 1
    beyond = i[LONGEST:] != i[:-LONGEST]
    keep[: len(beyond)] |= beyond
    keep[len(beyond) :] = True
    return i[keep], j[keep]
