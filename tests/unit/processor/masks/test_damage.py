"""Pictures whose headers are right and whose pixels are not: a drawing or a refusal, never more."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from faces import damaged_png
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.processor.masks import (
    CorruptImage,
    Drawing,
    Inputs,
    Limits,
    MaskError,
    Options,
    check,
    draw,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIDE = 64
ROUND = 0.35 * SIDE * np.exp(2j * np.pi * np.arange(68) / 68) + SIDE * (1 + 1j) / 2
LANDMARKS = json.dumps([[point.real, point.imag] for point in ROUND]).encode()
EMBED = Options(embed_image=True)
PICTURE = np.random.default_rng(3).integers(0, 4, (SIDE, SIDE, 3), dtype=np.uint8) * 60
KINDS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 90},
    "progressive": {"progressive": True},
    "WEBP": {"quality": 80},
}


def saved(kind: str, picture: Any = PICTURE) -> bytes:
    out = io.BytesIO()
    how = KINDS.get(kind, {})
    Image.fromarray(picture).save(out, "JPEG" if kind == "progressive" else kind, **how)
    return out.getvalue()


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def mended(png: bytes, changes: Sequence[tuple[float, int]], *, is_packed: bool) -> bytes:
    """Return a PNG with damaged pixels and right checksums, so that decoders go on to them.

    What is damaged is the compressed stream, or the rows within a stream that is whole.
    """
    parts = []
    for kind, held in chunks(png):
        body = held
        if kind == b"IDAT":
            body = (
                harmed(held, changes, 2)
                if is_packed
                else zlib.compress(harmed(zlib.decompress(held), changes))
            )
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        parts.append(struct.pack(">I", len(body)) + kind + body + checksum)
    return png[:8] + b"".join(parts)


def harmed(data: bytes, changes: Sequence[tuple[float, int]], first: int = 0) -> bytes:
    body = bytearray(data)
    for place, value in changes:
        body[first + int(place * (len(body) - first - 1))] = value
    return bytes(body)


def outcome(image: bytes, landmarks: bytes = LANDMARKS, label_map: bytes | None = None) -> object:
    """Return what becomes of a submission, as the processor and a worker see to it."""
    inputs = Inputs(io.BytesIO(image), landmarks, label_map)
    try:
        check(inputs, EMBED, Limits())
        return draw(inputs, EMBED)
    except MaskError as error:
        return error


# The same in every run: a find must be found again.
found_again = settings(max_examples=30, derandomize=True, database=None)
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6)


@pytest.mark.parametrize("kind", KINDS)
@found_again
@given(changes=CHANGES)
def test_a_damaged_photo_is_drawn_or_refused(
    kind: str, changes: Sequence[tuple[float, int]]
) -> None:
    assert isinstance(outcome(harmed(saved(kind), changes, 12)), Drawing | MaskError)


@pytest.mark.parametrize("is_packed", [True, False], ids=["compressed", "rows"])
@found_again
@given(changes=CHANGES)
def test_a_png_with_damaged_pixels_and_right_checksums_is_drawn_or_refused(
    changes: Sequence[tuple[float, int]], *, is_packed: bool
) -> None:
    damaged = mended(saved("PNG"), changes, is_packed=is_packed)

    assert isinstance(outcome(damaged), Drawing | MaskError)


@pytest.mark.parametrize("is_packed", [True, False], ids=["compressed", "rows"])
@found_again
@given(changes=CHANGES)
def test_a_map_with_damaged_pixels_is_drawn_or_refused(
    changes: Sequence[tuple[float, int]], *, is_packed: bool
) -> None:
    label_map = saved("PNG", (PICTURE[..., 0] // 60).astype(np.uint8))

    found = outcome(saved("PNG"), label_map=mended(label_map, changes, is_packed=is_packed))

    assert isinstance(found, Drawing | MaskError)


def test_pixels_that_end_in_noise_are_named_as_the_fault() -> None:
    assert isinstance(outcome(damaged_png(saved("PNG"))), CorruptImage)


BOUNDED = """
import resource, sys
from pathlib import Path

from unit.processor.masks.test_damage import outcome, saved
from faces import bomb, deep_bomb

pages = int(Path("/proc/self/statm").read_text().split()[0])
bound = pages * resource.getpagesize() + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
print(repr({outcome}))
"""


@pytest.mark.parametrize(
    "outcome",
    ["outcome(deep_bomb(4000))", "outcome(saved('PNG'), label_map=deep_bomb(4000))"],
    ids=["photo", "map"],
)
def test_what_takes_more_memory_than_there_may_be_is_too_large_and_not_damaged(
    outcome: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED.format(outcome=outcome)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )

    assert done.stdout.startswith("TooManyPixels('the drawing takes more memory"), done.stderr
