"""Headers of photos, within the limits."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from faces import bomb
from PIL import Image

from services.processor.masks import Limits, NotAnImage, TooManyPixels, TruncatedImage
from services.processor.masks.photo import header


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


def read(data: bytes, **how: Any) -> None:
    header.read(io.BytesIO(data), Limits(), part="image", **how)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG", b"GIF89a" + bytes(50), b"BM" + bytes(50), b"<svg/>", bytes(100)],
    ids=["empty", "magic cut", "gif", "bmp", "svg", "zeros"],
)
def test_other_formats_are_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage, match=r"expected PNG, JPEG or WebP"):
        read(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_cut_anywhere_behind_its_header_is_truncated(kind: str) -> None:
    data = picture(kind, size=(64, 64))

    for end in range(32, len(data) - 1, 7):
        with pytest.raises(TruncatedImage, match=r"truncated.*send it whole"):
            read(data[:end])


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    data = io.BytesIO(bomb(20_000))

    tracemalloc.start()
    with pytest.raises(TooManyPixels, match=r"20000x20000, 400.0 megapixels: .* 50 mega") as caught:
        header.read(data, Limits(), part="image")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert caught.value.facts["width"] == caught.value.facts["height"] == "20000"
    assert peak < 1 << 20


def test_a_long_side_is_refused_though_pixels_are_few() -> None:
    with pytest.raises(TooManyPixels, match=r"16384 pixels a side"):
        read(picture("PNG", "1", (16_385, 1)))


def test_a_photo_at_the_limit_is_accepted() -> None:
    limits = Limits(max_megapixels=0.0012, max_side=40)

    found = header.read(io.BytesIO(picture("PNG")), limits, part="image")

    assert found.width == 40
