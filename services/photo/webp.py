"""The layout of a WebP file (WebP container specification, RFC 9649)."""

from typing import BinaryIO

from services.photo.layout import EndOfImage, Layout, NotAnImage, orientation, take

_MAX_CHUNKS = 64
_MAX_EXIF_BYTES = 1 << 16
_EXIF_FLAG, _ALPHA_FLAG = 0x08, 0x10


def layout(file: BinaryIO, size: int) -> Layout:
    """Return the layout of the WebP in `file`, `size` bytes long."""
    file.seek(0)
    start = take(file, 12, "the RIFF header")
    if start[8:] != b"WEBP":
        raise NotAnImage("its RIFF form is not WEBP")
    promised = 8 + int.from_bytes(start[4:8], "little")
    if promised > size:
        raise EndOfImage(f"RIFF promises {promised} bytes")
    head = take(file, 18, "the first chunk")
    kind, body = head[:4], head[8:]
    if kind == b"VP8 ":
        body += take(file, 2, "the frame header")
        if body[3:6] != b"\x9d\x01\x2a":
            raise NotAnImage("its VP8 frame has no start code")
        return Layout(_le(body[6:8]) & 0x3FFF, _le(body[8:10]) & 0x3FFF)
    if kind == b"VP8L":
        if body[0] != 0x2F:  # noqa: PLR2004 - the signature of a lossless stream
            raise NotAnImage("its VP8L stream has no signature")
        bits = _le(body[1:5])
        channels = 4 if bits >> 28 & 1 else 3
        return Layout((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, channels=channels)
    if kind == b"VP8X":
        turned = _orientation(file, promised) if body[0] & _EXIF_FLAG else 1
        channels = 4 if body[0] & _ALPHA_FLAG else 3
        return Layout(_le(body[4:7]) + 1, _le(body[7:10]) + 1, turned, channels=channels)
    raise NotAnImage(f"its first chunk is {kind!r}")


def _orientation(file: BinaryIO, end: int) -> int:
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            break
        file.seek(at)
        head = take(file, 8, "a chunk")
        length = _le(head[4:])
        if head[:4] == b"EXIF":
            return orientation(file.read(min(length, _MAX_EXIF_BYTES)))
        at += 8 + length + length % 2
    return 1


def _le(data: bytes) -> int:
    return int.from_bytes(data, "little")
