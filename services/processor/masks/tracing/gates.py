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
LOOK_AHEAD = 32
"""Candidates that one chord may span: keeps the work linear in the length of the arcs."""
LONGEST = 3
"""Chords considered from every candidate: those that reach farthest, and the one to the next."""
_REFRESH = 4
"""Steps for which candidates with a closed cone are carried along: to drop them costs too."""


def chords(
    points: NDArray[np.complex128], gates: NDArray[np.complex128], finish: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs (i, j) of points whose chord passes every gate between them, i rising.

    From every i at once, a cone of allowed directions is narrowed gate by gate. Single precision
    is enough: what it loses is a hundredth of what gates leave to pixel centres.

    Args:
        points: (n,) complex candidates in walking order, all arcs laid end to end.
        gates: (n,) vector from each candidate to the left end of its gate.
        finish: (n,) the last candidate of the arc that each belongs to.
    """
    x, y, gate_x, gate_y = (
        np.concatenate([part, np.zeros(LOOK_AHEAD)]).astype(np.float32)
        for part in (points.real, points.imag, gates.real, gates.imag)
    )
    i = np.flatnonzero(np.arange(len(points)) < finish)
    starts, ends = [i], [i + 1]
    i = i[i + 1 < finish[i]]
    room, from_x, from_y = finish[i] - i, x[i], y[i]
    j = i + 1
    dx, dy = x[j] - from_x, y[j] - from_y
    left_x, left_y = dx + gate_x[j], dy + gate_y[j]
    right_x, right_y = dx - gate_x[j], dy - gate_y[j]
    live = np.ones(len(i), bool)
    for reach in range(2, LOOK_AHEAD + 1):
        # A cone that closed stays closed, though gates behind the candidate may turn it inside out.
        live &= (left_x * right_y >= left_y * right_x) & (room >= reach)
        if reach % _REFRESH == 0:
            go = np.flatnonzero(live)
            if not len(go):
                break
            i, room, from_x, from_y = i[go], room[go], from_x[go], from_y[go]
            left_x, left_y, right_x, right_y = left_x[go], left_y[go], right_x[go], right_y[go]
            live = live[go]
        j = i + reach
        dx, dy = x[j] - from_x, y[j] - from_y
        fits = live & (left_x * dy >= left_y * dx) & (right_x * dy <= right_y * dx)
        start = i[fits]
        starts.append(start)
        ends.append(start + reach)
        ahead_x, ahead_y = gate_x[j], gate_y[j]
        _narrow(left_x, left_y, dx + ahead_x, dy + ahead_y, side=1)
        _narrow(right_x, right_y, dx - ahead_x, dy - ahead_y, side=-1)
    return _farthest(np.concatenate(starts), np.concatenate(ends), len(points))


def _narrow(
    edge_x: NDArray[np.float32],
    edge_y: NDArray[np.float32],
    gate_x: NDArray[np.float32],
    gate_y: NDArray[np.float32],
    *,
    side: int,
) -> None:
    """Move edges of cones, in place, to the ends of gates that lie inside of them."""
    inside = side * (edge_x * gate_y - edge_y * gate_x) > 0
    np.copyto(edge_x, gate_x, where=inside)
    np.copyto(edge_y, gate_y, where=inside)


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
