"""Smooth lines: curves where they are safe, straight pieces where they are not.

Straight pieces through all gates never cross; curves may. So whatever crosses something, or leaves
a junction in the wrong order, is drawn straight instead, until nothing does.
"""

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing import arcs as chains
from services.processor.masks.tracing import crossings, curves, junctions, polygon
from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.lines import Lines, replaced

SHORT_ARC = 2
"""Arcs of fewer cracks have no shape to smooth."""
ROUNDS = 6
"""After so many rounds of straightening, all is drawn straight."""


MAX_ARCS = 10_000
"""Noise has many short arcs; a face has tens, a poor map of one hundreds."""
MAX_CRACKS = 150_000
"""In all arcs; a face in a photo of 16384 pixels square has as many."""


def draw(arcs: Arcs, *, area: NDArray[np.float64], frame: tuple[int, int]) -> Lines | None:
    """Return smooth lines near `arcs`, or None if they would take too long or keep crossing.

    Args:
        arcs: What to draw.
        area: Pixels of each label.
        frame: Width and height of the map.
    """
    if len(arcs) > MAX_ARCS or len(arcs.x) > MAX_CRACKS:
        return None
    if not len(arcs):
        return polygon.draw(arcs)
    lines = curves.draw(arcs, area=area, frame=frame)
    pieces = np.diff(lines.first) - 1
    bent = np.add.reduceat(lines.curved, lines.first[:-1], dtype=int)
    returns = (lines.knots[lines.first[:-1]] == lines.knots[lines.first[1:] - 1]).all(axis=1)
    is_flat = returns & (pieces + (bent > 0) < 3)  # noqa: PLR2004 - it encloses nothing
    unsafe = np.flatnonzero(is_flat | (np.diff(arcs.first) < SHORT_ARC))
    straight = np.zeros(len(arcs), bool)
    for turn in range(ROUNDS):
        if len(unsafe):
            straight[unsafe] = True
            lines = replaced(lines, unsafe, polygon.draw(chains.select(arcs, unsafe)))
        mixed = junctions.misordered(arcs, lines)
        if turn == 0 and len(mixed):
            lines = junctions.redirected(arcs, lines, mixed[~straight[mixed // 2]])
            mixed = junctions.misordered(arcs, lines)
        unsafe = np.union1d(crossings.find(lines), mixed // 2)
        unsafe = unsafe[~straight[unsafe]]
        if not len(unsafe):
            return lines
    return None
