"""Exact lines: every arc as it runs along the pixels."""

import numpy as np

from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.lines import Lines, straight


def draw(arcs: Arcs) -> Lines:
    """Return lines through the vertices where `arcs` turn, and through their ends."""
    turn = arcs.turns()
    last = np.zeros(len(turn), bool)
    last[arcs.first[1:]] = True
    begins = np.flatnonzero(turn[:-1])
    finish = arcs.first[1:] - 1
    # An arc has a knot where each run begins and one where the last run ends.
    slot = np.arange(len(begins)) + np.cumsum(last[begins])
    first = np.searchsorted(begins, arcs.first) + np.arange(len(arcs) + 1)
    dx, dy = arcs.dx, arcs.dy
    knots = np.empty((first[-1], 2), np.int64)
    knots[slot, 0] = arcs.x[begins] - dx[begins]
    knots[slot, 1] = arcs.y[begins] - dy[begins]
    knots[first[1:] - 1, 0] = arcs.x[finish] + dx[finish]
    knots[first[1:] - 1, 1] = arcs.y[finish] + dy[finish]
    return straight(knots, first, grid=2)
