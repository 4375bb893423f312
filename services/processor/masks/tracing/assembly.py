"""Assembly: drawn lines put together into outlines and borders."""

from itertools import pairwise

import numpy as np

from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.frame import Frame
from services.processor.masks.tracing.geometry import Chain
from services.processor.masks.tracing.lines import Lines, append, straight
from services.processor.masks.tracing.outline import Border, Outline, Ring
from services.processor.masks.tracing.rings import Rings


def with_frame(lines: Lines, frame: Frame) -> Lines:
    """Return `lines` followed by the frame's pieces."""
    corners = np.stack([frame.x, frame.y], axis=1)
    knots = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1).reshape(-1, 2)
    first = np.arange(0, len(knots) + 1, 2)
    return append(lines, straight(knots, first, grid=1))


def outlines(lines: Lines, rings: Rings, *, arcs: int) -> dict[int, Outline]:
    """Return the outlines by label; `lines` are those of `arcs` arcs and then the frame's."""
    dart = rings.darts
    line = np.where(dart < 2 * arcs, dart // 2, dart - arcs)
    back = (dart < 2 * arcs) & (dart % 2 == 1)
    pieces = np.diff(lines.first)[line] - 1
    ends = np.concatenate([[0], np.cumsum(pieces)])
    inside = np.arange(ends[-1]) - np.repeat(ends[:-1], pieces)
    # A piece walked back starts at the knot where it ends otherwise.
    along = np.repeat(back, pieces)
    knot = np.repeat(np.where(back, lines.first[line + 1] - 1, lines.first[line]), pieces)
    knot += np.where(along, -inside, inside)
    piece = knot - along
    knots = lines.knots[knot] / lines.grid
    curved = lines.curved[piece]
    bent = np.flatnonzero(curved)
    bows = lines.handles[piece[bent]] / lines.grid
    bows[along[bent]] = bows[along[bent], ::-1]
    handles = np.zeros((len(piece), 2, 2))
    handles[bent] = bows

    begins = ends[rings.first].tolist()
    found: dict[int, list[Ring]] = {}
    for k, (label, pixels) in enumerate(
        zip(rings.label.tolist(), rings.pixels.tolist(), strict=True)
    ):
        own = slice(begins[k], begins[k + 1])
        chain = Chain(knots[own], handles[own], curved[own], closed=True)
        found.setdefault(label, []).append(Ring(chain, abs(pixels), is_hole=pixels < 0))
    return {label: Outline(label, tuple(own)) for label, own in found.items()}


def borders(lines: Lines, arcs: Arcs, frame: Frame) -> tuple[Border, ...]:
    """Return every line once, with the labels beside it."""
    knots, handles = lines.knots / lines.grid, np.zeros(lines.handles.shape)
    handles[lines.curved] = lines.handles[lines.curved] / lines.grid
    left: list[int | None] = [*arcs.left.tolist(), *[None] * len(frame)]
    right = [*arcs.right.tolist(), *frame.label.tolist()]
    closed = [*arcs.closed.tolist(), *[False] * len(frame)]
    found = []
    for k, (begin, end) in enumerate(pairwise(lines.first.tolist())):
        pieces = slice(begin, end - 1)
        chain = Chain(
            knots[begin : end - closed[k]],  # a loop's last knot repeats its first
            handles[pieces],
            lines.curved[pieces],
            closed=closed[k],
        )
        found.append(Border(left[k], right[k], chain))
    return tuple(found)
