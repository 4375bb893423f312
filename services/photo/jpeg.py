"""The layout of a JPEG file (ITU-T T.81, annex B)."""

import io
from typing import BinaryIO

from services.photo.layout import EndOfImage, Layout, NotAnImage, orientation, take

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN, _END, _APP1, _FILL = 0xDA, 0xD9, 0xE1, 0xFF
_BLOCK = 1 << 16


def layout(file: BinaryIO, size: int) -> Layout:  # noqa: ARG001 - the three formats read alike
    """Return the layout of the JPEG in `file`; its EOI marker is looked for from the end."""
    file.seek(2)
    found: Layout | None = None
    turned = 1
    while True:
        marker = _next_marker(file)
        if marker == _END:
            raise NotAnImage("it ends before any picture")
        if marker in _BARE:
            continue
        length = int.from_bytes(take(file, 2, "a segment"), "big")
        if marker == _SCAN:
            break
        body = take(file, max(0, length - 2), "a segment")
        if marker == _APP1 and body.startswith(b"Exif\0\0"):
            turned = orientation(body)
        if marker in _FRAMES and len(body) >= 6:  # noqa: PLR2004 - the fixed part of a frame header
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
            found = Layout(width, height, 1, body[0], body[5])
    if found is None or not found.width or not found.height:
        raise NotAnImage("it has no frame header with a size before its first scan")
    _find_end(file, file.tell())
    return Layout(found.width, found.height, turned, found.bits, found.channels)


def _next_marker(file: BinaryIO) -> int:
    if take(file, 1, "a segment before the picture") != b"\xff":
        raise NotAnImage("a segment does not begin with a marker")
    marker = _FILL
    while marker == _FILL:
        marker = take(file, 1, "a segment before the picture")[0]
    return marker


def _find_end(file: BinaryIO, first: int) -> None:
    """Look for EOI behind `first`. Coded data has no FF D9 of its own: every FF is stuffed."""
    file.seek(0, io.SEEK_END)
    end = file.tell()
    while end > first:
        start = max(first, end - _BLOCK)
        file.seek(start)
        # One byte more, for a marker that two blocks share.
        if b"\xff\xd9" in file.read(end - start + 1):
            return
        end = start
    raise EndOfImage("there is no EOI marker")
