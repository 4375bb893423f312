"""Junctions: lines must leave them in the cyclic order of their arcs, or regions would mix."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.arcs import STEP_X, STEP_Y, Arcs
from services.processor.masks.tracing.lines import Lines

TURN = 2 * np.pi


def misordered(arcs: Arcs, lines: Lines) -> NDArray[np.int64]:
    """Return the ends of lines around junctions that they leave in another order than the arcs.

    End `2 * a` is the beginning of line `a`, end `2 * a + 1` its other end.
    """
    ends = np.flatnonzero(np.repeat(~arcs.closed, 2))
    line, back = ends // 2, ends % 2 == 1
    at = np.where(back, lines.first[line + 1] - 1, lines.first[line])
    knot = lines.knots[at]
    piece = at - back
    toward = lines.knots[np.where(back, at - 1, at + 1)] - knot
    near = np.where(back[:, None], lines.handles[piece, 1], lines.handles[piece, 0]) - knot
    far = np.where(back[:, None], lines.handles[piece, 0], lines.handles[piece, 1]) - knot
    # A little way along the curve: an eighth.
    ahead = np.where(lines.curved[piece, None], 147 * near + 21 * far + toward, 512 * toward)
    angle = np.arctan2(ahead[:, 1], ahead[:, 0])

    junction = knot[:, 0] * (int(knot[:, 1].max(initial=0)) + 1) + knot[:, 1]
    order = np.lexsort((_heading(arcs, ends), junction))
    group = np.flatnonzero(np.diff(junction[order], prepend=-1))
    size = np.diff(np.append(group, len(order)))
    after = np.arange(1, len(order) + 1)
    after[group + size - 1] = group
    turn = (angle[order][after] - angle[order]) % TURN
    if not len(group):
        return ends
    wrong = np.add.reduceat(turn, group) > TURN + 1e-3
    wrong |= np.minimum.reduceat(turn, group) < 1e-9  # noqa: PLR2004 - one upon the other
    wrong &= size > 1
    mixed: NDArray[np.int64] = ends[order[np.repeat(wrong, size)]]
    return mixed


def redirected(arcs: Arcs, lines: Lines, ends: NDArray[np.int64]) -> Lines:
    """Return lines that leave the given ends along their first cracks, by a handle of a pixel."""
    handles, curved = lines.handles.copy(), lines.curved.copy()
    for back in (0, 1):
        own = ends[ends % 2 == back]
        line = own // 2
        at = np.where(back, lines.first[line + 1] - 1, lines.first[line])
        other = at + (-1 if back else 1)
        piece = at - back
        knot, end = lines.knots[at], lines.knots[other]
        span = np.abs(end - knot).sum(axis=1)
        reach = np.minimum(lines.grid, np.maximum(1, span // 4))
        heading = _heading(arcs, own)
        step = np.stack([STEP_X[heading], STEP_Y[heading]], axis=1)
        handles[piece, back] = knot + step * reach[:, None]
        third = end - (end - knot) // 3
        handles[piece, 1 - back] = np.where(curved[piece, None], handles[piece, 1 - back], third)
        curved[piece] = True
    return replace(lines, handles=handles, curved=curved)


def _heading(arcs: Arcs, ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the direction in which arcs leave the given ends."""
    line = ends // 2
    lead, last = arcs.heading[arcs.first[line]], arcs.heading[arcs.first[line + 1] - 1]
    return np.where(ends % 2 == 1, (last + 2) % 4, lead)
