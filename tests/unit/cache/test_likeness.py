"""When the drawing of one photo will do for another."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cache.keys import Key
from services.cache.likeness import HASH_BITS, Likeness, agree, probes, scope

KEY = Key(
    version=1,
    image=b"i" * 32,
    landmarks=b"l" * 32,
    segmentation_map=b"s" * 32,
    tenant="one",
    options={"trace": "exact"},
)
PLACES = ((0.25, 0.5), (0.75, 0.5))


def likeness(
    places: tuple[tuple[float, float], ...] = PLACES, width: int = 640, height: int = 480
) -> Likeness:
    landmarks = b"".join(struct.pack("<2f", *place) for place in places)
    return Likeness(b"scope", 0, landmarks, width, height)


def moved(x: float, y: float, width: int = 640, height: int = 480) -> Likeness:
    """Return the likeness with one landmark moved by pixels."""
    first, (u, v) = PLACES
    return likeness((first, (u + x / width, v + y / height)), width, height)


@given(
    st.integers(0, 2**HASH_BITS - 1),
    st.lists(st.integers(0, HASH_BITS - 1), max_size=10, unique=True),
    st.integers(0, 10),
)
def test_every_hash_that_is_near_enough_has_a_quarter_that_is_probed(
    perceptual_hash: int, flips: list[int], further: int
) -> None:
    most = min(10, len(flips) + further)
    other = perceptual_hash
    for place in flips:
        other ^= 1 << place

    found = probes(perceptual_hash, most)

    quarters = [other >> shift & 0xFFFF for shift in (48, 32, 16, 0)]
    assert any(quarter in values for quarter, values in zip(quarters, found, strict=True))


@pytest.mark.parametrize(
    ("most", "counts"),
    [(0, [1, 0, 0, 0]), (3, [1, 1, 1, 1]), (7, [17] * 4), (10, [137, 137, 137, 17])],
)
def test_few_values_are_probed(most: int, counts: list[int]) -> None:
    found = probes(0x0123456789ABCDEF, most)

    assert [len(set(values)) for values in found] == counts


@pytest.mark.parametrize("change", [{"image": b"x" * 32}, {"landmarks": b"x" * 32}])
def test_photos_and_landmarks_may_differ(change: dict[str, Any]) -> None:
    assert scope(replace(KEY, **change)) == scope(KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"tenant": "another"},
        {"tenant": ""},
        {"segmentation_map": b""},
        {"options": {}},
        {"options": {"trace": "polygon"}},
    ],
    ids=str,
)
def test_all_else_must_be_equal(change: dict[str, Any]) -> None:
    assert scope(replace(KEY, **change)) != scope(KEY)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (0.49, 0), (0, -0.49), (0.35, 0.35)])
def test_landmarks_within_half_a_pixel_agree(x: float, y: float) -> None:
    assert agree(likeness(), moved(x, y))


@pytest.mark.parametrize(("x", "y"), [(0.51, 0), (0, -0.51), (0.4, 0.4), (2, 0)])
def test_one_landmark_further_away_is_another_face(x: float, y: float) -> None:
    assert not agree(likeness(), moved(x, y))


def test_half_a_pixel_is_one_of_the_smaller_photo() -> None:
    small = likeness(width=320, height=240)

    assert agree(small, moved(0.9, 0))
    assert agree(moved(0.9, 0), small)
    assert not agree(small, moved(1.1, 0))


@pytest.mark.parametrize("size", [(320, 240), (641, 481), (213, 160), (64, 48)])
def test_another_size_of_one_shape_agrees(size: tuple[int, int]) -> None:
    assert agree(likeness(), likeness(PLACES, *size))


@pytest.mark.parametrize("size", [(480, 640), (640, 470), (320, 246)])
def test_another_shape_does_not(size: tuple[int, int]) -> None:
    assert not agree(likeness(), likeness(PLACES, *size))


def test_another_number_of_landmarks_does_not() -> None:
    assert not agree(likeness(), likeness(PLACES[:1]))


def test_what_is_no_number_agrees_with_nothing() -> None:
    odd = likeness(((float("nan"), 0.5), (0.75, 0.5)))

    assert not agree(odd, odd)
