"""The photo's pixels."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from services.processor.masks import CorruptImage, Limits
from services.processor.masks.photo import header, pixels
from services.processor.masks.pose import Pose

BLUE, RED, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def decoded(data: bytes) -> Any:
    file = io.BytesIO(data)
    return pixels.decode(file, header.read(file, Limits(), part="image"))


def saved(image: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_photo_is_turned_as_exif_says(orientation: int) -> None:
    image = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(4, 6) * 10)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(image, exif=exif)

    found = decoded(data)

    with Image.open(io.BytesIO(data)) as again:
        expected = np.asarray(ImageOps.exif_transpose(again))
    assert (found[..., 0] == expected).all()


def test_transparency_is_laid_over_white() -> None:
    image = Image.new("RGBA", (2, 1))
    image.putpixel((0, 0), (0, 0, 255, 255))

    found = decoded(saved(image))

    assert found.tolist() == [[list(BLUE), list(WHITE)]]


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "P", "LA", "RGB"])
def test_every_kind_of_png_becomes_eight_bit_colour(mode: str) -> None:
    found = decoded(
        saved(Image.new("RGB", (3, 2), "white").convert(mode.replace("I;16", "L")).convert(mode))
    )

    assert found.shape == (2, 3, 3)
    assert found.dtype == np.uint8


def test_cmyk_is_read() -> None:
    found = decoded(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95))

    assert np.abs(found.reshape(-1, 3).mean(axis=0) - RED).max() < 30


def test_damaged_pixels_are_said_to_be_so() -> None:
    data = bytearray(saved(Image.new("RGB", (64, 64))))
    data[45:60] = bytes(15)

    with pytest.raises(CorruptImage, match=r"cannot be decoded"):
        decoded(bytes(data))


def test_a_crop_takes_the_photos_own_pixels() -> None:
    gradient = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))
    data = io.BytesIO(saved(Image.fromarray(gradient)))
    pose = Pose(np.array([[1.0, 0, -10], [0, 1, -5]]), 20, 30)

    jpeg = pixels.embedded(data, header.read(data, Limits(), part="image"), pose)

    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert found is not None
    assert found.shape == (30, 20)
    assert np.abs(found.astype(int) - gradient[5:35, 10:30]).max() < 6


def test_a_turned_photo_lies_where_the_matrix_says() -> None:
    image = Image.new("RGB", (60, 40), "white")
    image.paste("red", (40, 0, 60, 20))
    data = io.BytesIO(saved(image))
    quarter = Pose(np.array([[0.0, -1, 40], [1, 0, 0]]), 40, 60)  # a quarter clockwise

    jpeg = pixels.embedded(data, header.read(data, Limits(), part="image"), quarter)

    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    assert found.shape == (60, 40, 3)
    assert found[50, 30].tolist() == pytest.approx(RED, abs=12)
    assert found[30, 30].tolist() == pytest.approx(WHITE, abs=12)
