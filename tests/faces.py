"""The faces that tests draw."""

from __future__ import annotations

import io
import json
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

FACES = Path(__file__).resolve().parent / "data/faces"
SHARED = Path(__file__).resolve().parents[2] / "shared/data"
"""Faces that may not be shipped; tests that want them skip where they are absent."""


@dataclass(frozen=True)
class Face:
    """A photo with its landmarks and its label map, as files have them."""

    photo: bytes
    landmarks: bytes
    label_map: bytes

    @property
    def files(self) -> dict[str, bytes]:
        """The parts of a form."""
        return {
            "image": self.photo,
            "landmarks": self.landmarks,
            "segmentation_map": self.label_map,
        }


def face(name: str) -> Face:
    """Return a face that the project ships."""
    folder = FACES / name
    [photo] = folder.glob("photo.*")
    return Face(
        photo.read_bytes(),
        (folder / "landmarks.json").read_bytes(),
        (folder / "segmentation_map.png").read_bytes(),
    )


def fresh(base: Face, number: int) -> Face:
    """Return the same face with other bytes: its landmarks moved by a hair, so its key is new."""
    landmarks = json.loads(base.landmarks)
    landmarks[0]["x"] += number / 1e4
    return Face(base.photo, json.dumps(landmarks).encode(), base.label_map)


def heavy_png(megabytes: float) -> bytes:
    """Return a photo of noise, which no compression makes smaller."""
    side = int((megabytes * 1e6 / 3) ** 0.5)
    noise = np.random.default_rng(7).integers(0, 256, (side, side, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG", compress_level=0)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """Return a PNG of `side` x `side` black pixels, one bit each, in a few hundred kB."""
    return _black_png(side, bits=1, colours=0)


def deep_bomb(side: int) -> bytes:
    """Return the like that takes eight bytes a pixel when it is decoded: colours and alpha."""
    return _black_png(side, bits=16, colours=6)


def damaged_png(photo: bytes) -> bytes:
    """Return a photo as a PNG that is right in all but its pixels, which end in noise."""
    with Image.open(io.BytesIO(photo)) as image:
        header = struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 0)
    return _png(header, zlib.compress(bytes(4096))[:8] + bytes(range(256)))


def _black_png(side: int, *, bits: int, colours: int) -> bytes:
    rows = zlib.compressobj(9)
    row = bytes(1 + (side * bits * (4 if colours else 1) + 7) // 8)
    data = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    return _png(struct.pack(">IIBBBBB", side, side, bits, colours, 0, 0, 0), data)


def _png(header: bytes, data: bytes) -> bytes:
    chunks = (_png_chunk(b"IHDR", header), _png_chunk(b"IDAT", data), _png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
