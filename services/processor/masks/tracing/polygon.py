"""Polygon lines: the fewest bytes of straight pieces that keep every pixel centre on its side."""

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing import exact, gates, routes
from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.lines import Lines, choose, straight

FIT_WEIGHT = 0.25
"""Bytes per squared half pixel: of two chords of like size, the closer one."""
STAIR_BYTES = 2.3
"""What one step of a pixel stair takes in path data; chords take CHORD_BYTES."""
CHORD_BYTES = 4.2


def draw(arcs: Arcs) -> Lines:
    """Return the cheapest lines through all gates of `arcs`.

    Where the pixel stairs take fewer bytes, as on enlarged maps, they stay.
    """
    points, gate, first = _candidates(arcs)
    i, j = gates.chords(points, gate, np.repeat(first[1:] - 1, np.diff(first)))
    at, begins = routes.cheapest((i, j), _cost(points, i, j), first)
    knots = np.stack([points[at].real, points[at].imag], axis=1).astype(np.int64)
    chords = _sharpened(knots, begins, arcs.closed)
    stairs = exact.draw(arcs)
    cheaper = STAIR_BYTES * np.diff(stairs.first) < CHORD_BYTES * np.diff(chords.first)
    if not cheaper.any():
        return chords
    lines = choose(chords, stairs, cheaper)
    return straight(lines.knots, lines.first, grid=lines.grid)


def _candidates(
    arcs: Arcs,
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.int64]]:
    """Return points that chords may join, the left ends of their gates, and each arc's first.

    They are the middles of the first and last crack of each straight run, and the arc's two ends;
    a loop ends at its first crack again.
    """
    turn = arcs.turns()
    keep = np.flatnonzero(turn[:-1] | turn[1:])
    lead, last = arcs.first[:-1], arcs.first[1:] - 1
    opens = ~arcs.closed
    bounds = np.searchsorted(keep, arcs.first)
    first = np.concatenate([[0], np.cumsum(np.diff(bounds) + 1 + opens)])
    slot = np.arange(len(keep)) + np.repeat(first[:-1] + opens - bounds[:-1], np.diff(bounds))

    middle, step = arcs.middles(), arcs.steps()
    points, gate = np.zeros((2, first[-1]), np.complex128)
    points[slot], gate[slot] = middle[keep], -1j * step[keep]  # left of travel, y downwards
    points[first[:-1]] = middle[lead] - np.where(opens, step[lead], 0)
    points[first[1:] - 1] = np.where(opens, middle[last] + step[last], middle[lead])
    return points, gate * gates.HALF_LENGTH, first


def _cost(
    points: NDArray[np.complex128], i: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the bytes of each chord, plus what the squared distances of skipped points cost."""
    # Sums of the skipped points' moments around the chord's start.
    moments = np.zeros((3, len(points) + 1), np.complex128)
    np.cumsum(points, out=moments[0, 1:])
    np.cumsum(points * points, out=moments[1, 1:])
    np.cumsum(points * points.conj(), out=moments[2, 1:])
    flat, square, norm = moments[:, j] - moments[:, i + 1]
    start, chord = points[i], points[j] - points[i]
    skipped = j - i - 1
    square += start * (skipped * start - 2 * flat)
    spread = norm.real - 2 * (start.real * flat.real + start.imag * flat.imag)
    spread += skipped * (start.real**2 + start.imag**2)
    # Twice the squared distance of z from the chord's line: |z|^2 - Re (z / c)^2 |c|^2.
    wide, high = np.abs(chord.real), np.abs(chord.imag)
    length2 = np.maximum(wide * wide + high * high, 1)
    turned = np.conj(chord) ** 2 * square
    misfit = (spread - turned.real / length2) / 2
    digits = 4.0 + (wide > 9) + (high > 9) + (wide > 99) + (high > 99)  # noqa: PLR2004 - decimal
    size = digits - 1.5 * ((wide == 0) | (high == 0))
    return np.where(chord != 0, size + FIT_WEIGHT * misfit, np.inf)


def _sharpened(
    knots: NDArray[np.int64], first: NDArray[np.int64], closed: NDArray[np.bool_]
) -> Lines:
    """Return straight lines with the right angles put back that run middles chamfered.

    A level piece, one step across a pixel corner and an upright piece become two pieces that meet
    in the corner; it lies within the arc's own unit square.
    """
    begin, finish = first[:-1], first[1:] - 1
    segment = np.ones(len(knots), bool)
    segment[finish] = False
    here = np.arange(len(knots))
    before, after, beyond = here - 1, here + 1, here + 2
    long = np.diff(first) > 4  # noqa: PLR2004 - a loop of three pieces has no corner to spare
    loop = closed & long
    before[begin[loop]] = finish[loop] - 1
    beyond[finish[loop] - 1] = begin[loop] + 1
    segment[begin[~loop]] = False
    segment[np.maximum(finish[~loop] - 1, 0)] = False

    chamfer = np.flatnonzero(segment)
    (ax, ay), (bx, by) = knots[before[chamfer]].T, knots[chamfer].T
    (cx, cy), (dx, dy) = knots[after[chamfer]].T, knots[beyond[chamfer]].T
    small = (np.abs(cx - bx) == 1) & (np.abs(cy - by) == 1)
    level = (ay == by) & (cx == dx) & ((bx - ax) * (cx - bx) > 0) & ((cy - by) * (dy - cy) > 0)
    upright = (ax == bx) & (cy == dy) & ((by - ay) * (cy - by) > 0) & ((cx - bx) * (dx - cx) > 0)
    cut = small & (level | upright)
    at = chamfer[cut]
    corner = np.where(level[cut, None], np.stack([cx, by], 1)[cut], np.stack([bx, cy], 1)[cut])

    knots = knots.copy()
    knots[at] = corner
    keep = np.ones(len(knots), bool)
    keep[at + 1] = False
    # At a loop's seam the first and the last knot are one.
    seam = np.isin(at, finish[loop] - 1)
    keep[at[seam]] = False
    keep[at[seam] + 1] = True
    knots[at[seam] + 1] = corner[seam]
    arc = np.searchsorted(first, at, "right") - 1
    knots[begin[arc[seam]]] = corner[seam]
    opening = np.isin(at, begin[loop])
    knots[finish[arc[opening]]] = corner[opening]
    kept = np.concatenate([[0], np.cumsum(keep)])
    return straight(knots[keep], kept[first], grid=2)
