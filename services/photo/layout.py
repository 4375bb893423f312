"""What the readers of the three formats share."""

from dataclasses import dataclass
from typing import BinaryIO

_ORIENTATION = 0x0112
_MAX_TAGS = 512
_MAX_EXIF_BYTES = 1 << 16


class NotAnImage(Exception):
    """A file is no image, or none that can be read."""


class EndOfImage(Exception):
    """The file ended where its format promises more."""


@dataclass(frozen=True)
class Layout:
    """An image as stored: pixels before any turning, and the EXIF orientation, 1 to 8."""

    width: int
    height: int
    orientation: int = 1
    bits: int = 8
    channels: int = 3
    is_palette: bool = False


def take(file: BinaryIO, count: int, what: str) -> bytes:
    """Return exactly `count` bytes from `file`; raise `EndOfImage` where there are fewer."""
    data = file.read(count)
    if len(data) < count:
        raise EndOfImage(f"{what} is cut off")
    return data


def orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8, that a TIFF-formed EXIF block states; 1 where it is none."""
    exif = exif.removeprefix(b"Exif\0\0")[:_MAX_EXIF_BYTES]
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(exif[:4])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(exif[at : at + size], "little" if order == "little" else "big")

    first = number(4, 4)
    for k in range(min(number(first, 2), _MAX_TAGS)):
        entry = first + 2 + 12 * k
        if number(entry, 2) == _ORIENTATION:
            found = number(entry + 8, 2)
            return found if 1 <= found <= 8 else 1  # noqa: PLR2004 - EXIF knows eight
    return 1
