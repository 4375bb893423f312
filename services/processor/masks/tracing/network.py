"""The network of a map: its arcs, its frame and the rings that they form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.errors import InvalidSegmentationMap
from services.processor.masks.tracing import arcs as chains
from services.processor.masks.tracing import cracks, frame, islands, parts, rings
from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.cracks import Cracks
from services.processor.masks.tracing.frame import Frame
from services.processor.masks.tracing.rings import Rings

MAX_CRACKS = 500_000
"""Noise of 512 pixels square has as many, a face of 16384 a quarter; it takes seconds."""


@dataclass(frozen=True, eq=False)
class Network:
    """Everything about a map but how its lines are drawn.

    `islands` is how many were merged.
    """

    arcs: Arcs
    frame: Frame
    rings: Rings
    islands: int = 0


def find(labels: NDArray[np.integer], *, min_area: int) -> Network:
    """Return the network of `labels`, islands of fewer than `min_area` pixels merged.

    Raises:
        InvalidSegmentationMap: The map is noise and would take too long.
    """
    edges = cracks.find(labels)
    if len(edges) > MAX_CRACKS:
        raise InvalidSegmentationMap(
            f"the map's regions have {len(edges)} pixel edges, more than {MAX_CRACKS}: "
            "is it a map of labels?",
            pixel_edges=len(edges),
            most=MAX_CRACKS,
        )
    arcs = chains.chain(edges)
    margin = frame.find(labels, arcs)
    found = Network(arcs, margin, rings.join(arcs, margin, stride=edges.stride))
    return _merged(found, edges, min_area) if min_area > 1 else found


def _merged(found: Network, edges: Cracks, min_area: int) -> Network:
    """Return the network without islands."""
    pieces = parts.find(edges, found.arcs, found.frame, found.rings)
    small = islands.find(pieces, min_area=min_area)
    if not small.any():
        return found
    label = islands.merge(pieces, found.arcs, small, min_area=min_area)
    edges = cracks.relabel(edges, label[pieces.left], label[pieces.right])
    margin = frame.relabel(found.frame, label[pieces.along_frame])
    arcs = chains.chain(edges)
    joined = rings.join(arcs, margin, stride=edges.stride)
    return Network(arcs, margin, joined, islands=int(small.sum()))
