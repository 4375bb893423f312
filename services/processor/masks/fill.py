"""Filling: rings drawn on a canvas of pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.processor.masks.drawing import Points

_SHIFT = 4
"""Fractional bits of the coordinates that OpenCV draws with."""
_FAR = 1e6
"""Pixels beyond which a place is as good as any other."""


def fill(canvas: NDArray[np.uint8], ring: Points, number: int) -> None:
    """Draw `ring`, (n, 2) in pixels of `canvas`, with `number`.

    In OpenCV pixel centres are whole numbers; here, as everywhere, corners are.
    """
    placed = np.rint((np.clip(ring, -_FAR, _FAR) - 0.5) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(canvas, [placed], number, cv2.LINE_8, _SHIFT)
