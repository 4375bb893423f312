"""Fits: the best curve between any two knots of an arc, and what it costs.

With both tangents given, a cubic has two unknowns, the lengths of its handles, and the squared
misfit is a quadratic in them whose coefficients are moments of the samples. The moments grow with
the span, so all spans from all knots are fitted in one sweep.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.samples import KNOT_STEP, Samples

CURVE_PRICE = 1.0
"""Of one curve; everything else is measured by it."""
LINE_PRICE = 0.7
"""Of one straight piece: fewer bytes, but a node all the same."""
SPANS = frozenset((*range(1, 9), 10, 12, 14, 16, 20, 24, 28, 32))
"""Knot steps that one piece may span."""
HOPELESS = 3.0
"""A misfit that costs more ends the search for longer pieces from the same knot."""
TOO_DEAR = 1.5
"""A misfit that costs more is not worth considering: a knot more would be cheaper."""
MAX_RMS = 2.0
"""Half pixels: the greatest root mean square misfit of one piece, however large its regions."""
MAX_HANDLE = 2.0
"""Longest handle, in chords of its curve; others become a third of the chord."""
BEND = 0.2
"""Greatest sine between a straight piece and the tangent at either end (11 degrees)."""
SWAY = 6.0
"""Half pixels: how far a straight piece may end from that tangent; long ones must bend less."""


@dataclass(frozen=True, eq=False)
class Fits:
    """Pieces that may become part of a line, ordered by where they begin.

    Attributes:
        start: (m,) knot that each piece begins at, by its place among all knots.
        end: (m,) knot that it ends at.
        price: (m,) of the piece with its misfit.
        handles: (2, m) complex, from the piece's start and from its end, in half pixels; nil where
            the piece is straight.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    price: NDArray[np.float64]
    handles: NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Knots:
    """Places where pieces may meet.

    Attributes:
        sample: (k,) which sample each knot is.
        first: (a + 1,) where each arc's knots begin, and the total.
        anchor: (k,) where the knot will be drawn, complex half pixels.
        tangent: (k,) unit direction of travel through it.
        free: (k,) whether pieces need not follow the tangent: ends of arcs, and corners.
        weight: (k,) price of one squared half pixel at one sample.
    """

    sample: NDArray[np.int64]
    first: NDArray[np.int64]
    anchor: NDArray[np.complex128]
    tangent: NDArray[np.complex128]
    free: NDArray[np.bool_]
    weight: NDArray[np.float64]


def find(samples: Samples, knots: Knots) -> Fits:
    """Return every piece worth considering; each knot is reached from the one before."""
    points = samples.points
    last = np.repeat(knots.first[1:] - 1, np.diff(knots.first))
    start = np.flatnonzero(np.arange(len(last)) < last)
    # The three samples up to each next knot, as sums around the middle one.
    ahead = knots.sample[start] + np.arange(1, KNOT_STEP + 1)[:, None]
    sums = np.zeros((4, len(last)), np.complex128)
    before, middle, after = points[ahead]
    sums[:, start] = (
        before + middle + after,
        after - before,
        after + before,
        (points[ahead] * points[ahead].conj()).sum(0),
    )
    grown = np.zeros((5, len(start)), np.complex128)  # sums of z, u z, u^2 z, u^3 z and |z|^2
    found = []
    for span in range(1, max(SPANS) + 1):
        grown = _grow(grown, sums[:, start + span - 1], KNOT_STEP * span - 1)
        go = start + span < last[start]
        if span in SPANS:
            piece, misfit = _fit(knots, start, span, grown)
            found.append(piece)
            go &= (misfit < HOPELESS / knots.weight[start]) | (span == 1)
            go &= (misfit < MAX_RMS**2 * KNOT_STEP * span) | (span == 1)
        start, grown = start[go], grown[:, go]
        if not len(start):
            break
    return _sorted(found)


def _grow(
    grown: NDArray[np.complex128], block: NDArray[np.complex128], middle: int
) -> NDArray[np.complex128]:
    """Return moments with three more samples, the middle one being number `middle`."""
    flat, slope, wide, square = block
    grown[0] += flat
    grown[1] += middle * flat + slope
    grown[2] += middle**2 * flat + 2 * middle * slope + wide
    grown[3] += middle**3 * flat + 3 * middle**2 * slope + 3 * middle * wide + slope
    grown[4] += square
    return grown


def _fit(
    knots: Knots, start: NDArray[np.int64], span: int, grown: NDArray[np.complex128]
) -> tuple[Fits, NDArray[np.float64]]:
    """Return the pieces that span `span` knot steps from `start`, and their misfits."""
    end = start + span
    basis = _basis(KNOT_STEP * span)
    origin, chord = knots.anchor[start], knots.anchor[end] - knots.anchor[start]
    first, second, third = (grown[1:4] - origin * basis.powers[1:, None]) * basis.scale[:, None]
    square = grown[4].real - 2 * _dot(origin, grown[0]) + basis.powers[0] * _dot(origin, origin)
    near, far = 3 * (first - 2 * second + third), 3 * (second - third)
    length = np.abs(chord)

    pull0, pull3 = near - basis.near * chord, far - basis.far * chord
    rest = square - 2 * _dot(chord, far + third) + basis.ends * length**2
    free = knots.free[start], knots.free[end]
    out = np.where(free[0], basis.own * pull0 - basis.cross * pull3, knots.tangent[start])
    into = np.where(free[1], basis.cross * pull0 - basis.own * pull3, knots.tangent[end])
    out /= np.maximum(np.abs(out), 1e-9)
    into /= np.maximum(np.abs(into), 1e-9)
    along0, along3 = _dot(out, pull0), -_dot(into, pull3)
    shared = -basis.cross * _dot(out, into)
    det = basis.own**2 - shared**2
    long0 = (along0 * basis.own - along3 * shared) / det
    long3 = (along3 * basis.own - along0 * shared) / det
    bad = (np.minimum(long0, long3) < 0) | (np.maximum(long0, long3) > MAX_HANDLE * length)
    long0, long3 = np.where(bad, length / 3, long0), np.where(bad, length / 3, long3)
    misfit = rest - 2 * (long0 * along0 + long3 * along3)
    misfit += basis.own * (long0**2 + long3**2) + 2 * shared * long0 * long3

    straight = square - 2 * _dot(chord, first) + basis.line * length**2
    room = np.minimum(BEND * length, SWAY)
    level = (free[0] | (_off(knots.tangent[start], chord) <= room)) & (
        free[1] | (_off(knots.tangent[end], chord) <= room)
    )
    misfit, straight = np.maximum(misfit, 0), np.maximum(straight, 0)
    weight = knots.weight[start]
    price = CURVE_PRICE + weight * misfit
    line_price = np.where(level, LINE_PRICE + weight * straight, np.inf)
    is_line = line_price <= price
    price = np.where(is_line, line_price, price)
    handles = np.where(is_line, 0, np.stack([long0 * out, -long3 * into]))
    worth = np.flatnonzero((price < CURVE_PRICE + TOO_DEAR) | (span == 1))
    return Fits(start[worth], end[worth], price[worth], handles[:, worth]), misfit


@dataclass(frozen=True, eq=False)
class _Basis:
    """Constants of cubics over samples 1 to n at even steps; near and far are the handles' weights.

    Attributes:
        powers: Sums of u^0 to u^3 over the samples.
        scale: 1/n, 1/n^2, 1/n^3.
        own: Sum of squares of one handle's weights.
        cross: Sum of products of both handles' weights.
        near: Sum of products of the near handle's weights with those of the end and far handle.
        far: Likewise of the far handle.
        ends: Sum of squares of the end's and far handle's weights.
        line: Sum of squares of t.
    """

    powers: NDArray[np.float64]
    scale: NDArray[np.float64]
    own: float
    cross: float
    near: float
    far: float
    ends: float
    line: float


@cache
def _basis(count: int) -> _Basis:
    """Return the constants for `count` samples."""
    u = np.arange(1, count + 1, dtype=float)
    t = u / count
    near, far = 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t)
    end = far + t**3
    return _Basis(
        powers=np.array([(u**k).sum() for k in range(4)]),
        scale=1 / count ** np.arange(1.0, 4.0),
        own=float((near * near).sum()),
        cross=float((near * far).sum()),
        near=float((near * end).sum()),
        far=float((far * end).sum()),
        ends=float((end * end).sum()),
        line=float((t * t).sum()),
    )


def _dot(one: NDArray[np.complex128], other: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the scalar product of two vectors."""
    return one.real * other.real + one.imag * other.imag


def _off(tangent: NDArray[np.complex128], chord: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return how far from the line along `tangent` a chord ends; all its length if behind."""
    ahead = np.conj(tangent) * chord
    return np.where(ahead.real > 0, np.abs(ahead.imag), np.abs(chord))


def _sorted(found: list[Fits]) -> Fits:
    """Return all pieces in order of where they begin."""
    start = np.concatenate([piece.start for piece in found])
    order = np.argsort(start, kind="stable")
    return Fits(
        start[order],
        np.concatenate([piece.end for piece in found])[order],
        np.concatenate([piece.price for piece in found])[order],
        np.concatenate([piece.handles for piece in found], axis=1)[:, order],
    )
