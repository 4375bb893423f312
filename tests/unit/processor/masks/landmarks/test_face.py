"""One face among landmarks."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.processor.masks import (
    InvalidLandmark,
    InvalidOption,
    LandmarkCount,
    Limits,
    MaskError,
    NoFace,
    Options,
    UnreadableLandmarks,
)
from services.processor.masks.landmarks import face as faces
from services.processor.masks.landmarks.schemes import COUNTS, MESH_AS_IBUG, WFLW_AS_IBUG

if TYPE_CHECKING:
    from services.processor.masks.landmarks.face import Face

SIZE = (400, 300)


def circle(count: int, *, radius: float = 100, x: float = 200, y: float = 150) -> list[list[float]]:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    points: list[list[float]] = np.stack(
        [x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1
    ).tolist()
    return points


def read(data: Any, size: tuple[int, int] = SIZE, **options: Any) -> Face:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return faces.read(raw, size, Options(**options), Limits())


@pytest.mark.parametrize("count", COUNTS)
def test_the_number_of_points_tells_the_scheme(count: int) -> None:
    found = read(circle(count))

    assert found.scheme is COUNTS[count]
    assert found.units == "pixels"
    assert np.allclose(found.points, circle(count))


@pytest.mark.parametrize("count", [1, 5, 67, 106, 467, 479, 1000])
def test_other_numbers_are_refused_with_the_accepted_ones(count: int) -> None:
    with pytest.raises(
        LandmarkCount, match=rf"478, 468, 98 or 68 landmarks, found {count}"
    ) as caught:
        read(circle(count))

    assert caught.value.facts == {"found": str(count), "expected": "478, 468, 98 or 68"}


def test_an_explicit_scheme_refuses_the_number_of_another() -> None:
    with pytest.raises(LandmarkCount, match=r"expected 468 landmarks \(mediapipe468\), found 478"):
        read(circle(478), scheme="mediapipe468")


def test_normalised_landmarks_are_known_by_their_range() -> None:
    unit = (np.array(circle(68)) / SIZE).tolist()

    found = read(unit)

    assert found.units == "normalized"
    assert np.allclose(found.points, circle(68))


def test_explicit_units_win_over_the_range() -> None:
    tiny = circle(68, radius=0.7, x=0.7, y=0.7)

    with pytest.raises(NoFace, match=r"span 1.4x1.4 pixels"):
        read(tiny, units="pixels")


def test_a_mix_of_units_is_refused_naming_the_first_odd_one() -> None:
    mixed = [[0.5, 0.5]] * 30 + circle(38)

    with pytest.raises(InvalidLandmark, match=r"30 landmarks look normalised and 38") as caught:
        read(mixed)

    assert caught.value.facts["index"] == "30"


def test_one_point_at_the_corner_of_the_photo_is_no_mix() -> None:
    points = circle(68)
    points[4] = [0.5, 1.0]

    assert read(points).units == "pixels"


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, "12", True, None, [1], 10**400, "NaN"],
    ids=str,
)
def test_what_is_no_finite_number_is_refused_by_index(value: Any) -> None:
    points: list[list[Any]] = circle(68)
    points[17][1] = value

    with pytest.raises(
        InvalidLandmark, match=r"landmark 17 has .*: expected a finite number"
    ) as caught:
        read(points)

    assert caught.value.facts["index"] == "17"


@pytest.mark.parametrize("data", [[], [[]], {"faceLandmarks": []}], ids=str)
def test_no_landmarks_are_no_face(data: Any) -> None:
    with pytest.raises(NoFace, match=r"no landmarks"):
        read(data)


@pytest.mark.parametrize(
    "points",
    [
        circle(68, x=5000),
        circle(68, x=-92),
        circle(68, radius=7),
        [[1e30, 1e30]] * 68,
        [[200, 150]] * 68,
        [*circle(67), [1e30, 10]],
    ],
    ids=["beside", "nearly beside", "tiny", "far", "one place", "one far"],
)
def test_landmarks_that_miss_the_photo_are_no_face(points: list[list[float]]) -> None:
    with pytest.raises(NoFace):
        read(points)


def test_a_face_partly_beyond_the_photo_is_kept_with_a_warning() -> None:
    found = read(circle(68, x=0.5))

    assert np.isclose(found.points[:, 0].min(), -99.5)
    assert found.warnings == ("33 of 68 landmarks lie beyond the photo",)


def test_a_face_is_chosen_by_its_index() -> None:
    two = {"faceLandmarks": [circle(68), circle(478, radius=50)]}

    assert read(two).scheme.count == 68
    assert read(two, face_index=1).scheme.count == 478
    with pytest.raises(InvalidOption, match=r"face_index is 2: expected less than 2"):
        read(two, face_index=2)


def test_landmarks_of_a_larger_picture_are_scaled() -> None:
    large = (np.array(circle(68)) * 2).tolist()

    found = read({"landmarks": large, "dimensions": [800, 600]})

    assert np.allclose(found.points, circle(68))
    assert "scaled to the photo's 400x300" in found.warnings[0]


@pytest.mark.parametrize("dimensions", ["x", [1], [0, 0], [-1, 5], [True, 3], [1e400, 1]], ids=str)
def test_dimensions_that_are_none_are_ignored_with_a_warning(dimensions: Any) -> None:
    found = read({"landmarks": circle(68), "dimensions": dimensions})

    assert np.allclose(found.points, circle(68))
    assert "ignored" in found.warnings[0]


def test_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(UnreadableLandmarks, match=r"expected at most 4194304"):
        read(b"[" * (5 << 20))


IBUG_FLIP = {
    **{i: 16 - i for i in range(17)},
    **{17 + i: 26 - i for i in range(10)},
    27: 27,
    28: 28,
    29: 29,
    30: 30,
    31: 35,
    32: 34,
    33: 33,
    34: 32,
    35: 31,
    36: 45,
    37: 44,
    38: 43,
    39: 42,
    40: 47,
    41: 46,
    42: 39,
    43: 38,
    44: 37,
    45: 36,
    46: 41,
    47: 40,
    48: 54,
    49: 53,
    50: 52,
    51: 51,
    52: 50,
    53: 49,
    54: 48,
    55: 59,
    56: 58,
    57: 57,
    58: 56,
    59: 55,
    60: 64,
    61: 63,
    62: 62,
    63: 61,
    64: 60,
    65: 67,
    66: 66,
    67: 65,
}
WFLW_FLIP = {
    **{i: 32 - i for i in range(33)},
    **dict(zip(range(33, 38), range(46, 41, -1), strict=True)),
    51: 51,
    52: 52,
    53: 53,
    54: 54,
    55: 59,
    56: 58,
    57: 57,
    58: 56,
    59: 55,
    60: 72,
    61: 71,
    63: 69,
    64: 68,
    65: 75,
    67: 73,
    76: 82,
    77: 81,
    78: 80,
    79: 79,
    83: 87,
    84: 86,
    85: 85,
    88: 92,
    89: 91,
    90: 90,
    93: 95,
    94: 94,
}


def test_the_mesh_points_for_68_are_mirror_pairs(hopper_face: Face) -> None:
    points = hopper_face.points[list(MESH_AS_IBUG)]
    middle = hopper_face.points[[10, 152, 168, 1]][:, 0].mean()

    mirrored = points[[IBUG_FLIP[i] for i in range(68)]] * (-1, 1) + (2 * middle, 0)

    assert np.abs(mirrored - points).max() < 14


def test_the_wflw_points_for_68_are_mirror_pairs() -> None:
    both = {**WFLW_FLIP, **{other: i for i, other in WFLW_FLIP.items()}}

    flipped = [both[WFLW_AS_IBUG[IBUG_FLIP[i]]] for i in range(68)]

    assert flipped == list(WFLW_AS_IBUG)


@settings(max_examples=20)
@given(
    st.lists(
        st.lists(
            st.floats() | st.integers() | st.booleans() | st.none() | st.text(max_size=3),
            min_size=2,
            max_size=3,
        ),
        min_size=68,
        max_size=68,
    )
)
def test_no_values_raise_anything_but_mask_errors(points: list[list[Any]]) -> None:
    try:
        found = read(points)
    except MaskError:
        return

    assert np.isfinite(found.points).all()
