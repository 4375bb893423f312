"""The layout of a PNG file (W3C PNG, third edition, 5 and 11)."""

from typing import BinaryIO

from services.photo.layout import EndOfImage, Layout, NotAnImage, orientation, take

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = 3
_BITS = frozenset({1, 2, 4, 8, 16})
_MAX_CHUNKS = 100_000
_MAX_EXIF_BYTES = 1 << 16


def layout(file: BinaryIO, size: int) -> Layout:
    """Return the layout of the PNG in `file`, `size` bytes long.

    Walks from chunk to chunk to IEND without reading what they hold.
    """
    file.seek(8)
    head = take(file, 25, "the header chunk")
    if head[4:8] != b"IHDR":
        raise NotAnImage("its first chunk is not IHDR")
    width, height = int.from_bytes(head[8:12], "big"), int.from_bytes(head[12:16], "big")
    bits, colour = head[16], head[17]
    if not width or not height or colour not in _CHANNELS or bits not in _BITS:
        raise NotAnImage(f"IHDR says {width}x{height}, {bits} bits, colour type {colour}")
    turned = 1
    at = 33
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        length_and_kind = take(file, 8, "a chunk before IEND")
        length, kind = int.from_bytes(length_and_kind[:4], "big"), length_and_kind[4:]
        if at + 12 + length > size:
            raise EndOfImage("there is no IEND chunk" if kind != b"IEND" else "IEND is cut off")
        if kind == b"IEND":
            return Layout(width, height, turned, bits, _CHANNELS[colour], colour == _PALETTE)
        if kind == b"eXIf":
            turned = orientation(file.read(min(length, _MAX_EXIF_BYTES)))
        at += 12 + length
    raise NotAnImage(f"it has more than {_MAX_CHUNKS} chunks")
