"""Regions of the caller's own: a JSON object {region name: [landmark indices]}."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from services.processor.masks.atlas.layout import Layout
from services.processor.masks.errors import InvalidSegmentationMap
from services.processor.masks.landmarks.face import Face

MAX_REGIONS = 128
MAX_INDICES = 1024
_MAX_NAME = 64
_MOSTLY = 0.85
"""A region lies on one side when this part of its corners does."""


def is_object(data: bytes) -> bool:
    """Say whether a segmentation map is JSON rather than a picture."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read(data: bytes, face: Face) -> Layout:
    """Return the layout that `data` describes on `face`.

    Raises:
        InvalidSegmentationMap: it is no such object, or an index fits no landmark.
    """
    try:
        regions = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidSegmentationMap(
            "the segmentation map is not JSON: expected {name: [landmark indices]} or a PNG"
        ) from error
    if not isinstance(regions, Mapping) or not 0 < len(regions) <= MAX_REGIONS:
        found = len(regions) if isinstance(regions, (list, dict)) else 0
        raise InvalidSegmentationMap(
            f"the segmentation map holds {found} regions: "
            f"expected an object with 1 to {MAX_REGIONS}",
            regions=found,
        )
    return Layout(face.points, {name: _ring(name, value, face) for name, value in regions.items()})


def sides(layout: Layout, face: Face) -> Mapping[str, str]:
    """Return the subject's side of each region, from where its corners lie between the eyes.

    Names tell nothing: many a list calls left what is on the viewer's left.
    """
    right, left = (face.points[list(corners)].mean(axis=0) for corners in face.scheme.eyes)
    axis = left - right
    length = max(float((axis * axis).sum()), 1e-9)

    def side(ring: tuple[int, ...]) -> str:
        along = ((layout.points[list(ring)] - (right + left) / 2) * axis).sum(axis=1) / length
        if np.mean(along < 0) >= _MOSTLY:
            return "right"
        return "left" if np.mean(along > 0) >= _MOSTLY else "center"

    return {name: side(ring) for name, ring in layout.rings.items()}


def _ring(name: str, value: Any, face: Face) -> tuple[int, ...]:
    shown = repr(name[:_MAX_NAME])
    if not name or len(name) > _MAX_NAME:
        raise InvalidSegmentationMap(
            f"the region name {shown} has {len(name)} characters: expected 1 to {_MAX_NAME}",
            region=name[:_MAX_NAME],
            found=len(name),
        )
    if not isinstance(value, list) or len(value) > MAX_INDICES:
        raise InvalidSegmentationMap(
            f"region {shown} is no list of at most {MAX_INDICES} landmark indices",
            region=name,
        )
    for index in value:
        if type(index) is not int or not 0 <= index < len(face.points):
            raise InvalidSegmentationMap(
                f"region {shown} has the index {str(index)[:40]}: expected a whole number, "
                f"0 to {len(face.points) - 1}",
                region=name,
                index=str(index)[:40],
            )
    if len(set(value)) < 3:  # noqa: PLR2004 - an area has three corners
        raise InvalidSegmentationMap(
            f"region {shown} has {len(set(value))} different indices: expected at least 3",
            region=name,
            found=len(set(value)),
        )
    return tuple(value)
