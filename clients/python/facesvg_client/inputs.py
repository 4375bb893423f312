"""A photo, its landmarks and its map, from whatever they are held in, to what is sent."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from facesvg.v1 import gateway_pb2, upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS, PART_SEGMENTATION_MAP
from facesvg_client import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from facesvg.v1 import mask_pb2

File: TypeAlias = "str | os.PathLike[str] | bytes | BinaryIO"
"""A path, the bytes themselves, or a file open for reading bytes."""
Landmarks: TypeAlias = "File | Sequence[Any] | Mapping[str, Any]"
"""A file, points ([x, y] or {x, y}), or any JSON that the service reads; arrays are lists to it."""
Map: TypeAlias = "File | Mapping[str, Sequence[int]]"
"""A file of labels, or lists of landmark indices by region name."""

CHUNK_BYTES = 256 * 1024
"""The piece that the contract recommends."""
INLINE_BYTES = 1024 * 1024
"""The most of a part that is sent to be looked up; what is larger is uploaded at once."""


@dataclass(frozen=True)
class Order:
    """A photo to be drawn, read into memory, so that it can be sent more than once."""

    image: bytes = field(repr=False)
    landmarks: bytes = field(repr=False)
    segmentation_map: bytes = field(repr=False)
    options: mask_pb2.DrawOptions

    @classmethod
    def of(
        cls,
        photo: File,
        landmarks: Landmarks,
        segmentation_map: Map | None,
        chosen: Mapping[str, Any],
    ) -> Order:
        """Read the parts and the options."""
        return cls(
            image=content(photo),
            landmarks=content(landmarks),
            segmentation_map=b"" if segmentation_map is None else content(segmentation_map),
            options=options.message(chosen),
        )

    @property
    def can_be_looked_up(self) -> bool:
        """Whether the service can be asked for the drawing without the photo."""
        return max(len(self.landmarks), len(self._inline_map)) <= INLINE_BYTES

    @property
    def _inline_map(self) -> bytes:
        is_json = self.segmentation_map.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}
        return self.segmentation_map if is_json else b""

    def description(self) -> gateway_pb2.FindByInputsRequest:
        """Return what the drawing is looked for by: digests, and what is small."""
        request = gateway_pb2.FindByInputsRequest(
            options=self.options, image_sha256=sha256(self.image), landmarks=self.landmarks
        )
        if self._inline_map:
            request.segmentation_map = self._inline_map
        elif self.segmentation_map:
            request.segmentation_map_sha256 = sha256(self.segmentation_map)
        return request

    def messages(self) -> Iterator[gateway_pb2.SubmitRequest]:
        """Yield the upload: lengths and digests, the parts (the small ones first), the end."""
        parts = {
            PART_LANDMARKS: self.landmarks,
            PART_SEGMENTATION_MAP: self.segmentation_map,
            PART_IMAGE: self.image,
        }
        if not self.segmentation_map:
            del parts[PART_SEGMENTATION_MAP]
        infos = [
            upload_pb2.PartInfo(part=part, size_bytes=len(data), sha256=sha256(data))
            for part, data in parts.items()
        ]
        header = gateway_pb2.SubmitHeader(options=self.options, parts=infos)
        yield gateway_pb2.SubmitRequest(header=header)
        for part, data in parts.items():
            for at in range(0, len(data) or 1, CHUNK_BYTES):
                piece = upload_pb2.Chunk(part=part, data=data[at : at + CHUNK_BYTES])
                yield gateway_pb2.SubmitRequest(chunk=piece)
        yield gateway_pb2.SubmitRequest(finish=upload_pb2.Finish())


def content(source: Landmarks | Map) -> bytes:
    """Return the bytes of a part.

    >>> content([[0.5, 0.25]])
    b'[[0.5,0.25]]'
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str | os.PathLike):
        return Path(source).read_bytes()
    if hasattr(source, "read"):
        return cast("BinaryIO", source).read()
    plain = getattr(source, "tolist", lambda: source)()  # of an array of numbers, whoever's
    return json.dumps(plain, separators=(",", ":")).encode()


def sha256(data: bytes) -> bytes:
    """Return the digest of a part."""
    return hashlib.sha256(data).digest()
