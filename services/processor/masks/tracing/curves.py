"""Curves: the cheapest chains of cubics near the arcs, safe or not."""

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing import fits, routes, samples
from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.fits import Knots
from services.processor.masks.tracing.lines import Lines
from services.processor.masks.tracing.samples import Samples

GRID = 4
"""Path units to the pixel."""
FIT_FLOOR = 0.002
"""Price of a squared half pixel along a half pixel of arc, however large the regions beside it."""
FIT_AREA = 50.0
"""Added to it, over the area of each region in pixels: small regions are drawn with more care."""
REACH = 3
"""Samples to either side that a tangent is taken from."""
CORNER = 0.7
"""Cosine of the least turn, within REACH samples to either side, that makes a corner."""


def draw(arcs: Arcs, *, area: NDArray[np.float64], frame: tuple[int, int]) -> Lines:
    """Return lines near `arcs`.

    Args:
        arcs: What to draw.
        area: Pixels of each label.
        frame: Width and height of the map.
    """
    taken = samples.take(arcs, area)
    knots = _knots(taken, FIT_FLOOR + FIT_AREA * (1 / area[arcs.left] + 1 / area[arcs.right]))
    pieces = fits.find(taken, knots)
    at, first = routes.cheapest((pieces.start, pieces.end), pieces.price, knots.first)
    begins = np.delete(np.arange(len(at)), first[1:] - 1)
    key = pieces.start * len(knots.anchor) + pieces.end
    order = np.argsort(key)
    chosen = order[np.searchsorted(key[order], at[begins] * len(knots.anchor) + at[begins + 1])]
    handles = np.zeros((len(at), 2), np.complex128)
    handles[begins] = pieces.handles[:, chosen].T
    curved = (handles != 0).any(axis=1)
    anchor = knots.anchor[at]
    handles[:-1] += np.stack([anchor[:-1], anchor[1:]], axis=1)
    limit = 2 * np.array(frame)
    return Lines(
        knots=_on_grid(anchor),
        # Handles stay in the frame, so curves do: renderers flatten a path that leaves the canvas
        # in another way.
        handles=np.clip(_on_grid(handles), 0, limit * GRID // 2),
        curved=curved,
        first=first,
        grid=GRID,
    )


def _knots(taken: Samples, weight: NDArray[np.float64]) -> Knots:
    """Return the knots of all arcs; `weight` is each arc's."""
    sample, first = taken.knots()
    here = taken.points[sample]
    tangent = np.zeros(len(sample), np.complex128)
    for reach in range(1, REACH + 1):
        back, ahead = taken.beside(sample, reach)
        tangent += reach * (ahead - back)
    turn = (ahead - here) * np.conj(here - back)
    free = turn.real < CORNER * np.abs(turn)
    opens = ~taken.closed
    free[first[:-1][opens]] = free[first[1:][opens] - 1] = True
    return Knots(
        sample=sample,
        first=first,
        anchor=(np.rint(here.real * GRID / 2) + 1j * np.rint(here.imag * GRID / 2)) * 2 / GRID,
        tangent=tangent / np.maximum(np.abs(tangent), 1e-9),
        free=free,
        weight=np.repeat(weight * taken.spacing, np.diff(first)),
    )


def _on_grid(points: NDArray[np.complex128]) -> NDArray[np.int64]:
    """Return complex half pixels as whole x, y on the grid."""
    pairs = np.stack([points.real, points.imag], axis=-1)
    return np.rint(pairs * (GRID / 2)).astype(np.int64)
