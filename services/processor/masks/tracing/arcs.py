"""Arcs: the longest chains of cracks between junctions.

A *junction* is a vertex that does not join exactly two cracks; a crack that meets the frame ends
there too. A chain without any junction is a loop. Each arc is shared by the two regions beside it,
so what is done to it once is done for both: that is why neighbours never gape or overlap.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.cracks import Cracks

EAST, SOUTH, WEST, NORTH = range(4)
STEP_X = np.array([1, 0, -1, 0])
STEP_Y = np.array([0, 1, 0, -1])
STEP = STEP_X + 1j * STEP_Y


@dataclass(frozen=True, eq=False)
class Arcs:
    """All arcs, laid end to end: arc `a` owns the entries `first[a]` up to `first[a + 1]`.

    Attributes:
        x: Middle of each crack, in half pixels.
        y: Likewise.
        heading: Direction of travel along each crack: EAST, SOUTH, WEST or NORTH.
        crack: Number of each crack in the `Cracks` it came from.
        forward: Whether it is walked from its tail to its head.
        first: Where each arc begins, and the total.
        closed: Per arc, whether it is a loop.
        left: Per arc, the label on the left of travel.
        right: Per arc, the label on the right of travel.
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    heading: NDArray[np.int64]
    crack: NDArray[np.int64]
    forward: NDArray[np.bool_]
    first: NDArray[np.int64]
    closed: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.closed)

    @property
    def dx(self) -> NDArray[np.int64]:
        """Return the step to the right along each crack: -1, 0 or 1."""
        return STEP_X[self.heading]

    @property
    def dy(self) -> NDArray[np.int64]:
        """Return the step downwards along each crack: -1, 0 or 1."""
        return STEP_Y[self.heading]

    def middles(self) -> NDArray[np.complex128]:
        """Return the middle of each crack, x + iy."""
        return self.x + 1j * self.y

    def steps(self) -> NDArray[np.complex128]:
        """Return the direction of travel along each crack, x + iy."""
        return STEP[self.heading]

    def turns(self) -> NDArray[np.bool_]:
        """Return, per crack and one past the last, whether a straight run (or an arc) begins."""
        turn = np.ones(len(self.x) + 1, bool)
        np.not_equal(self.heading[1:], self.heading[:-1], out=turn[1:-1])
        turn[self.first] = True
        return turn


def chain(cracks: Cracks) -> Arcs:
    """Return the arcs that `cracks` form; loops begin at a turn between long straight runs."""
    count = len(cracks)
    order, first, closed = _walk(cracks)
    darts = np.array(order, np.int64)
    starts = np.array(first, np.int64)
    is_loop = np.array(closed, bool)
    forward = darts < count
    crack = np.where(forward, darts, darts - count)
    heading = np.where(crack < cracks.across, EAST, SOUTH) + np.where(forward, 0, 2)

    at = _loops_turned(heading, starts, is_loop)
    crack, forward, heading = crack[at], forward[at], heading[at]
    row, column = np.divmod(cracks.tail[crack], cracks.stride)
    across = crack < cracks.across
    lead = starts[:-1]
    left, right, ahead = cracks.left[crack[lead]], cracks.right[crack[lead]], forward[lead]
    return Arcs(
        x=2 * column + across,
        y=2 * row + ~across,
        heading=heading,
        crack=crack,
        forward=forward,
        first=starts,
        closed=is_loop,
        left=np.where(ahead, left, right),
        right=np.where(ahead, right, left),
    )


def select(arcs: Arcs, which: NDArray[np.int64]) -> Arcs:
    """Return the arcs numbered `which`."""
    size = np.diff(arcs.first)[which]
    first = np.concatenate([[0], np.cumsum(size)])
    at = np.arange(first[-1]) + np.repeat(arcs.first[which] - first[:-1], size)
    return Arcs(
        x=arcs.x[at],
        y=arcs.y[at],
        heading=arcs.heading[at],
        crack=arcs.crack[at],
        forward=arcs.forward[at],
        first=first,
        closed=arcs.closed[which],
        left=arcs.left[which],
        right=arcs.right[which],
    )


def _walk(cracks: Cracks) -> tuple[list[int], list[int], list[bool]]:
    """Return darts in walking order, where each arc begins in them, and which arcs are loops.

    A *dart* is a crack with a direction: dart c walks crack c from tail to head, dart count + c
    walks it back.
    """
    count = len(cracks)
    follow, leads = _succession(cracks)
    order: list[int] = []
    first = [0]
    closed: list[bool] = []
    add = order.append

    walked = set()  # leads that are the other ends of arcs walked already
    for lead in leads:
        if lead in walked:
            continue
        dart = lead
        while dart >= 0:
            add(dart)
            dart = follow[dart]
        walked.add((order[-1] + count) % (2 * count))
        first.append(len(order))
        closed.append(False)
    if len(order) == count:
        return order, first, closed

    is_seen = np.zeros(count, bool)
    is_seen[np.array(order, np.int64) % count] = True
    seen = bytearray(is_seen.tobytes())
    crack = seen.find(0)
    while crack >= 0:
        dart = crack
        while True:
            add(dart)
            seen[dart if dart < count else dart - count] = 1
            dart = follow[dart]
            if dart == crack:
                break
        first.append(len(order))
        closed.append(True)
        crack = seen.find(0, crack)
    return order, first, closed


def _succession(cracks: Cracks) -> "tuple[memoryview[int], list[int]]":
    """Return the dart after each dart (-1 at a junction), and the darts that leave junctions."""
    count = len(cracks)
    # Per vertex, the sum of the numbers of its cracks, and how many there are in units of `one`:
    # the network takes so few cracks that both fit. The array is large and hardly touched.
    one = 1 << 24
    tally = np.zeros(cracks.stride * (cracks.shape[0] + 1), np.int32)
    number = np.arange(one, one + count, dtype=np.int32)
    for low, high in pairwise((0, cracks.across, count)):
        for vertex in (cracks.tail[low:high], cracks.head[low:high]):  # unique within each
            tally[vertex] += number[low:high]
    to = np.concatenate([cracks.head, cracks.tail])
    met = tally[to]
    passes = met >> 24 == 2  # noqa: PLR2004 - a path goes through
    # Where two cracks meet, the sum of both numbers less this one is the other.
    other = np.where(passes, met - one - np.concatenate([number, number]), 0)
    follow = np.where(passes, np.where(cracks.tail[other] == to, other, other + count), -1)
    leaves = np.concatenate([~passes[count:], ~passes[:count]])
    # A view hands out only the numbers that are asked for: half of all.
    return follow.data, np.flatnonzero(leaves).tolist()


def _loops_turned(
    heading: NDArray[np.int64], first: NDArray[np.int64], closed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the order that lets every loop begin where its two longest adjoining runs meet."""
    size = np.diff(first)
    at = np.arange(len(heading))
    if not closed.any():
        return at
    loop = np.repeat(closed, size)
    before = at - 1
    before[first[:-1]] = first[1:] - 1
    runs = np.flatnonzero(loop & (heading != heading[before]))  # a loop has four turns at least
    owner = np.searchsorted(first, runs, "right") - 1
    opens = np.flatnonzero(np.diff(owner, prepend=-1))  # each loop's first run
    ends = np.append(opens[1:], len(runs)) - 1
    after = np.append(runs[1:], 0)
    after[ends] = runs[opens] + size[owner[ends]]
    length = after - runs
    previous = np.arange(len(runs)) - 1
    previous[opens] = ends
    score = np.minimum(length, length[previous])
    best = np.lexsort((-runs, score, owner))[ends]  # the first of the longest

    shift = np.zeros(len(size), np.int64)
    shift[owner[best]] = runs[best] - first[owner[best]]
    inside = at - np.repeat(first[:-1], size)
    turned: NDArray[np.int64] = np.repeat(first[:-1], size) + (
        inside + np.repeat(shift, size)
    ) % np.repeat(np.maximum(size, 1), size)
    return turned
