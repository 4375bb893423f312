"""Score SVG drawings of traced regions against the label map that they were traced from."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import resvg_py
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_SUPERSAMPLE = 4
_SEAM_MARGIN_PX = 8
"""Gap and overlap are counted so deep inside the labelled area: seams, not its edge."""
_NUMBERS = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7}
"""How many numbers make a node, by command."""


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
    cover = np.zeros((height * _SUPERSAMPLE, width * _SUPERSAMPLE), np.uint8)
    ious: dict[int, float] = {}
    for label in np.unique(labels[labels > 0]).tolist():
        mask = np.zeros((height, width), bool)
        for path in drawn.paths.get(label, []):
            mask |= _raster(drawn.view_box, path, width, height)
            cover += _raster(drawn.view_box, path, width * _SUPERSAMPLE, height * _SUPERSAMPLE)
        truth = labels == label
        ious[label] = float((mask & truth).sum() / (mask | truth).sum())
    fine = np.ones((_SUPERSAMPLE, _SUPERSAMPLE), np.uint8)
    margin = 2 * _SEAM_MARGIN_PX * _SUPERSAMPLE + 1
    labelled = np.kron((labels > 0).astype(np.uint8), fine)
    inside = cv2.erode(labelled, np.ones((margin, margin), np.uint8)) > 0
    worst = min(ious, key=ious.__getitem__)
    every = [path.data for paths in drawn.paths.values() for path in paths]
    return Score(
        mean_iou=round(sum(ious.values()) / len(ious), 4),
        min_iou=round(ious[worst], 4),
        worst_label=worst,
        gap=round(float(((cover == 0) & inside).sum()) / _SUPERSAMPLE**2, 1),
        overlap=round(float(((cover > 1) & inside).sum()) / _SUPERSAMPLE**2, 1),
        nodes=sum(map(nodes, every)),
        path_bytes=sum(map(len, every)),
    )


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
    """Return which pixel centres one path covers."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}" width="{width}" '
        f'height="{height}" preserveAspectRatio="none">'
        f'<path d="{path.data}" transform="{path.transform}"/></svg>'
    )
    png = resvg_py.svg_to_bytes(
        svg_string=svg, width=width, height=height, shape_rendering="crisp_edges"
    )
    alpha: NDArray[np.bool_] = np.asarray(Image.open(io.BytesIO(bytes(png))))[..., 3] > 127
    return alpha
