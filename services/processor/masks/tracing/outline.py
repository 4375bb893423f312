"""What tracing returns: outlines of regions, and the borders that they share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing import path
from services.processor.masks.tracing.geometry import Affine, Chain, moments


@dataclass(frozen=True, eq=False)
class Ring:
    """One closed outline of a region.

    Attributes:
        chain: Its geometry in map pixels: clockwise on screen, counter-clockwise for a hole.
        pixels: Map pixels that it encloses.
        is_hole: Whether the region lies outside of it.
    """

    chain: Chain
    pixels: int
    is_hole: bool


@dataclass(frozen=True, eq=False)
class Outline:
    """The outline of all pixels of one label.

    Attributes:
        label: The label.
        rings: The largest first, holes last. Fill rules nonzero and evenodd draw the same.
    """

    label: int
    rings: tuple[Ring, ...]

    @property
    def pixels(self) -> int:
        """Return how many map pixels have the label."""
        return sum(-ring.pixels if ring.is_hole else ring.pixels for ring in self.rings)

    def path(self, matrix: Affine | None = None, *, decimals: int = 3) -> str:
        """Return SVG path data through `matrix`, or in map pixels.

        With two decimals or more, rounding moves nothing that a reader could see; three are
        enough to write map pixels exactly.
        """
        return path.write([ring.chain for ring in self.rings], matrix=matrix, decimals=decimals)

    def polylines(
        self, matrix: Affine | None = None, *, tolerance: float = 0.1
    ) -> list[NDArray[np.float64]]:
        """Return the rings as points, (n, 2), in the order of `rings`.

        Args:
            matrix: From map pixels to those of the points.
            tolerance: How far a polyline may depart from a curve, in pixels of the points.
        """
        chains = [
            ring.chain if matrix is None else ring.chain.mapped(matrix) for ring in self.rings
        ]
        return [chain.flattened(tolerance) for chain in chains]

    def area(self) -> float:
        """Return the area that the outline encloses as drawn, in square map pixels."""
        return sum(ring.chain.area() for ring in self.rings)

    def centroid(self) -> tuple[float, float]:
        """Return the centre of mass in map pixels, good to a tenth of a pixel."""
        area, x, y = np.sum([moments(line) for line in self.polylines()], axis=0).tolist()
        return x / area, y / area


@dataclass(frozen=True, eq=False)
class Border:
    """One line between two regions, or between a region and the outside of the map.

    Attributes:
        left: Label on the left of travel; None beyond the frame.
        right: Label on the right of travel.
        chain: Its geometry in map pixels.
    """

    left: int | None
    right: int
    chain: Chain

    @property
    def is_frame(self) -> bool:
        """Return whether the border runs along the frame of the map."""
        return self.left is None

    def path(self, matrix: Affine | None = None, *, decimals: int = 3) -> str:
        """Return SVG path data through `matrix`, or in map pixels."""
        return path.write([self.chain], matrix=matrix, decimals=decimals)


@dataclass(frozen=True, eq=False)
class Tracing:
    """All outlines of a label map.

    Attributes:
        width: Of the map, in pixels.
        height: Likewise.
        grid: Coordinates times this are whole numbers: `path(scaling(grid), decimals=0)` writes
            the shortest path data.
        mode: What the lines were drawn as; not always what was asked for.
        outlines: By label, in rising order; every label of the map has one.
        borders: Every border once, so that dashes along them do not interfere.
        warnings: What a caller may want to know, in sentences.
    """

    width: int
    height: int
    grid: int
    mode: str
    outlines: Mapping[int, Outline]
    borders: tuple[Border, ...] = field(repr=False)
    warnings: tuple[str, ...]
