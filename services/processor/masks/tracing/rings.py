"""Rings: the closed outlines of regions, as successions of arcs and frame pieces.

A *dart* is an arc or frame piece with a direction: dart `2 * a` walks arc `a`, dart `2 * a + 1`
walks it back, and the darts after those are the frame pieces. Every dart belongs to one ring, the
outline of the region on its right.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.frame import Frame


@dataclass(frozen=True, eq=False)
class Rings:
    """All rings, laid end to end: ring `r` owns `darts[first[r]:first[r + 1]]`.

    Attributes:
        darts: Darts in the order in which each ring walks them, the region on the right.
        first: Where each ring begins, and the total.
        label: Per ring, the label it outlines.
        pixels: Per ring, the pixels it encloses; negative for a hole.
    """

    darts: NDArray[np.int64]
    first: NDArray[np.int64]
    label: NDArray[np.int64]
    pixels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.label)

    def areas(self) -> NDArray[np.float64]:
        """Return the pixels of every label, by label; 0 for labels that are not there."""
        return np.bincount(self.label, self.pixels).astype(np.float64)

    def owner(self) -> NDArray[np.int64]:
        """Return the ring of each dart, by the dart's number."""
        ring = np.empty(len(self.darts), np.int64)
        ring[self.darts] = np.repeat(np.arange(len(self)), np.diff(self.first))
        return ring


def join(arcs: Arcs, frame: Frame, *, stride: int) -> Rings:
    """Join all darts into rings; `stride` is how many vertices a row has.

    Where a region meets itself across a corner its ring turns right, so that pixels which touch at
    a corner only stay apart.
    """
    order: list[int] = []
    first = [0]
    follow = _successors(arcs, frame, stride).tolist()
    seen = bytearray(len(follow))
    dart = 0
    while dart >= 0:
        while not seen[dart]:
            seen[dart] = 1
            order.append(dart)
            dart = follow[dart]
        first.append(len(order))
        dart = seen.find(0)
    darts, starts = np.array(order, np.int64), np.array(first, np.int64)

    label = np.concatenate([_both(arcs.right, arcs.left), frame.label])
    pixels = np.add.reduceat(_swept(arcs, frame)[darts], starts[:-1]) // 4
    ring_label = label[darts[starts[:-1]]]
    by_label = np.lexsort((-pixels, ring_label))  # a region's rings from the largest to its holes
    size = np.diff(starts)[by_label]
    ends = np.concatenate([[0], np.cumsum(size)])
    at = np.arange(len(darts)) + np.repeat(starts[:-1][by_label] - ends[:-1], size)
    return Rings(darts=darts[at], first=ends, label=ring_label[by_label], pixels=pixels[by_label])


def _successors(arcs: Arcs, frame: Frame, stride: int) -> NDArray[np.int64]:
    """Return the dart that follows each dart around the region on its right."""
    lead, last = arcs.first[:-1], arcs.first[1:] - 1
    start = _vertex(arcs.x[lead] - arcs.dx[lead], arcs.y[lead] - arcs.dy[lead], stride)
    end = _vertex(arcs.x[last] + arcs.dx[last], arcs.y[last] + arcs.dy[last], stride)
    corner = _vertex(2 * frame.x, 2 * frame.y, stride)
    leaves = np.concatenate([_both(start, end), corner])
    arrives = np.concatenate([_both(end, start), np.roll(corner, -1)])
    sets_out = np.concatenate(
        [_both(arcs.heading[lead], (arcs.heading[last] + 2) % 4), frame.heading]
    )
    comes_in = np.concatenate(
        [_both(arcs.heading[last], (arcs.heading[lead] + 2) % 4), frame.heading]
    )
    key = 4 * leaves + sets_out  # no two darts leave one vertex in one direction
    by_key = np.argsort(key)
    key = key[by_key]
    follow = np.full(len(leaves), -1)
    for turn in (3, 0, 1):  # left, straight on, right: the rightmost wins
        wanted = 4 * arrives + (comes_in + turn) % 4
        at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
        follow = np.where(key[at] == wanted, by_key[at], follow)
    loops = np.flatnonzero(_both(arcs.closed, arcs.closed))
    follow[loops] = loops
    return follow


def _swept(arcs: Arcs, frame: Frame) -> NDArray[np.int64]:
    """Return four times the area each dart sweeps around the origin, in square pixels."""
    sweep = np.concatenate([[0], np.cumsum(arcs.x * arcs.dy - arcs.y * arcs.dx)])
    by_arc = np.diff(sweep[arcs.first])
    x, y = frame.x, frame.y
    by_piece = 2 * (x * np.roll(y, -1) - y * np.roll(x, -1))
    return np.concatenate([_both(by_arc, -by_arc), by_piece])


def _both(there: NDArray[Any], back: NDArray[Any]) -> NDArray[Any]:
    """Return values for both directions of every arc, interleaved."""
    return np.stack([there, back], axis=1).ravel()


def _vertex(x: NDArray[np.int64], y: NDArray[np.int64], stride: int) -> NDArray[np.int64]:
    """Return the number of the vertex at `x`, `y` in half pixels."""
    return y // 2 * stride + x // 2
