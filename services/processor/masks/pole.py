"""The pole of inaccessibility: the place in a region farthest from its border."""

from collections.abc import Sequence

import cv2
import numpy as np

from services.processor.masks.drawing import Points

_GRID = 96
"""Cells along the longer side: the pole is good to a hundredth of the region."""


def find(rings: Sequence[Points], page: tuple[float, float]) -> tuple[float, float, float]:
    """Return x, y and the distance to the border of the pole of what `rings` enclose on a page.

    `page` is its width and height, from 0; where nothing is on it, the pole is somewhere beyond.
    """
    points = np.concatenate(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    if (low < page).all() and (high > 0).all():
        low, high = np.maximum(low, 0), np.minimum(high, page)
    cell = float(max((high - low).max(), 1e-6)) / _GRID
    width, height = np.ceil((high - low) / cell).astype(int) + 3
    mask = np.zeros((int(height), int(width)), np.uint8)
    placed = [np.rint(((ring - low) / cell + 0.5) * 16).astype(np.int32) for ring in rings]
    cv2.fillPoly(mask, placed, 1, cv2.LINE_8, 4)
    mask[0] = mask[-1] = 0
    mask[:, 0] = mask[:, -1] = 0
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    row, column = divmod(int(np.argmax(distance)), int(width))
    x, y = low + (np.array([column, row]) - 0.5) * cell
    return float(x), float(y), float(distance[row, column]) * cell
