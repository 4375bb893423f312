"""Seams: rings of landmark numbers become outlines whose shared stretches are drawn once.

A *seam* is a longest run of edges between points where more than two edges meet. What is done to
it once, straight or curved, is done for the regions on both of its sides: neighbours neither gape
nor overlap.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.atlas.layout import Layout
from services.processor.masks.drawing import Points
from services.processor.masks.tracing import Chain

Numbers = tuple[int, ...]

_REACH = 1 / 3
"""Length of a curve's handles, of its chord."""
_CORNER = 0.35
"""Cosine of the sharpest turn, some 70 degrees, that is rounded."""
_NOTHING = 1e-9
"""Pixels that are none."""
_THROUGH = 0.75
"""Cosine of the sharpest turn, some 41 degrees, at which one seam goes on as another."""


@dataclass(frozen=True, eq=False)
class Seams:
    """The outlines of a layout: per region its closed chains; every seam once, with its regions."""

    outlines: Mapping[str, tuple[Chain, ...]]
    borders: tuple[tuple[Chain, frozenset[str]], ...]


def draw(layout: Layout, *, is_smooth: bool) -> Seams:
    """Return the outlines of `layout` in photo pixels, holes wound against their region."""
    rings = {name: _cut(layout, name) for name in layout.rings}
    neighbours: dict[int, set[int]] = defaultdict(set)
    for ring in (ring for parts in rings.values() for ring in parts):
        for a, b in _edges(ring):
            neighbours[a].add(b)
            neighbours[b].add(a)
    junctions = {number for number, beside in neighbours.items() if len(beside) != 2}  # noqa: PLR2004
    split = {name: [_split(ring, junctions) for ring in parts] for name, parts in rings.items()}
    beside: dict[Numbers, set[str]] = defaultdict(set)
    for name, parts in split.items():
        for seam in (seam for pieces in parts for seam in pieces):
            beside[_key(seam)].add(name)
    drawn = _drawn(layout.points, list(beside), neighbours, junctions, is_smooth=is_smooth)
    return Seams(
        {
            name: tuple(_ring([_walk(drawn, seam) for seam in pieces]) for pieces in parts)
            for name, parts in split.items()
        },
        tuple((chain, frozenset(beside[seam])) for seam, chain in drawn.items()),
    )


def _edges(ring: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(ring, (*ring[1:], ring[0]), strict=True))


def _cut(layout: Layout, name: str) -> list[Numbers]:
    """Return the rings of one region, after what is cut out of it.

    The boundary of a sum is the sum of boundaries: edges that two parts walk in opposite
    directions vanish.
    """
    ring = tuple(
        n
        for n, before in zip(layout.rings[name], (None, *layout.rings[name]), strict=False)
        if n != before
    )
    holes = [hole for hole in layout.cuts.get(name, ()) if hole in layout.rings]
    if not holes:
        return [ring]
    edges: Counter[tuple[int, int]] = Counter(_edges(ring))
    for a, b in (edge for hole in holes for edge in _edges(layout.rings[hole])):
        if edges[a, b] > 0:
            edges[a, b] -= 1
        else:
            edges[b, a] += 1
    for a, b in list(edges):
        both = min(edges[a, b], edges.get((b, a), 0))
        if both and (b, a) in edges:
            edges[a, b] -= both
            edges[b, a] -= both
    return _loops([edge for edge, count in edges.items() if count > 0])


def _loops(edges: Sequence[tuple[int, int]]) -> list[Numbers]:
    follow: dict[int, list[int]] = defaultdict(list)
    for a, b in edges:
        follow[a].append(b)
    loops = []
    for first in list(follow):
        while follow[first]:
            loop, here = [first], follow[first].pop()
            while here != first and follow[here]:
                loop.append(here)
                here = follow[here].pop()
            loops.append(tuple(loop))
    return [loop for loop in loops if len(loop) > 2]  # noqa: PLR2004 - a ring has an area


def _split(ring: Numbers, junctions: set[int]) -> list[Numbers]:
    """Return the seams of a ring in order; a ring without a junction is one closed seam."""
    marks = [k for k, number in enumerate(ring) if number in junctions]
    if not marks:
        first = ring.index(min(ring))
        turned = ring[first:] + ring[:first]
        return [(*turned, turned[0])]
    ring = ring[marks[0] :] + ring[: marks[0]]
    marks = [k - marks[0] for k in marks] + [len(ring)]
    ring = (*ring, ring[0])
    return [ring[a : b + 1] for a, b in pairwise(marks)]


def _key(seam: Numbers) -> Numbers:
    """Return the seam in the one of its two directions that it is drawn in."""
    return min(seam, seam[::-1])


def _drawn(
    points: Points,
    seams: Sequence[Numbers],
    neighbours: Mapping[int, set[int]],
    junctions: set[int],
    *,
    is_smooth: bool,
) -> dict[Numbers, Chain]:
    """Return every seam as a chain, straight or curved."""
    through = _through(points, neighbours, junctions) if is_smooth else {}
    ways = [_way(seam, through) for seam in seams]
    handles = _handles(points[[number for way in ways for number in way]])
    drawn = {}
    first = 0
    for seam, way in zip(seams, ways, strict=True):
        closed, pieces = seam[0] == seam[-1], len(seam) - 1
        drawn[seam] = Chain(
            points[list(seam[:-1] if closed else seam)],
            handles[first : first + pieces],
            np.full(pieces, is_smooth),
            closed,
        )
        first += len(way)
    return drawn


def _way(seam: Numbers, through: Mapping[tuple[int, int], int]) -> Numbers:
    """Return a seam with the points before and behind it, which tell it where to lead."""
    if seam[0] == seam[-1]:
        return (seam[-2], *seam, seam[1])
    before = through.get((seam[0], seam[1]), seam[0])
    return (before, *seam, through.get((seam[-1], seam[-2]), seam[-1]))


def _through(
    points: Points, neighbours: Mapping[int, set[int]], junctions: set[int]
) -> dict[tuple[int, int], int]:
    """Return, for (junction, next point), the point beyond the junction that goes straight on."""
    places = [complex(x, y) for x, y in points.tolist()]
    found: dict[tuple[int, int], int] = {}
    for at in sorted(junctions):
        away = {}
        for number in sorted(neighbours[at]):
            step = places[number] - places[at]
            away[number] = step / max(abs(step), _NOTHING)
        ends = combinations(away, 2)
        cosine, a, b = (
            max((-(away[a] * away[b].conjugate()).real, a, b) for a, b in ends)
            if len(away) > 1
            else (-1.0, at, at)
        )
        if cosine >= _THROUGH:
            found[at, a], found[at, b] = b, a
    return found


def _handles(way: Points) -> NDArray[np.float64]:
    """Return the handles of the curve between way[k + 1] and way[k + 2], for each k.

    Where one seam's way ends and the next begins they mean nothing.

    Tangents are those of the parabola through three neighbours (Bessel), so that uneven spacing
    does not make a curve bulge. Where there is no neighbour, or a corner, a handle leads towards
    the other handle.
    """
    step = np.diff(way, axis=0)
    size = np.linalg.norm(step, axis=1, keepdims=True)
    unit = step / np.maximum(size, _NOTHING)
    before, after = size[:-1], size[1:]
    tangent = (unit[:-1] * after + unit[1:] * before) / np.maximum(before + after, _NOTHING)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), _NOTHING)
    is_corner = ((unit[:-1] * unit[1:]).sum(axis=1) < _CORNER) | (
        np.minimum(before, after)[:, 0] < _NOTHING
    )
    tangent[is_corner] = 0
    start, end, reach = way[1:-2], way[2:-1], size[1:-1] * _REACH
    first, second = start + tangent[:-1] * reach, end - tangent[1:] * reach
    no_first, no_second = is_corner[:-1, None], is_corner[1:, None]
    leaning_first = start + (second - start) / 2
    leaning_second = end + (first - end) / 2
    straight_first, straight_second = start + step[1:-1] / 3, end - step[1:-1] / 3
    both = no_first & no_second
    return np.stack(
        [
            np.where(both, straight_first, np.where(no_first, leaning_first, first)),
            np.where(both, straight_second, np.where(no_second, leaning_second, second)),
        ],
        axis=1,
    )


def _walk(drawn: Mapping[Numbers, Chain], seam: Numbers) -> Chain:
    """Return a seam as it is walked: as drawn, or back."""
    key = _key(seam)
    chain = drawn[key]
    if seam == key:
        return chain
    knots = chain.knots[::-1]
    if chain.closed:
        knots = np.roll(knots, 1, axis=0)
    return Chain(knots, chain.handles[::-1, ::-1], chain.curved[::-1], chain.closed)


def _ring(pieces: Sequence[Chain]) -> Chain:
    """Return the closed chain of seams in order."""
    return Chain(
        # A seam that comes back to where it began has each of its knots once already.
        np.concatenate([piece.knots if piece.closed else piece.knots[:-1] for piece in pieces]),
        np.concatenate([piece.handles for piece in pieces]),
        np.concatenate([piece.curved for piece in pieces]),
        closed=True,
    )
