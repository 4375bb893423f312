"""Cracks: the unit edges between unlike pixels of a label map.

A crack runs from one pixel corner (a *vertex*) to the next, to the right or downwards. Vertices
are numbered row by row: `row * (width + 1) + column`. The frame of the map is not made of cracks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Cracks:
    """All cracks of a map, those that run to the right first.

    Attributes:
        shape: Height and width of the map in pixels.
        across: How many run to the right; the rest run downwards.
        tail: Vertex each crack starts at.
        head: Vertex each crack ends at.
        left: Label on the left hand of one who walks from tail to head.
        right: Label on the right hand.
    """

    shape: tuple[int, int]
    across: int
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tail)

    @property
    def stride(self) -> int:
        """Return how many vertices a row has."""
        return self.shape[1] + 1


def find(labels: NDArray[np.integer]) -> Cracks:
    """Return the cracks of `labels`, (h, w), C-contiguous."""
    height, width = labels.shape
    flat = labels.ravel()
    above = np.flatnonzero(labels[1:] != labels[:-1])  # pixels with a crack below them
    before = np.flatnonzero(flat[1:] != flat[:-1])  # pixels with a crack on their right
    before = before[(before + 1) % width != 0]

    # Pixel p of row r has vertex p + r at its upper left corner.
    corner = above + above // width + width + 1
    corner2 = before + before // width + 1
    return Cracks(
        shape=(height, width),
        across=len(above),
        tail=np.concatenate([corner, corner2]),
        head=np.concatenate([corner + 1, corner2 + width + 1]),
        left=np.concatenate([flat[above], flat[before + 1]]).astype(np.int64),
        right=np.concatenate([flat[above + width], flat[before]]).astype(np.int64),
    )


def relabel(cracks: Cracks, left: NDArray[np.int64], right: NDArray[np.int64]) -> Cracks:
    """Return the cracks that still part unlike labels when those beside each crack change."""
    keep = left != right
    return Cracks(
        shape=cracks.shape,
        across=int(np.count_nonzero(keep[: cracks.across])),
        tail=cracks.tail[keep],
        head=cracks.head[keep],
        left=left[keep],
        right=right[keep],
    )
