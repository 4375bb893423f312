"""Photos that differ in their bytes and not in their picture, as forms to be sent."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FACES = Path(__file__).resolve().parents[2] / "data" / "faces"
FACE = FACES / "astronaut"

PHOTO_BYTES = 922_866
"""The size of the photo that the goals are given for."""

BOUNDARY = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"
"""As long as a browser's: short boundaries take longer to find."""

_IHDR_ENDS = 33
"""Bytes of a PNG up to the end of its first chunk."""


@dataclass(frozen=True)
class Form:
    """A form in pieces that many photos share, and the one that makes a photo another."""

    before: bytes
    after: bytes
    with_map: bool

    @classmethod
    def of_face(cls, *, with_map: bool = False, photo_bytes: int = PHOTO_BYTES) -> Form:
        """Return the form of the sample face, its photo padded to `photo_bytes`."""
        photo = (FACE / "photo.png").read_bytes()
        room = photo_bytes - len(photo) - len(_chunk(b"seRi", b"12345678")) - 12
        padding = _chunk(b"paDd", random.Random(1).randbytes(max(room, 0)))  # noqa: S311
        parts = [_part("landmarks", "landmarks.json", (FACE / "landmarks.json").read_bytes())]
        if with_map:
            labels = (FACE / "segmentation_map.png").read_bytes()
            parts.append(_part("segmentation_map", "map.png", labels))
        opening = _part("image", "photo.png", b"")[: -len(b"\r\n")]
        return cls(
            before=b"".join(parts) + opening + photo[:_IHDR_ENDS],
            after=padding + photo[_IHDR_ENDS:] + b"\r\n--" + BOUNDARY + b"--\r\n",
            with_map=with_map,
        )

    @cached_property
    def size(self) -> int:
        """Length of the body in bytes, the same for every number."""
        return sum(map(len, self.pieces(0)))

    def pieces(self, number: int) -> tuple[bytes, bytes, bytes]:
        """Return the body with the photo of a number."""
        return self.before, _chunk(b"seRi", struct.pack(">Q", number)), self.after

    def photo(self, number: int) -> bytes:
        """Return the bytes of the photo alone."""
        start = self.before.index(b"\x89PNG")
        end = len(self.after) - len(b"\r\n--" + BOUNDARY + b"--\r\n")
        return self.before[start:] + self.pieces(number)[1] + self.after[:end]


def _part(name: str, filename: str, data: bytes) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    kind = "Content-Type: application/octet-stream"
    return b"--" + BOUNDARY + f"\r\n{head}\r\n{kind}\r\n\r\n".encode() + data + b"\r\n"


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return an ancillary PNG chunk."""
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check
