"""Regions: shapes placed in the drawing, numbered, measured and coloured."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks import palette, rings
from services.processor.masks.drawing import Points, Region, Ring
from services.processor.masks.options import NAME, Options
from services.processor.masks.pose import after
from services.processor.masks.shapes import Shape, Shapes
from services.processor.masks.tracing import Chain

_LEAST_AREA = 0.5
"""Square pixels of the drawing below which there is nothing to see."""
_OPPOSITE = {"left": "right", "right": "left", "center": "center"}


@dataclass(frozen=True, eq=False)
class Placed:
    """A region and the chains, in drawing pixels, that it is drawn with."""

    region: Region
    chains: tuple[Chain, ...]


def place(
    shapes: Shapes,
    matrix: NDArray[np.float64],
    options: Options,
    sides: Mapping[str, str],
    id_prefix: str,
) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    """Return the regions with an area, and a warning for each without one.

    `matrix` leads from photo to drawing pixels; `sides` gives the subject's side by name.
    """
    whole = after(matrix, shapes.matrix)
    chosen = dict(entry.split("=", 1) for entry in options.colors)
    placed: list[Placed] = []
    warnings: list[str] = []
    for shape in shapes.shapes:
        chains = tuple(chain.mapped(whole) for chain in shape.chains)
        area = abs(sum(chain.area() for chain in chains))
        if not chains or area < _LEAST_AREA:
            warnings.append(f"{shape.name} has no area: left out")
            continue
        number = len(placed) + 1
        color = chosen.get(shape.name) or palette.color(
            shape.name, theme=options.theme, number=number
        )
        region = _measured(shape, chains, area, number, sides[shape.name], color.lower(), id_prefix)
        placed.append(Placed(region, chains))
    return tuple(placed), tuple(warnings)


def contour(region: Region) -> Points:
    """Return the largest outer ring of a region, (n, 2)."""
    outer = [ring.points for ring in region.rings if not ring.hole]
    return max(outer, key=lambda points: abs(rings.signed_area(points)))


def element_id(name: str, id_prefix: str) -> str:
    """Return the id of a region's element: its name, or its bytes in hexadecimal digits.

    >>> element_id("nose", "a-")
    'a-region-nose'
    """
    safe = name if re.fullmatch(NAME, name) else "x" + name.encode("utf-8", "replace").hex()
    return f"{id_prefix}region-{safe}"


def _measured(  # noqa: PLR0913, PLR0917 - what a region is made of
    shape: Shape,
    chains: Sequence[Chain],
    area: float,
    number: int,
    side: str,
    color: str,
    id_prefix: str,
) -> Region:
    outlines = [rings.rounded(rings.flattened(chain)) for chain in chains]
    areas = [rings.signed_area(outline) for outline in outlines]
    largest = max(areas, key=abs)
    x, y = rings.centroid(outlines)
    return Region(
        id=number,
        name=shape.name,
        label=shape.label,
        side=side,
        viewer_side=_OPPOSITE[side],
        source=shape.source,
        extrapolated=shape.is_extrapolated,
        bbox=rings.box(outlines),
        area=round(area, 2),
        centroid=(round(x, 2), round(y, 2)),
        rings=tuple(
            Ring(outline, hole=turn * largest < 0)
            for outline, turn in zip(outlines, areas, strict=True)
        ),
        color=color,
        element_id=element_id(shape.name, id_prefix),
    )
