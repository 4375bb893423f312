"""A photo's likeness."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from faces import face

from services.processor import masks
from services.processor.masks import likeness

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOPPER = face("hopper")
SIZE = (512, 600)


def inputs(landmarks: bytes = HOPPER.landmarks) -> masks.Inputs:
    return masks.Inputs(io.BytesIO(HOPPER.photo), landmarks)


def places(found: likeness.Likeness | None) -> NDArray[np.float32]:
    assert found is not None
    return np.frombuffer(found.landmarks, "<f4").reshape(-1, 2)


def test_landmarks_are_fractions_of_the_photo() -> None:
    in_pixels = np.array([(mark["x"], mark["y"]) for mark in json.loads(HOPPER.landmarks)])
    normalised = json.dumps((in_pixels / SIZE).tolist()).encode()

    found = places(likeness.of(inputs(), masks.Options()))
    again = places(likeness.of(inputs(normalised), masks.Options()))

    assert abs(found * SIZE - in_pixels).max() < 1e-4
    assert abs(again * SIZE - in_pixels).max() < 1e-4


def test_the_face_is_the_one_that_is_drawn() -> None:
    first = json.loads(HOPPER.landmarks)
    second = [{**mark, "x": mark["x"] + 5} for mark in first]
    both = json.dumps([first, second]).encode()

    found = places(likeness.of(inputs(both), masks.Options(face_index=1)))

    assert found[0, 0] * SIZE[0] == pytest.approx(second[0]["x"], abs=1e-4)


def test_the_hash_is_the_photos_whatever_is_drawn() -> None:
    one = likeness.of(inputs(), masks.Options())
    other = likeness.of(inputs(), masks.Options(preset="features", upright=True))

    assert one == other


def test_a_photo_that_compares_with_none_has_no_likeness() -> None:
    data = bytearray(face("astronaut").photo)
    data[60_000:61_000] = bytes(1000)
    broken = masks.Inputs(io.BytesIO(bytes(data)), face("astronaut").landmarks)

    assert masks.check(broken, masks.Options()).landmarks_count == 478
    assert likeness.of(broken, masks.Options()) is None


def test_a_photo_that_is_too_large_is_not_decoded() -> None:
    with pytest.raises(masks.TooManyPixels):
        likeness.of(inputs(), masks.Options(), replace(masks.Limits(), max_megapixels=0.1))
