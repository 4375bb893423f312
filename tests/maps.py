"""Small label maps that tests trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def disc(height: int, width: int, *, at: tuple[int, int], radius: int) -> NDArray[np.uint8]:
    """Return a map with a disc of ones, `radius` pixels around `at` (x, y), on zeros."""
    labels = np.zeros((height, width), np.uint8)
    cv2.circle(labels, at, radius, 1, -1)
    return labels
