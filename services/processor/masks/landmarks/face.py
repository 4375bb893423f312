"""One face: its landmarks in pixels of the photo."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from services.processor.masks.drawing import Points
from services.processor.masks.errors import (
    InvalidLandmark,
    InvalidOption,
    LandmarkCount,
    NoFace,
    UnreadableLandmarks,
)
from services.processor.masks.inputs import Limits
from services.processor.masks.landmarks import formats
from services.processor.masks.landmarks.schemes import ACCEPTED, COUNTS, SCHEMES, Scheme
from services.processor.masks.options import Options

LEAST_OVERLAP = 0.1
"""The least part of the landmarks' box that lies in the photo."""
LEAST_SIZE_PX = 16
"""The least width or height of a face, whichever is larger."""
_NORMALIZED = (-0.5, 1.5)
_FEW = 0.1
"""More landmarks than this part in the range of normalised ones, and not all: a mix."""
_MAX_ASPECT_ERROR = 0.01


@dataclass(frozen=True)
class Face:
    """Landmarks of one face, (n, 2) in pixels of the upright photo, n = `scheme.count`.

    (0, 0) is the outer corner of the first pixel. Points may lie beyond the photo.
    """

    points: Points
    scheme: Scheme
    units: str
    warnings: tuple[str, ...] = ()


def read(data: bytes, size: tuple[int, int], options: Options, limits: Limits) -> Face:
    """Return the face that `options` choose from `data`, on a photo of `size` (width, height).

    Raises:
        UnreadableLandmarks: the format is unknown, or there are too many bytes.
        LandmarkCount: the number of points fits no scheme, or not the one given.
        InvalidLandmark: a coordinate is no finite number, or units are mixed.
        NoFace: there are no points, or they miss the photo.
        InvalidOption: there is no such face.
    """
    if len(data) > limits.max_landmark_bytes:
        raise UnreadableLandmarks(
            f"the landmarks are {len(data)} bytes: expected at most {limits.max_landmark_bytes}",
            size=len(data),
            limit_bytes=limits.max_landmark_bytes,
        )
    reading = formats.read(data)
    rows = _chosen(reading.faces, options.face_index)
    scheme = _scheme(len(rows), options.scheme)
    points = _points(rows)
    units = _units(points, size) if options.units == "auto" else options.units
    face = Face(points, scheme, units)
    face = (
        replace(face, points=points * size)
        if units == "normalized"
        else _fitted(face, reading.dimensions, size)
    )
    return _placed(face, size)


def _chosen(faces: Sequence[Sequence[Any]], index: int) -> Sequence[Any]:
    if not any(len(face) for face in faces):
        raise NoFace("there are no landmarks: no face was found in the photo", found=0)
    if index >= len(faces):
        raise InvalidOption(
            f"face_index is {index}: expected less than {len(faces)}, the number of faces",
            option="face_index",
            value=index,
            faces=len(faces),
        )
    if not len(faces[index]):
        raise NoFace(f"face {index} has no landmarks", found=0)
    return faces[index]


def _scheme(found: int, name: str) -> Scheme:
    if name == "auto" and found in COUNTS:
        return COUNTS[found]
    if name in SCHEMES and SCHEMES[name].count == found:
        return SCHEMES[name]
    expected = str(SCHEMES[name].count) if name in SCHEMES else ACCEPTED
    whose = f" ({name})" if name in SCHEMES else ""
    raise LandmarkCount(
        f"expected {expected} landmarks{whose}, found {found}", found=found, expected=expected
    )


def _points(rows: Sequence[Sequence[Any]]) -> Points:
    flat = [value for row in rows for value in row[:2]]
    if set(map(type, flat)) <= {int, float}:
        points = np.array(flat, dtype=np.float64).reshape(-1, 2)
        if np.isfinite(points).all():
            return points
    return np.array([_coordinates(row, k) for k, row in enumerate(rows)], dtype=np.float64)


def _coordinates(row: Sequence[Any], index: int) -> tuple[float, float]:
    x, y = row[0], row[1]
    for value in (x, y):
        if type(value) not in (int, float) or not math.isfinite(value):
            shown = repr(value)[:40]
            raise InvalidLandmark(
                f"landmark {index} has {shown}: expected a finite number", index=index, value=shown
            )
    return float(x), float(y)


def _units(points: Points, size: tuple[int, int]) -> str:
    """Return "normalized" where all points lie about the unit square, "pixels" where few do."""
    low, high = _NORMALIZED
    near = ((points >= low) & (points <= high)).all(axis=1)
    if near.all() and max(size) > 8:  # noqa: PLR2004 - a photo of 8 pixels could have such landmarks
        return "normalized"
    if near.mean() > _FEW:
        odd = int(np.flatnonzero(~near)[0])
        raise InvalidLandmark(
            f"{int(near.sum())} landmarks look normalised and {int((~near).sum())}, "
            f"the first of them landmark {odd}, do not: expected all in one unit",
            index=odd,
            normalized=int(near.sum()),
            pixels=int((~near).sum()),
        )
    return "pixels"


def _fitted(face: Face, dimensions: Any, size: tuple[int, int]) -> Face:
    """Return the face scaled from the picture it was found in, if its file names another size."""
    if dimensions is None:
        return face
    known = (
        isinstance(dimensions, list)
        and len(dimensions) == 2  # noqa: PLR2004 - width and height
        and all(type(side) in (int, float) and 0 < side < 1e6 for side in dimensions)  # noqa: PLR2004
    )
    if not known:
        return replace(
            face, warnings=("the landmarks' dimensions are not [width, height]: ignored",)
        )
    if tuple(dimensions) == size:
        return face
    width, height = dimensions
    sizes = f"{width:g}x{height:g}", f"{size[0]}x{size[1]}"
    warnings = [
        "the landmarks belong to a picture of {}: scaled to the photo's {}".format(*sizes),
    ]
    if abs(width * size[1] / (height * size[0]) - 1) > _MAX_ASPECT_ERROR:
        warnings.append("the landmarks' picture and the photo differ in shape by more than 1 %")
    scale = np.array(size, dtype=np.float64) / (width, height)
    return replace(face, points=face.points * scale, warnings=tuple(warnings))


def _placed(face: Face, size: tuple[int, int]) -> Face:
    """Return the face if it is one: large enough and in the photo."""
    low, high = face.points.min(axis=0), face.points.max(axis=0)
    extent = high - low
    if extent.max() < LEAST_SIZE_PX or extent.min() <= 0:
        shown = f"{extent[0]:.4g}x{extent[1]:.4g}"
        raise NoFace(
            f"the landmarks span {shown} pixels: expected at least {LEAST_SIZE_PX}", span=shown
        )
    inside = np.clip(np.minimum(high, size) - np.maximum(low, 0), 0, None)
    overlap = float((inside / extent).prod())
    if overlap < LEAST_OVERLAP:
        raise NoFace(
            f"{overlap:.0%} of the landmarks' box lies in the photo of {size[0]}x{size[1]}: "
            f"expected at least {LEAST_OVERLAP:.0%}; are the units right?",
            overlap=f"{overlap:.0%}",
            width=size[0],
            height=size[1],
        )
    beyond = int(((face.points < 0) | (face.points > size)).any(axis=1).sum())
    if not beyond:
        return face
    note = f"{beyond} of {len(face.points)} landmarks lie beyond the photo"
    return replace(face, warnings=(*face.warnings, note))
