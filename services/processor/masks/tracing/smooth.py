"""Smooth lines: curves where they are safe, straight pieces where they are not.

Straight pieces through all gates never cross; curves may. So whatever crosses something, leaves a
junction in the wrong order, shrinks a ring to nothing or leaps over an island is drawn straight
instead, until nothing does.
"""

import numpy as np

from services.processor.masks.tracing import arcs as chains
from services.processor.masks.tracing import (
    collapses,
    crossings,
    curves,
    junctions,
    nesting,
    polygon,
)
from services.processor.masks.tracing.lines import Lines, replaced
from services.processor.masks.tracing.network import Network

SHORT_ARC = 2
"""Arcs of fewer cracks have no shape to smooth."""
ROUNDS = 6
"""After so many rounds of straightening, all is drawn straight."""


MAX_ARCS = 10_000
"""Noise has many short arcs; a face has tens, a poor map of one hundreds."""
MAX_CRACKS = 150_000
"""In all arcs; a face in a photo of 16384 pixels square has as many."""


def draw(found: Network, *, frame: tuple[int, int]) -> Lines | None:
    """Return smooth lines near the arcs, or None if they would take too long or keep crossing.

    Args:
        found: What to draw.
        frame: Width and height of the map.
    """
    arcs = found.arcs
    if len(arcs) > MAX_ARCS or len(arcs.x) > MAX_CRACKS:
        return None
    if not len(arcs):
        return polygon.draw(arcs)
    lines = curves.draw(arcs, area=found.rings.areas(), frame=frame)
    straight = np.zeros(len(arcs), bool)
    unsafe = np.flatnonzero(np.diff(arcs.first) < SHORT_ARC)
    for turn in range(ROUNDS):
        if len(unsafe):
            straight[unsafe] = True
            lines = replaced(lines, unsafe, polygon.draw(chains.select(arcs, unsafe)))
        mixed = junctions.misordered(arcs, lines)
        if turn == 0 and len(mixed):
            lines = junctions.redirected(arcs, lines, mixed[~straight[mixed // 2]])
            mixed = junctions.misordered(arcs, lines)
        segments = crossings.flattened(lines)
        wrong = (
            mixed // 2,
            crossings.find(segments),
            collapses.find(lines, found.rings, found.frame),
            nesting.find(segments, arcs, found.rings, found.frame),
        )
        unsafe = np.unique(np.concatenate(wrong))
        unsafe = unsafe[~straight[unsafe]]
        if not len(unsafe):
            return lines
    return None
