"""Parts: the 4-connected pieces that the regions of a map consist of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.cracks import Cracks
from services.processor.masks.tracing.frame import Frame
from services.processor.masks.tracing.rings import Rings


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of all regions, numbered by their outer rings.

    Attributes:
        label: Per part, its label.
        pixels: Per part, its area.
        left: Per crack, the part on its left.
        right: Per crack, the part on its right.
        along_frame: Per frame piece, the part beside it.
    """

    label: NDArray[np.int64]
    pixels: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    along_frame: NDArray[np.int64]


def find(cracks: Cracks, arcs: Arcs, frame: Frame, rings: Rings) -> Parts:
    """Return the parts that `rings` outline, without a look at the pixels."""
    ring = rings.owner()
    size = np.diff(arcs.first)
    right_of_walk = np.repeat(ring[0 : 2 * len(arcs) : 2], size)
    left_of_walk = np.repeat(ring[1 : 2 * len(arcs) : 2], size)
    left, right = np.empty((2, len(cracks)), np.int64)
    left[arcs.crack] = np.where(arcs.forward, left_of_walk, right_of_walk)
    right[arcs.crack] = np.where(arcs.forward, right_of_walk, left_of_walk)
    along_frame = ring[2 * len(arcs) :]

    outer = _outer_rings(cracks, frame, rings, left, right, along_frame)
    is_outer = rings.pixels > 0
    part = (np.cumsum(is_outer) - 1)[outer]
    return Parts(
        label=rings.label[is_outer],
        pixels=np.bincount(part, rings.pixels).astype(np.int64),
        left=part[left],
        right=part[right],
        along_frame=part[along_frame],
    )


def _outer_rings(
    cracks: Cracks,
    frame: Frame,
    rings: Rings,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    along_frame: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return, per ring, the outer ring of the part it belongs to.

    West of a hole's westernmost crack lies a run of the part's pixels; the crack (or the frame) at
    the run's other end is on a ring of the same part that reaches farther west.
    """
    outer = np.arange(len(rings))
    down = np.arange(cracks.across, len(cracks))
    row, column = np.divmod(cracks.tail[down], cracks.stride)
    holes = rings.pixels < 0
    beside = down[holes[right[down]]]  # the part is on the west, at the right of one walking down
    if not len(beside):
        return outer
    order = np.lexsort((column[beside - cracks.across], right[beside]))
    hole, nearest = np.unique(right[beside[order]], return_index=True)
    crack = beside[order][nearest]

    at = crack - cracks.across
    before = np.maximum(at - 1, 0)
    has_crack = (at > 0) & (row[before] == row[at])
    west = np.flatnonzero(frame.heading == 3)  # noqa: PLR2004 - north, up the left side
    piece = west[np.searchsorted(-frame.y[west], -row[at] - 1, "right") - 1]
    outer[hole] = np.where(has_crack, left[crack - has_crack], along_frame[piece])
    while holes[outer].any():
        outer = outer[outer]
    return outer
