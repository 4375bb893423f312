"""Score SVG drawings of traced regions against the label map that they were traced from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import resvg_py

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_MANY = 16
"""Labels beyond which seams are counted on half as fine a grid: it would take minutes."""
_SEAM_MARGIN_PX = 8
"""Gap and overlap are counted so deep inside the labelled area: seams, not its edge."""
_NUMBERS = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7}
"""How many numbers make a node, by command."""
_MARGIN_PX = 40
"""Map pixels around the labels that are drawn too. A renderer cuts a curve that leaves the canvas,
or is blended in a layer of its own, in another way than its neighbour's: seams that are not there.
"""


@dataclass(frozen=True)
class Path:
    """One path element."""

    data: str
    transform: str = ""


@dataclass(frozen=True)
class Drawn:
    """Paths by label, in a view box."""

    view_box: str
    paths: Mapping[int, list[Path]]


@dataclass(frozen=True)
class Score:
    """How near a drawing is to its map, and what it takes.

    `gap` and `overlap` are square map pixels that no path covers, or more than one.
    """

    mean_iou: float
    min_iou: float
    worst_label: int
    gap: float
    overlap: float
    nodes: int
    path_bytes: int


def score(drawn: Drawn, labels: NDArray[np.integer]) -> Score:
    """Return the score over all labels of the map but 0."""
    height, width = labels.shape
    ious: dict[int, float] = {}
    for label in np.unique(labels[labels > 0]).tolist():
        mask = np.zeros((height, width), bool)
        for path in drawn.paths.get(label, []):
            mask |= _raster(drawn.view_box, path, width, height)
        truth = labels == label
        ious[label] = float((mask & truth).sum() / (mask | truth).sum())
    every = [path for label in ious for path in drawn.paths.get(label, [])]
    gap, overlap = _seams(drawn.view_box, every, labels)
    worst = min(ious, key=ious.__getitem__)
    return Score(
        mean_iou=round(sum(ious.values()) / len(ious), 4),
        min_iou=round(ious[worst], 4),
        worst_label=worst,
        gap=gap,
        overlap=overlap,
        nodes=sum(nodes(path.data) for path in every),
        path_bytes=sum(len(path.data) for path in every),
    )


def _seams(
    view_box: str, paths: Sequence[Path], labels: NDArray[np.integer]
) -> tuple[float, float]:
    """Return the square pixels inside the labelled area that no path covers, or more than one.

    One frame around all labels serves for every path: renderers cut curves differently in another.
    """
    rows, columns = (np.flatnonzero((labels > 0).any(axis=axis)) for axis in (1, 0))
    top, left = max(int(rows[0]) - _MARGIN_PX, 0), max(int(columns[0]) - _MARGIN_PX, 0)
    inner = labels[top : int(rows[-1]) + 1 + _MARGIN_PX, left : int(columns[-1]) + 1 + _MARGIN_PX]
    high, wide = inner.shape
    x, y, across, down = map(float, view_box.split())
    dx, dy = across / labels.shape[1], down / labels.shape[0]
    frame = f"{x + left * dx} {y + top * dy} {wide * dx} {high * dy}"
    finer = 4 if len(np.unique(labels)) <= _MANY else 2
    size = wide * finer, high * finer
    cover = np.zeros(size[::-1], np.uint8)
    for path in paths:
        cover += _raster(frame, path, *size)
    margin = 2 * _SEAM_MARGIN_PX * finer + 1
    fine = np.ones((finer, finer), np.uint8)
    labelled = np.pad(np.kron((inner > 0).astype(np.uint8), fine), 1)
    inside = cv2.erode(labelled, np.ones((margin, margin), np.uint8))[1:-1, 1:-1] > 0
    area = finer**2
    gap, overlap = ((cover == 0) & inside).sum() / area, ((cover > 1) & inside).sum() / area
    return round(float(gap), 1), round(float(overlap), 1)


def nodes(data: str) -> int:
    """Return how many points `data` names, handles not counted.

    >>> nodes("m1 1h4c1 2 3 4 5 6 1 2 3 4 5 6z")
    4
    """
    found = numbers = 0
    command = "m"
    for token in re.findall(r"[A-Za-z]|-?\d*\.?\d+", data):
        if token.isalpha():
            command, numbers = token.lower(), 0
            continue
        numbers += 1
        found += numbers % _NUMBERS[command] == 0
    return found


def _raster(view_box: str, path: Path, width: int, height: int) -> NDArray[np.bool_]:
    """Return which pixel centres one path covers, (height, width)."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}" width="{width}" '
        f'height="{height}" preserveAspectRatio="none">'
        f'<path d="{path.data}" transform="{path.transform}" fill="#fff"/></svg>'
    )
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        height=height,
        shape_rendering="crisp_edges",
        background="#000000",
    )
    pixels = cv2.imdecode(np.frombuffer(bytes(png), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    covered: NDArray[np.bool_] = pixels > 127
    return covered
