"""Pose: where the drawing lies on the photo, turned upright and cropped as asked."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.drawing import Points
from services.processor.masks.landmarks.face import Face
from services.processor.masks.options import Options
from services.processor.masks.tracing.geometry import mapped

Matrix = NDArray[np.float64]
"""A (2, 3) affine matrix."""


@dataclass(frozen=True, eq=False)
class Pose:
    """The matrix from photo to drawing pixels, and the drawing's size in whole pixels."""

    matrix: Matrix
    width: int
    height: int


def find(face: Face, size: tuple[int, int], options: Options, reach: Points) -> Pose:
    """Return the pose that `options` ask for on a photo of `size` (width, height).

    `reach` holds the points, (n, 2), that a crop to the face keeps.
    """
    matrix = _rotation(-roll(face), size) if options.upright else _IDENTITY
    width, height = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    box = _box(mapped(corners, matrix))
    if options.crop == "face":
        face_box = _box(mapped(reach, matrix))
        margin = options.crop_margin * float((face_box[1] - face_box[0]).max())
        box = np.stack(
            [np.maximum(box[0], face_box[0] - margin), np.minimum(box[1], face_box[1] + margin)]
        )
    elif not options.upright:
        return Pose(_IDENTITY, width, height)
    low, high = np.floor(box[0] + 1e-6), np.ceil(box[1] - 1e-6)
    shifted = matrix.copy()
    shifted[:, 2] -= low
    extent = np.maximum(high - low, 1).astype(int)
    return Pose(shifted, int(extent[0]), int(extent[1]))


def roll(face: Face) -> float:
    """Return the angle, in radians, by which the line through the eyes falls to the right."""
    right, left = (face.points[list(corners)].mean(axis=0) for corners in face.scheme.eyes)
    dx, dy = left - right
    return math.atan2(dy, dx)


def after(second: Matrix, first: Matrix) -> Matrix:
    """Return the matrix that does `first` and then `second`."""
    columns = mapped(first.T, second)
    columns[:2] -= second[:, 2]
    return np.ascontiguousarray(columns.T)


_IDENTITY: Matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def _rotation(angle: float, size: tuple[int, int]) -> Matrix:
    """Return the turn by `angle` about the middle of the photo; positive is clockwise."""
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = size[0] / 2, size[1] / 2
    return np.array([[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y]])


def _box(points: Points) -> Points:
    return np.stack([points.min(axis=0), points.max(axis=0)])
