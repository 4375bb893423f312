"""Headers of images."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services import photo

ORIENTATION = 0x0112


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 30), **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **how)
    return out.getvalue()


def read(data: bytes, **how: Any) -> photo.Header:
    return photo.read(io.BytesIO(data), **how)


def exif(orientation: int) -> Image.Exif:
    found = Image.Exif()
    found[ORIENTATION] = orientation
    return found


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_format_and_size_come_from_the_header(kind: str) -> None:
    found = read(picture(kind))

    assert (found.format, found.width, found.height) == (kind.lower(), 40, 30)


@pytest.mark.parametrize("how", [{"lossless": True}, {"lossless": False}, {"exif": exif(1)}])
def test_each_kind_of_webp_is_read(how: dict[str, Any]) -> None:
    found = read(picture("WEBP", **how))

    assert (found.width, found.height) == (40, 30)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_upright_as_exif_says(kind: str, orientation: int) -> None:
    found = read(picture(kind, exif=exif(orientation)))

    upright = (40, 30) if orientation < 5 else (30, 40)
    assert (found.width, found.height) == upright
    assert found.orientation == orientation


def test_exif_can_be_ignored() -> None:
    found = read(picture("JPEG", exif=exif(6)), ignore_exif=True)

    assert (found.width, found.height, found.orientation) == (40, 30, 1)


@pytest.mark.parametrize(
    ("mode", "bits", "channels", "is_palette"),
    [
        ("1", 1, 1, False),
        ("L", 8, 1, False),
        ("I;16", 16, 1, False),
        ("LA", 8, 2, False),
        ("P", 1, 1, True),
        ("RGB", 8, 3, False),
        ("RGBA", 8, 4, False),
    ],
)
def test_a_png_tells_what_a_sample_is(
    mode: str, bits: int, channels: int, is_palette: bool
) -> None:
    found = read(picture("PNG", mode))

    assert (found.bits, found.channels, found.is_palette) == (bits, channels, is_palette)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_bytes_behind_the_end_do_no_harm(kind: str) -> None:
    found = read(picture(kind) + b"trailer" * 30_000)

    assert found.width == 40


def test_an_end_marker_in_the_thumbnail_is_not_the_end() -> None:
    thumbnail = b"Exif\0\0" + b"\xff\xd8\xff\xd9"
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = picture("JPEG")
    data = whole[:2] + segment + whole[2:-2]

    with pytest.raises(photo.EndOfImage, match="no EOI marker"):
        read(data)


@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=8),
    end=st.integers(0, 400),
    tail=st.binary(max_size=40),
)
def test_a_damaged_header_raises_nothing_else(
    kind: str, changes: list[tuple[int, int]], end: int, tail: bytes
) -> None:
    data = bytearray(picture(kind, exif=exif(3)))
    for at, value in changes:
        data[at % len(data)] = value

    try:
        found = read(bytes(data[:end] + tail))
    except (photo.NotAnImage, photo.EndOfImage):
        return

    assert found.width > 0
    assert found.height > 0
