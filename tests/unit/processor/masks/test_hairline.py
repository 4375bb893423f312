"""The hairline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from services.processor.masks import hairline
from services.processor.masks.atlas import presets
from services.processor.masks.atlas.zones27 import OVAL, ZONES

if TYPE_CHECKING:
    from services.processor.masks.landmarks.face import Face


def test_only_the_top_of_the_oval_is_raised(hopper_face: Face) -> None:
    raised = hairline.raised(hopper_face.points)

    moved = np.flatnonzero((raised != hopper_face.points).any(axis=1)).tolist()
    assert set(moved) == {54, 103, 67, 109, 10, 338, 297, 332, 284}


@pytest.mark.parametrize("angle", [0, 30, 120])
def test_it_rises_from_the_chin_however_the_face_is_turned(angle: int, hopper_face: Face) -> None:
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])

    turned = hairline.raised(hopper_face.points @ matrix.T)

    assert turned == pytest.approx(hairline.raised(hopper_face.points) @ matrix.T)


def test_a_raised_oval_is_still_a_plain_outline(hopper_face: Face) -> None:
    raised = hairline.raised(hopper_face.points)[list(OVAL)].astype(np.float32)

    hull = cv2.contourArea(cv2.convexHull(raised))

    assert cv2.contourArea(raised) == pytest.approx(hull, rel=0.02)


def test_areas_beyond_begin_at_the_edge_of_their_region(hopper_face: Face) -> None:
    layout = presets.layout("zones27", hopper_face, has_map=True)

    found = hairline.reaches(layout)

    assert set(found) == {"forehead", "right_temple", "left_temple"}
    for name, area in found.items():
        own = layout.points[list(ZONES[name])]
        shared = [tuple(point) in set(map(tuple, own.tolist())) for point in area.tolist()]
        assert sum(shared) == len(area) / 2


def test_regions_without_a_forehead_reach_nowhere(hopper_face: Face) -> None:
    assert hairline.reaches(presets.layout("ibug68", hopper_face, has_map=True)) == {}
