"""The perceptual hash: near for what looks the same, far for what does not."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from faces import face
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from services.processor.masks import Limits
from services.processor.masks.photo import header, phash

FACES = ("hopper", "astronaut")
NEAR = 4
FAR = 20


def picture(name: str) -> Image.Image:
    with Image.open(io.BytesIO(face(name).photo)) as image:
        return image.convert("RGB")


def saved(image: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def hashed(data: bytes, *, ignore_exif: bool = False) -> int:
    file = io.BytesIO(data)
    found = phash.read(file, header.read(file, Limits(), part="image", ignore_exif=ignore_exif))
    assert found is not None
    return found


def apart(one: bytes, other: bytes) -> int:
    return phash.distance(hashed(one), hashed(other))


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        *(("WEBP", {"quality": quality}) for quality in (60, 80)),
        *(("JPEG", {"quality": quality}) for quality in (60, 75, 85, 95)),
        ("JPEG", {"quality": 85, "progressive": True}),
    ],
)
def test_a_photo_saved_anew_is_near(name: str, kind: str, how: dict[str, Any]) -> None:
    assert apart(face(name).photo, saved(picture(name), kind, **how)) <= NEAR


@settings(max_examples=30)
@given(st.sampled_from(FACES), st.floats(0.5, 1.5), st.integers(60, 95))
def test_a_photo_of_another_size_is_near(name: str, scale: float, quality: int) -> None:
    photo = picture(name)
    resized = photo.resize((round(photo.width * scale), round(photo.height * scale)))

    assert apart(face(name).photo, saved(resized, "JPEG", quality=quality)) <= NEAR


def test_another_face_is_far() -> None:
    assert apart(face("hopper").photo, face("astronaut").photo) >= FAR


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("turn", [ImageOps.mirror, ImageOps.flip])
def test_a_face_turned_round_is_far(name: str, turn: Any) -> None:
    photo = picture(name)

    assert apart(saved(photo), saved(turn(photo))) >= FAR


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_is_compared_is_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = picture("hopper")
    data = saved(photo, kind, exif=exif)
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))

    assert phash.distance(hashed(data), hashed(saved(shown))) <= NEAR
    assert phash.distance(hashed(data, ignore_exif=True), hashed(saved(photo))) <= NEAR


def test_half_of_the_bits_are_set() -> None:
    assert hashed(face("hopper").photo).bit_count() == phash.BITS // 2


def test_the_hash_stays_what_it_was() -> None:
    """Hashes are stored: a change of this number makes stored ones useless."""
    ramp = np.add.outer(np.arange(64) ** 2, 3 * np.arange(64)) % 251
    found = hashed(saved(Image.fromarray(ramp.astype(np.uint8))))

    assert f"{found:016x}" == "2fde398a1531236d"


@pytest.mark.parametrize("kind", ["L", "P", "LA", "RGBA"])
def test_every_kind_of_png_looks_the_same(kind: str) -> None:
    grey = picture("hopper").convert("L")

    assert apart(saved(grey), saved(grey.convert("RGBA" if kind == "LA" else kind))) <= NEAR


def test_sixteen_bits_look_like_eight() -> None:
    grey = np.asarray(picture("hopper").convert("L"))
    _, deep = cv2.imencode(".png", grey.astype(np.uint16) * 257)

    assert apart(saved(Image.fromarray(grey)), deep.tobytes()) <= NEAR


def test_transparency_is_laid_over_white() -> None:
    photo = picture("hopper")
    hole = Image.new("L", photo.size, 255)
    hole.paste(0, (100, 100, 300, 400))
    clear = photo.copy()
    clear.putalpha(hole)
    filled = photo.copy()
    filled.paste((255, 255, 255), (100, 100, 300, 400))

    assert apart(saved(clear), saved(filled)) <= NEAR


@pytest.mark.parametrize("size", [(16, 17), (40, 3000), (64, 64)])
def test_any_size_has_a_hash(size: tuple[int, int]) -> None:
    assert hashed(saved(picture("hopper").resize(size), "JPEG")) > 0


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_photo_without_contrast_has_none(level: int) -> None:
    file = io.BytesIO(saved(Image.new("RGB", (64, 64), (level, level, level))))

    assert phash.read(file, header.read(file, Limits(), part="image")) is None


def test_a_photo_that_cannot_be_decoded_has_none() -> None:
    data = bytearray(face("astronaut").photo)
    data[60_000:61_000] = bytes(1000)
    file = io.BytesIO(bytes(data))

    assert phash.read(file, header.read(file, Limits(), part="image")) is None
