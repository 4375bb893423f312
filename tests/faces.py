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
    rows = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    data = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = (_png_chunk(b"IHDR", header), _png_chunk(b"IDAT", data), _png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
