"""Shapes: what is drawn, before it is known where on the page and in which colour."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.processor.masks import compose, seams
from services.processor.masks.atlas.layout import Layout
from services.processor.masks.errors import DrawingTooLarge
from services.processor.masks.inputs import Limits
from services.processor.masks.labels import schemes
from services.processor.masks.labels.label_map import LabelMap, Labels
from services.processor.masks.options import Options
from services.processor.masks.tracing import Chain, Tracing, trace

_STRAIGHT = ("exact", "polygon")


@dataclass(frozen=True, eq=False)
class Shape:
    """One region's outline.

    `source` is `landmarks`, `map`, or `landmarks+map`; `label` the map's value where the whole
    region comes from one.
    """

    name: str
    chains: tuple[Chain, ...]
    source: str
    label: int | None = None
    is_extrapolated: bool = False


@dataclass(frozen=True, eq=False)
class Shapes:
    """All shapes, every border between them once, and the (2, 3) matrix to photo pixels.

    A border knows the names of the shapes beside it. `missing` are regions of which a map leaves
    nothing to be seen.
    """

    shapes: tuple[Shape, ...]
    borders: tuple[tuple[Chain, frozenset[str]], ...]
    matrix: NDArray[np.float64]
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def only(self, names: tuple[str, ...]) -> "Shapes":
        """Return the shapes called `names`, and the borders that touch one."""
        kept = frozenset(names)
        return replace(
            self,
            shapes=tuple(shape for shape in self.shapes if shape.name in kept),
            borders=tuple(border for border in self.borders if border[1] & kept),
            missing=tuple(name for name in self.missing if name in kept),
        )


def of_layout(layout: Layout, options: Options) -> Shapes:
    """Return the shapes that landmarks alone give, in photo pixels."""
    drawn = seams.draw(layout, is_smooth=options.trace not in _STRAIGHT)
    return Shapes(
        tuple(
            Shape(name, chains, "landmarks", is_extrapolated=name in layout.extrapolated)
            for name, chains in drawn.outlines.items()
        ),
        drawn.borders,
        np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
    )


def of_layout_and_map(
    layout: Layout, found: LabelMap, size: tuple[int, int], options: Options, limits: Limits
) -> Shapes:
    """Return the shapes that landmarks and a label map give together."""
    is_smooth = options.trace not in _STRAIGHT
    composed = compose.compose(layout, found, size, is_smooth=is_smooth)
    least = max(round(options.min_area * composed.zoom**2), composed.speck)
    traced = _trace(composed.labels, options, limits, least)
    names = dict(enumerate(layout.rings, 1))
    drawn = _traced(traced, names, composed.matrix, "landmarks+map", has_labels=False)
    if options.min_area:
        return drawn
    # Specks of our own making are nobody's business.
    return replace(drawn, warnings=tuple(w for w in drawn.warnings if "island" not in w))


def of_map(found: LabelMap, size: tuple[int, int], options: Options, limits: Limits) -> Shapes:
    """Return one shape for each label of a map but its background."""
    height, width = found.labels.shape
    traced = _trace(found.labels, options, limits, options.min_area)
    names = {
        label: name for label, name in found.names.items() if schemes.meaning(name) != "background"
    }
    matrix = np.array([[size[0] / width, 0.0, 0.0], [0.0, size[1] / height, 0.0]])
    return _traced(traced, names, matrix, "map", has_labels=True)


def _trace(labels: Labels, options: Options, limits: Limits, min_area: int) -> Tracing:
    """Return the tracing of `labels`, unless they are noise, whose tracing would have no end."""
    edges = np.count_nonzero(labels[1:] != labels[:-1])
    edges += np.count_nonzero(labels[:, 1:] != labels[:, :-1])
    if edges > limits.max_map_edges:
        raise DrawingTooLarge(
            f"the segmentation map has {edges} edges between unlike pixels: expected at most "
            f"{limits.max_map_edges}; is it a label map?",
            found=edges,
            limit=limits.max_map_edges,
        )
    return trace(labels, mode=options.trace, min_area=min_area)


def _traced(
    traced: Tracing,
    names: Mapping[int, str],
    matrix: NDArray[np.float64],
    source: str,
    *,
    has_labels: bool,
) -> Shapes:
    shapes = [
        Shape(
            name,
            tuple(ring.chain for ring in traced.outlines[label].rings),
            source,
            label=label if has_labels else None,
        )
        for label, name in names.items()
        if label in traced.outlines
    ]
    borders = [
        (
            border.chain,
            frozenset(
                names[k] for k in (border.left, border.right) if k is not None and k in names
            ),
        )
        for border in traced.borders
    ]
    return Shapes(
        tuple(shapes),
        tuple(border for border in borders if border[1]),
        matrix,
        tuple(name for label, name in names.items() if label not in traced.outlines),
        traced.warnings,
    )
