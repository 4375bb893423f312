"""What comes out: one drawing and what is known of each of its regions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""An (n, 2) array of x, y in pixels, y downwards."""


@dataclass(frozen=True)
class Ring:
    """One closed outline: (n, 2) corners in drawing pixels; the last joins the first."""

    points: Points
    hole: bool


@dataclass(frozen=True)
class Region:
    """One region of a face, in the drawing's coordinates.

    Sides are the subject's: `right` is on the viewer's left in an unmirrored photo.
    `bbox` is x, y, width, height; `area` is in square pixels, holes taken off; `label` is the
    value in the segmentation map where the region comes from one.
    """

    id: int
    name: str
    label: int | None
    side: str
    viewer_side: str
    source: str
    extrapolated: bool
    bbox: tuple[float, float, float, float]
    area: float
    centroid: tuple[float, float]
    rings: tuple[Ring, ...]
    color: str
    element_id: str


@dataclass(frozen=True)
class Drawing:
    """A finished drawing.

    `contours` holds the largest outer ring of each region by the region's number, (n, 2).
    `transform` leads from the photo to the drawing, a 2x3 matrix row by row:
    x' = t0 x + t1 y + t2, y' = t3 x + t4 y + t5.
    """

    svg: str
    width: float
    height: float
    image_width: int
    image_height: int
    landmarks_count: int
    scheme: str
    units: str
    label_scheme: str
    regions: tuple[Region, ...]
    contours: Mapping[int, Points]
    transform: tuple[float, float, float, float, float, float]
    warnings: tuple[str, ...]
