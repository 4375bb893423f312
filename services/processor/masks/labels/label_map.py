"""A label map: labels and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.processor.masks.labels import schemes

Labels = NDArray[np.integer]
"""(h, w) uint8 or uint16."""


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Labels, (h, w), of a photo; `names` says what each label present means, in our words.

    `counts` says how many pixels have each label, from 0 up. The map's size is its own: it is
    stretched over the photo.
    """

    labels: Labels
    names: Mapping[int, str]
    scheme: str
    counts: NDArray[np.integer]
    warnings: tuple[str, ...] = ()

    def labels_of(self, *names: str) -> list[int]:
        """Return the labels that mean any of `names`."""
        return [label for label, name in self.names.items() if schemes.meaning(name) in names]


def present_in(labels: Labels) -> list[int]:
    """Return the labels that occur, in rising order."""
    return np.flatnonzero(counts_of(labels)).tolist()


def counts_of(labels: Labels) -> NDArray[np.integer]:
    """Return how many pixels have each label, from 0 up."""
    if labels.dtype != np.uint8:
        return np.bincount(labels.ravel())
    whole = cv2.calcHist([np.ascontiguousarray(labels)], [0], None, [256], [0, 256])
    return np.asarray(whole).ravel().astype(np.int64)
