"""The hairline: the forehead that landmarks do not reach.

The mesh ends below the hairline (its topmost point lies some 30 % of the face's height above the
root of the nose), and no landmark says where hair begins. A label map does.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from services.processor.masks.atlas.layout import Layout
from services.processor.masks.atlas.zones27 import OVAL
from services.processor.masks.drawing import Points

_TOP, _CHIN, _ROOT = 10, 152, 168
_RISE = 0.115
"""How far the hairline is taken to lie above the mesh, of the face's height from chin to top.

Three faces with a label map and no hair on the forehead: 0.13, 0.04 (a cap) and 0.1. The canon
of equal thirds would say 0.2 and leaves too many foreheads in the hair.
"""
_SHARE: Mapping[int, float] = {
    54: 0.10,
    103: 0.5,
    67: 0.83,
    109: 0.97,
    10: 1.0,
    338: 0.97,
    297: 0.83,
    332: 0.5,
    284: 0.10,
}
"""Which part of the rise each point of the oval takes: a curve that ends at the temples."""
_REACH = 2.2
"""How far from the root of the nose skin still counts as forehead, in distances of the mesh's
edge from there: far enough for a receding hairline, never to the back of the head."""
_TEMPLE_REACH = 1.08
_FOREHEAD_EDGE = (21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251)
_TEMPLE_EDGES = {"right_temple": (127, 162, 21), "left_temple": (251, 389, 356)}


def lifted(layout: Layout) -> Layout:
    """Return `layout`, of a MediaPipe face, with the top of its oval at a guessed hairline."""
    touched = frozenset(name for name, ring in layout.rings.items() if _SHARE.keys() & set(ring))
    return replace(layout, points=raised(layout.points), extrapolated=touched)


def raised(points: Points) -> Points:
    """Return the `points` of a MediaPipe face with those at the top moved to the hairline."""
    rise = (points[_TOP] - points[_CHIN]) * _RISE
    moved = points.copy()
    for number, share in _SHARE.items():
        moved[number] += share * rise
    return moved


def reaches(layout: Layout) -> Mapping[str, Points]:
    """Return areas beyond the oval, as (n, 2) rings in photo pixels, by the region they extend.

    Only what a label map calls skin belongs to the region in truth.
    """
    names = layout.rings.keys()
    edges = {name: edge for name, edge in _TEMPLE_EDGES.items() if name in names}
    found = {name: _fan(layout.points, edge, _TEMPLE_REACH) for name, edge in edges.items()}
    if "forehead" in names:
        found["forehead"] = _fan(layout.points, _FOREHEAD_EDGE, _REACH)
    elif layout.rings.get("face_oval") == OVAL:
        found["face_oval"] = _fan(layout.points, _FOREHEAD_EDGE, _REACH)
    return found


def _fan(points: Points, edge: tuple[int, ...], reach: float) -> Points:
    """Return the area between `edge` and its image enlarged about the root of the nose."""
    inner = points[list(edge)]
    outer = points[_ROOT] + (inner - points[_ROOT]) * reach
    return np.concatenate([inner, outer[::-1]])
