"""The tracer: a label map becomes outlines whose borders are shared exactly."""

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing import assembly, exact, network, polygon, smooth
from services.processor.masks.tracing.outline import Tracing

TRACE_MODES = ("exact", "polygon", "smooth")
MAX_LABEL = 65535


def trace(labels: NDArray[np.integer], *, mode: str = "smooth", min_area: int = 0) -> Tracing:
    """Trace every region of a label map.

    Args:
        labels: (h, w) label of each pixel, 0 to 65535.
        mode: One of `TRACE_MODES`: along the pixels, straight pieces that keep every pixel centre
            on its side, or curves.
        min_area: Islands of fewer map pixels merge into a neighbour; the largest part of a label
            always stays.

    Raises:
        ValueError: The map is not a map, or the mode is unknown.
        InvalidSegmentationMap: The map is noise and would take too long.
    """
    flat = _checked(labels, mode)
    found = network.find(flat, min_area=min_area)
    warnings = []
    if found.islands:
        warnings.append(f"merged {found.islands} islands of fewer than {min_area} pixels")

    lines = None
    height, width = flat.shape
    if mode == "smooth":
        lines = smooth.draw(found, frame=(width, height))
        if lines is None:
            mode = "polygon"
            warnings.append("drew straight lines: the map is too noisy for smooth ones")
    if lines is None:
        lines = exact.draw(found.arcs) if mode == "exact" else polygon.draw(found.arcs)
    lines = assembly.with_frame(lines, found.frame)
    return Tracing(
        width=width,
        height=height,
        grid=lines.grid,
        mode=mode,
        outlines=assembly.outlines(lines, found.rings, arcs=len(found.arcs)),
        borders=assembly.borders(lines, found.arcs, found.frame),
        warnings=tuple(warnings),
    )


def _checked(labels: NDArray[np.integer], mode: str) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return `labels` in the narrowest type that holds them."""
    if mode not in TRACE_MODES:
        raise ValueError(f"unknown trace mode {mode!r}, expected one of {', '.join(TRACE_MODES)}")
    if labels.ndim != 2 or not labels.size:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"a label map has two dimensions, got shape {labels.shape}")
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels are whole numbers, got {labels.dtype}")
    if labels.dtype == np.uint8:
        return np.ascontiguousarray(labels, np.uint8)
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > MAX_LABEL:
        raise ValueError(f"labels are 0 to {MAX_LABEL}, got {low} to {high}")
    narrow = np.uint8 if high <= np.iinfo(np.uint8).max else np.uint16
    return np.ascontiguousarray(labels.astype(narrow))
