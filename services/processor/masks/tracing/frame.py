"""The frame of a map, cut where cracks meet it and at its four corners.

Frame pieces are walked clockwise, the map on the right; they stay straight in every mode.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.arcs import Arcs


@dataclass(frozen=True, eq=False)
class Frame:
    """The pieces of the frame in order, from the upper left corner.

    Attributes:
        x: Where each piece starts, in pixels; it ends where the next one starts.
        y: Likewise.
        heading: EAST along the top, SOUTH on the right, WEST along the bottom, NORTH on the left.
        label: Label of the pixels along the piece.
        is_corner: Whether the piece starts at a corner of the map.
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    heading: NDArray[np.int64]
    label: NDArray[np.int64]
    is_corner: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.x)


def find(labels: NDArray[np.integer], arcs: Arcs) -> Frame:
    """Return the frame of `labels`, cut where `arcs` end on it."""
    height, width = labels.shape
    corners = np.array([0, width, width + height, 2 * width + height])
    lead, last = arcs.first[:-1], arcs.first[1:] - 1
    dx, dy = arcs.dx, arcs.dy
    x = np.concatenate([arcs.x[lead] - dx[lead], arcs.x[last] + dx[last]]) // 2
    y = np.concatenate([arcs.y[lead] - dy[lead], arcs.y[last] + dy[last]]) // 2
    marks = np.unique(  # distance along the frame
        np.concatenate(
            [
                corners,
                x[y == 0],
                corners[1] + y[x == width],
                corners[2] + width - x[y == height],
                corners[3] + height - y[x == 0],
            ]
        )
    )

    side = np.searchsorted(corners, marks, "right") - 1
    along = marks - corners[side]
    x = np.choose(side, [along, width, width - along, 0])
    y = np.choose(side, [0, along, height, height - along])
    column = np.choose(side, [x, width - 1, x - 1, 0])
    row = np.choose(side, [0, y, height - 1, y - 1])
    return Frame(
        x=x,
        y=y,
        heading=side,
        label=labels[row, column].astype(np.int64),
        is_corner=along == 0,
    )


def relabel(frame: Frame, label: NDArray[np.int64]) -> Frame:
    """Return the frame with a new label for each piece, pieces of one label joined."""
    keep = frame.is_corner | (label != np.roll(label, 1))
    return Frame(
        x=frame.x[keep],
        y=frame.y[keep],
        heading=frame.heading[keep],
        label=label[keep],
        is_corner=frame.is_corner[keep],
    )
