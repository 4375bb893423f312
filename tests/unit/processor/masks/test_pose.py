"""Where the drawing lies on the photo."""

from __future__ import annotations

import math

import numpy as np
import pytest

from services.processor.masks import Options, pose
from services.processor.masks.landmarks.face import Face
from services.processor.masks.landmarks.schemes import SCHEMES
from services.processor.masks.tracing.geometry import mapped


def face(roll: float) -> Face:
    """68 points in the middle of 400x300, eyes 80 apart, turned clockwise by `roll` degrees."""
    turn = math.radians(roll)
    points = np.zeros((68, 2))
    points[36:42], points[42:48] = (-40, 0), (40, 0)
    points[0], points[16], points[8] = (-80, 0), (80, 0), (0, 100)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    return Face(points @ rotation.T + (200, 150), SCHEMES["ibug68"], "pixels")


def find(roll: float, **options: object) -> pose.Pose:
    found = face(roll)
    return pose.find(found, (400, 300), Options(**options), found.points)  # type: ignore[arg-type]


def test_without_wishes_the_drawing_is_the_photo() -> None:
    found = find(20)

    assert found.matrix.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert (found.width, found.height) == (400, 300)


@pytest.mark.parametrize("roll", [-170, -30, 0, 22.4, 90, 180])
def test_upright_lays_the_eyes_level(roll: float) -> None:
    found = find(roll, upright=True)

    right, left = mapped(face(roll).points[[36, 45]], found.matrix)
    assert left - right == pytest.approx([80, 0], abs=1e-9)


def test_upright_keeps_all_of_the_photo() -> None:
    found = find(30, upright=True)

    corners = mapped(np.array([(0.0, 0), (400, 0), (400, 300), (0, 300)]), found.matrix)
    assert corners.min() >= -1e-6
    assert (corners <= np.array([found.width, found.height]) + 1e-6).all()
    assert found.width < 400 * math.cos(math.radians(30)) + 300 * math.sin(math.radians(30)) + 2


def test_a_crop_keeps_the_margin_and_ends_at_the_photo() -> None:
    tight, wide = find(0, crop="face", crop_margin=0.0), find(0, crop="face", crop_margin=1.0)

    assert (tight.width, tight.height) == (160, 100)
    assert (wide.width, wide.height) == (400, 300)


def test_a_crop_moves_by_whole_pixels() -> None:
    found = find(0, crop="face", crop_margin=0.033)

    assert found.matrix[:, 2].tolist() == [float(round(v)) for v in found.matrix[:, 2]]


def test_matrices_are_done_one_after_the_other() -> None:
    first = np.array([[2.0, 0, 1], [0, 3, 0]])
    second = np.array([[0.0, -1, 5], [1, 0, 7]])
    point = np.array([[1.5, -2.0]])

    both = mapped(point, pose.after(second, first))

    assert both == pytest.approx(mapped(mapped(point, first), second))
