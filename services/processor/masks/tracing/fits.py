"""Fits: the best curve between any two knots of an arc, and what it costs.

With both tangents given, a cubic has two unknowns, the lengths of its handles, and the squared
misfit is a quadratic in them whose coefficients are moments of the samples. The moments grow with
the span, so all spans from all knots are fitted in one sweep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.samples import KNOT_STEP, Samples

CURVE_PRICE = 1.0
"""Of one curve; everything else is measured by it."""
LINE_PRICE = 0.7
"""Of one straight piece: fewer bytes, but a node all the same."""
ROUNDS = ((1, 2), (3, 4), (5, 6, 7, 8), (10, 12, 14, 16), (20, 24, 28, 32))
"""Knot steps that one piece may span. Those of a round are fitted at once: numpy takes as long for
few as for many, until they leave the caches."""
BLOCK = 2048
"""Knots that pieces are fitted from at once, for the same reason."""
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
    last = np.repeat(knots.first[1:] - 1, np.diff(knots.first))
    start = np.flatnonzero(np.arange(len(last)) < last)
    sums = np.zeros((7, len(last)))
    sums[:, start] = _sums(samples.points, knots.sample[start])
    blocks = [start[k : k + BLOCK] for k in range(0, len(start), BLOCK)]
    return Fits(*_joined([_found(knots, last, sums, block) for block in blocks]))


def _found(
    knots: Knots, last: NDArray[np.int64], sums: NDArray[np.float64], start: NDArray[np.int64]
) -> tuple[NDArray[Any], ...]:
    """Return start, end, price and handles of the pieces that begin at knots `start`, in order.

    `last` is where the arc of each knot ends. Each round tries longer pieces, from those knots
    where no shorter one was hopeless.
    """
    longest = last[start] - start  # knot steps that a piece may span
    moments = np.zeros((9, len(start)))
    found = []
    for before, spans in pairwise(((0,), *ROUNDS)):
        wanted = []
        for steps in range(before[-1] + 1, spans[-1] + 1):
            # Beyond the end of an arc they grow by what is not asked for.
            more = sums.take(start + steps - 1, axis=1, mode="clip")
            _grow(moments, more, KNOT_STEP * steps - 1)
            if steps in spans:
                room = np.flatnonzero(longest >= steps)
                wanted.append((room, np.full(len(room), steps), moments.take(room, axis=1)))
        which, span, grown = _joined(wanted)
        begin = start[which]
        price, misfit, handles = _fit(knots, begin, span, grown)
        hopeless = misfit >= HOPELESS / knots.weight[begin]
        hopeless |= misfit >= MAX_RMS**2 * KNOT_STEP * span
        hopeless &= span > 1
        np.minimum.at(longest, which[hopeless], span[hopeless])
        worth = (price < CURVE_PRICE + TOO_DEAR) & (span <= longest[which])
        chosen = np.flatnonzero(worth | (span == 1))
        found.append((begin[chosen], span[chosen], price[chosen], handles[:, chosen]))
        go = np.flatnonzero(longest > spans[-1])
        start, longest, moments = start[go], longest[go], moments.take(go, axis=1)
        if not len(start):
            break
    begin, span, price, handles = _joined(found)
    order = np.argsort(begin, kind="stable")
    return begin[order], (begin + span)[order], price[order], handles[:, order]


def _joined(parts: Sequence[tuple[NDArray[Any], ...]]) -> Iterator[NDArray[Any]]:
    """Yield the first arrays of all parts laid end to end, then the second ones, and so on."""
    return (np.concatenate(arrays, axis=-1) for arrays in zip(*parts, strict=True))


def _sums(points: NDArray[np.complex128], sample: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return sums over the three samples z behind each of those given; u is 0 at the middle one.

    They are those of z, u z and u^2 z, each as x and y, and of |z|^2: seven rows.
    """
    ahead = sample + np.arange(1, KNOT_STEP + 1)[:, None]
    before, middle, after = points[ahead]
    square = (points * points.conj()).real[ahead].sum(axis=0)
    sums = (before + middle + after, after - before, after + before)
    return np.concatenate([*(_xy(part) for part in sums), square[None]])


def _grow(moments: NDArray[np.float64], sums: NDArray[np.float64], middle: int) -> None:
    """Add the sums over three more samples, the middle one being number `middle`, in place.

    Moments are the sums of z, u z, u^2 z and u^3 z, each as x and y, and of |z|^2: nine rows.
    """
    flat, slope, wide = sums[:6].reshape(3, 2, -1)
    more = np.array([1.0, middle, middle**2, middle**3])[:, None, None] * flat
    more[1:] += np.array([1.0, 2 * middle, 3 * middle**2])[:, None, None] * slope
    more[2:] += np.array([1.0, 3 * middle])[:, None, None] * wide
    more[3] += slope
    moments[:8] += more.reshape(8, -1)
    moments[8] += sums[6]


def _fit(
    knots: Knots, start: NDArray[np.int64], span: NDArray[np.int64], moments: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.complex128]]:
    """Return price, misfit and handles of pieces that span `span` knot steps from `start`.

    A piece looks the same from both of its ends: what is seen from there is (2, ...), and a vector
    x and y in the last axis but one.
    """
    basis = _basis(span)
    ends = np.stack([start, start + span])
    anchor, tangent, free = (part.take(ends) for part in (knots.anchor, knots.tangent, knots.free))
    chord = anchor[1] - anchor[0]
    length = np.abs(chord)
    ahead = np.conj(tangent) * chord
    # How far from the line along the tangent the chord ends; all its length if behind.
    off = np.where(ahead.real > 0, np.abs(ahead.imag), length)
    is_level = (free | (off <= np.minimum(BEND * length, SWAY))).all(axis=0)

    origin, chord = _xy(anchor[0]), _xy(chord)
    flat, *bent = moments[:8].reshape(4, 2, -1)
    first, second, third = (bent - basis.powers[1:, None] * origin) * basis.scale[:, None]
    square = moments[8] - 2 * _dot(origin, flat) + basis.powers[0] * _dot(origin, origin)
    far = 3 * (second - third)
    pull = np.stack([3 * (first - 2 * second + third), far])
    pull -= basis.pull[:, None] * chord

    tangent[1] = -tangent[1]
    way = np.where(
        free[:, None],
        basis.own * pull - basis.cross * pull[::-1],
        np.stack([tangent.real, tangent.imag], axis=1),
    )
    way *= (1 / np.maximum(_length(way), 1e-9))[:, None]
    along = _dot(way, pull)
    shared = basis.cross * _dot(*way)
    long = (along * basis.own - along[::-1] * shared) / (basis.own**2 - shared**2)
    is_bad = ((long < 0) | (long > MAX_HANDLE * length)).any(axis=0)
    np.copyto(long, length / 3, where=is_bad)

    length2 = length**2
    misfit = square - 2 * _dot(chord, far + third) + basis.ends * length2
    misfit -= 2 * (long * along).sum(axis=0)
    misfit += basis.own * (long**2).sum(axis=0) + 2 * shared * long[0] * long[1]
    straight = square - 2 * _dot(chord, first) + basis.line * length2
    misfit, straight = np.maximum(misfit, 0), np.maximum(straight, 0)
    weight = knots.weight[start]
    price = CURVE_PRICE + weight * misfit
    line_price = np.where(is_level, LINE_PRICE + weight * straight, np.inf)
    x, y = np.where(line_price <= price, 0, long[:, None] * way).swapaxes(0, 1)
    return np.minimum(price, line_price), misfit, x + 1j * y


@dataclass(frozen=True, eq=False)
class _Basis:
    """Constants of cubics over samples 1 to n at even steps, for pieces of one n or another.

    Near and far are the handles' weights.

    Attributes:
        powers: (4, m) sums of u^0 to u^3 over the samples.
        scale: (3, m) 1/n, 1/n^2, 1/n^3.
        own: (m,) sum of squares of one handle's weights.
        cross: (m,) sum of products of both handles' weights.
        pull: (2, m) sums of products of the near handle's weights, and of the far one's, with those
            of the end and far handle.
        ends: (m,) sum of squares of the end's and far handle's weights.
        line: (m,) sum of squares of t.
    """

    powers: NDArray[np.float64]
    scale: NDArray[np.float64]
    own: NDArray[np.float64]
    cross: NDArray[np.float64]
    pull: NDArray[np.float64]
    ends: NDArray[np.float64]
    line: NDArray[np.float64]


def _basis(span: NDArray[np.int64]) -> _Basis:
    """Return the constants of pieces that span so many knot steps."""
    rows = _constants().take(span, axis=1)
    return _Basis(rows[:4], rows[4:7], rows[7], rows[8], rows[9:11], rows[11], rows[12])


@cache
def _constants() -> NDArray[np.float64]:
    """Return the constants by span, one column each."""
    columns = [np.zeros(13)]
    for span in range(1, ROUNDS[-1][-1] + 1):
        count = KNOT_STEP * span
        u = np.arange(1, count + 1, dtype=float)
        t = u / count
        near, far = 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t)
        end = far + t**3
        products = near * near, near * far, near * end, far * end, end * end, t * t
        powers, scale = [(u**k).sum() for k in range(4)], 1 / count ** np.arange(1.0, 4.0)
        columns.append(np.array([*powers, *scale, *(product.sum() for product in products)]))
    return np.stack(columns, axis=1)


def _xy(z: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return complex numbers as x and y."""
    return np.stack([z.real, z.imag])


def _dot(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scalar products of vectors, (..., x and y, n)."""
    product = one * other
    return product[..., 0, :] + product[..., 1, :]


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lengths of vectors, (..., x and y, n)."""
    return np.abs(vectors[..., 0, :] + 1j * vectors[..., 1, :])
