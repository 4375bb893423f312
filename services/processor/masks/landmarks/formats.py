"""The formats that landmarks come in, and the faces that each holds.

Every format yields the same: for each face a list of points, each point a sequence that begins
with x and y. Whether those are numbers is not asked here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.processor.masks.errors import UnreadableLandmarks
from services.processor.masks.landmarks import literal

_KEYS = (
    *("landmarks", "faceLandmarks", "face_landmarks", "multiFaceLandmarks"),
    *("multi_face_landmarks", "landmark", "points", "keypoints"),
)
_EXPECTED = "expected JSON, a Python literal, .pts, or lines of x and y"
_MAX_FACES = 100
_MAX_DIGITS = 18
_LINE = re.compile(r"[,;\s]+")


@dataclass(frozen=True)
class Reading:
    """The faces of a file; `dimensions` is the picture's (width, height) where it says so."""

    faces: tuple[Sequence[Any], ...]
    dimensions: Any = None


def read(data: bytes) -> Reading:
    """Return the faces in `data`; raise `UnreadableLandmarks` where its format is unknown."""
    try:
        text = data.decode("utf-8-sig").strip().strip("\0")
    except UnicodeDecodeError as error:
        raise UnreadableLandmarks(
            f"the landmarks are no text in UTF-8 (byte {error.start}): {_EXPECTED}",
            byte=error.start,
        ) from error
    if not text:
        raise UnreadableLandmarks(f"the landmarks are empty: {_EXPECTED}")
    if text[0] in "[{(":
        return _tree(_parse(text))
    if text.startswith("version:"):
        return Reading((_pts(text),))
    return Reading((_rows(text.splitlines()),))


def _parse(text: str) -> Any:
    """Return the value of JSON or, failing that, of a Python literal."""
    try:
        return json.loads(text, parse_int=_whole)
    except RecursionError as error:
        raise UnreadableLandmarks(f"the landmarks are nested too deeply: {_EXPECTED}") from error
    except ValueError as error:
        first = error
    try:
        return json.loads(literal.to_json(text), parse_int=_whole)
    except (ValueError, RecursionError):
        where = f"line {first.lineno}" if isinstance(first, json.JSONDecodeError) else "a number"
        raise UnreadableLandmarks(
            f"the landmarks are neither JSON nor a Python literal ({where}): {_EXPECTED}",
            where=where,
        ) from first


def _whole(digits: str) -> float:
    """Return a whole number; one that is too long for any coordinate as a float."""
    return int(digits) if len(digits) < _MAX_DIGITS else float(digits)


def _tree(value: Any) -> Reading:
    dimensions = value.get("dimensions") if isinstance(value, Mapping) else None
    swapped = _is_menpo(value)
    faces = _faces(value)
    if len(faces) > _MAX_FACES:
        raise UnreadableLandmarks(
            f"the landmarks hold {len(faces)} faces: expected at most {_MAX_FACES}",
            faces=len(faces),
        )
    if swapped:
        faces = [[point[1::-1] if isinstance(point, list) else point for point in faces[0]]]
    return Reading(
        tuple([_pair(point, k) for k, point in enumerate(face)] for face in faces), dimensions
    )


def _is_menpo(value: Any) -> bool:
    """Say whether this is a menpo .ljson file, whose points are (y, x)."""
    inner = value.get("landmarks") if isinstance(value, Mapping) else None
    return isinstance(inner, Mapping) and "points" in inner and "version" in value


def _faces(value: Any) -> list[Sequence[Any]]:
    """Return the list of faces in a tree, whatever it is wrapped in."""
    value = _unwrapped(value)
    if not isinstance(value, list):
        raise UnreadableLandmarks(f"the landmarks are no list of points: {_EXPECTED}")
    if not value:
        return []
    first = _unwrapped(value[0])
    if isinstance(first, list) and (not first or isinstance(first[0], (list, dict))):
        faces = [_unwrapped(face) for face in value]
        if not all(isinstance(face, list) for face in faces):
            raise UnreadableLandmarks("a face among the landmarks is no list of points")
        return faces
    return [value]


def _unwrapped(value: Any) -> Any:
    for _ in range(3):
        if not isinstance(value, Mapping):
            break
        key = next((key for key in _KEYS if key in value), None)
        if key is None:
            break
        value = value[key]
    return value


def _pair(point: Any, index: int) -> Sequence[Any]:
    if isinstance(point, dict) and "x" in point and "y" in point:
        return (point["x"], point["y"])
    if isinstance(point, list) and 2 <= len(point) <= 5:  # noqa: PLR2004 - x, y[, z, visibility, presence]
        return point
    raise UnreadableLandmarks(
        f"landmark {index} has no x and y: expected {{x, y}} or [x, y]", index=index
    )


def _pts(text: str) -> list[Sequence[Any]]:
    """Return the points of an iBUG .pts file. It counts pixels from 1."""
    found = re.search(r"\{([^{}]*)\}", text)
    if not found:
        raise UnreadableLandmarks("the .pts file has no points between braces")
    rows = _rows(found[1].strip().splitlines())
    return [(x - 1, y - 1) for x, y, *_ in rows]


def _rows(lines: Sequence[str]) -> list[Sequence[float]]:
    """Return the points in lines of x and y; or of all x and y in turn, if there is one line."""
    rows = [_LINE.split(line.strip(" \t,;\r")) for line in lines]
    rows = [row for row in rows if row != [""] and not row[0].startswith("#")]
    if rows and not any(_is_number(word) for word in rows[0]):
        del rows[0]  # names of columns
    if len(rows) == 1 and len(rows[0]) > 3 and len(rows[0]) % 2 == 0:  # noqa: PLR2004 - x, y, z
        rows = [rows[0][k : k + 2] for k in range(0, len(rows[0]), 2)]
    if not rows or not 2 <= len(rows[0]) <= 3:  # noqa: PLR2004 - x, y[, z]
        raise UnreadableLandmarks(f"the landmarks are no rows of numbers: {_EXPECTED}")
    points: list[Sequence[float]] = []
    for k, row in enumerate(rows):
        if len(row) != len(rows[0]) or not all(_is_number(word) for word in row):
            raise UnreadableLandmarks(
                f"row {k} of the landmarks is {' '.join(row)[:40]!r}: "
                f"expected {len(rows[0])} numbers, as in the first",
                index=k,
            )
        points.append([float(word) for word in row])
    return points


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
