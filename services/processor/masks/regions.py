"""Regions: shapes placed in the drawing, numbered, measured and coloured."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks import palette, paths, rings
from services.processor.masks.drawing import Points, Region, Ring
from services.processor.masks.options import NAME, Options
from services.processor.masks.pose import after
from services.processor.masks.rings import Measured
from services.processor.masks.shapes import Shape, Shapes

_LEAST_AREA = 0.5
"""Square pixels of the drawing below which there is nothing to see."""
_OPPOSITE = {"left": "right", "right": "left", "center": "center"}


@dataclass(frozen=True, eq=False)
class Placed:
    """A region and its SVG path data, in drawing pixels."""

    region: Region
    path: str


def place(
    shapes: Shapes,
    matrix: NDArray[np.float64],
    options: Options,
    sides: Mapping[str, str],
    id_prefix: str,
    *,
    places: int,
) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    """Return the regions with an area, and a warning for each without one.

    `matrix` leads from photo to drawing pixels; `sides` gives the subject's side by name;
    `places` are the decimals of the path data.
    """
    whole = after(matrix, shapes.matrix)
    chosen = dict(entry.split("=", 1) for entry in options.colors)
    measured = rings.measure([chain for shape in shapes.shapes for chain in shape.chains], whole)
    written = paths.write([shape.chains for shape in shapes.shapes], whole, places=places)
    placed: list[Placed] = []
    warnings: list[str] = []
    done = 0
    for shape, data in zip(shapes.shapes, written, strict=True):
        parts = measured[done : done + len(shape.chains)]
        done += len(parts)
        if abs(sum(part.area for part in parts)) < _LEAST_AREA:
            warnings.append(f"{shape.name} has no area: left out")
            continue
        number = len(placed) + 1
        color = chosen.get(shape.name) or palette.color(
            shape.name, theme=options.theme, number=number
        )
        region = _region(
            shape,
            parts,
            number=number,
            side=sides[shape.name],
            color=color.lower(),
            id_prefix=id_prefix,
        )
        placed.append(Placed(region, data))
    return tuple(placed), tuple(warnings)


def contour(region: Region) -> Points:
    """Return the largest outer ring of a region, (n, 2): the first."""
    return region.rings[0].points


def element_id(name: str, id_prefix: str) -> str:
    """Return the id of a region's element: its name, or its bytes in hexadecimal digits.

    >>> element_id("nose", "a-")
    'a-region-nose'
    """
    safe = name if re.fullmatch(NAME, name) else "x" + name.encode("utf-8", "replace").hex()
    return f"{id_prefix}region-{safe}"


def _region(
    shape: Shape, parts: Sequence[Measured], *, number: int, side: str, color: str, id_prefix: str
) -> Region:
    outlines = sorted(parts, key=lambda part: -abs(part.area))
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
        area=round(abs(sum(part.area for part in parts)), 2),
        centroid=(round(x, 2), round(y, 2)),
        rings=tuple(Ring(part.points, hole=part.area * outlines[0].area < 0) for part in outlines),
        color=color,
        element_id=element_id(shape.name, id_prefix),
    )
