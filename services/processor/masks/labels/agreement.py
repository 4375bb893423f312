"""Whether a label map belongs to a face."""

import numpy as np

from services.processor.masks.fill import fill
from services.processor.masks.labels.label_map import LabelMap
from services.processor.masks.landmarks.face import Face

_NAMES = ("nose", "right_eye", "left_eye")


def agreement(found: LabelMap, face: Face, size: tuple[int, int]) -> float | None:
    """Return the overlap (IoU, 0 to 1) of nose and eyes in map and landmarks.

    `size` is the photo's width and height. None where the map has neither: nothing can be said.
    """
    wanted = [k for k, name in enumerate(_NAMES) if found.labels_of(name)]
    if not wanted:
        return None
    height, width = found.labels.shape
    scale = np.array([width / size[0], height / size[1]])
    rings = [face.points[list(face.scheme.nose_and_eyes[k])] * scale for k in wanted]
    labels = found.labels_of(*(_NAMES[k] for k in wanted))

    corners = np.concatenate(rings)
    low = np.clip(np.floor(corners.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 1, low + 1, (width, height)).astype(int)
    part = found.labels[low[1] : high[1], low[0] : high[0]]
    drawn = np.zeros(part.shape, np.uint8)
    for ring in rings:
        fill(drawn, ring - low, 1)
    inside = part[drawn > 0]
    both = int(np.count_nonzero(np.isin(inside, labels)))
    there = int(found.counts[labels].sum())
    return both / max(1, there + len(inside) - both)
