"""What an image's header says, read without a single pixel."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from services.photo import jpeg, png, webp
from services.photo.layout import Layout, NotAnImage

_READERS: Mapping[bytes, tuple[str, Callable[[BinaryIO, int], Layout]]] = {
    b"\x89PNG\r\n\x1a\n": ("png", png.layout),
    b"\xff\xd8\xff": ("jpeg", jpeg.layout),
    b"RIFF": ("webp", webp.layout),
}
_SIDEWAYS = frozenset({5, 6, 7, 8})


@dataclass(frozen=True)
class Header:
    """Format and size of an image.

    `width` and `height` are upright pixels: swapped where `orientation` (EXIF, 1 to 8)
    lays the picture on its side. `bits` is the depth of one sample, `channels` their number;
    `is_palette` is true where a sample is an index of colours.
    """

    format: str
    width: int
    height: int
    orientation: int
    bits: int
    channels: int
    is_palette: bool


def read(file: BinaryIO, *, ignore_exif: bool = False) -> Header:
    """Return the header of the image in `file`, which is read from its beginning.

    Raises:
        NotAnImage: `file` is no PNG, JPEG or WebP, or none that can be read.
        EndOfImage: it ends before the end that its format marks.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(16)
    found = next((kind for magic, kind in _READERS.items() if start.startswith(magic)), None)
    if found is None:
        raise NotAnImage("not an image: expected PNG, JPEG or WebP")
    name, reader = found
    try:
        layout = reader(file, size)
    except NotAnImage as error:
        raise NotAnImage(f"not a readable {name.upper()}: {error}") from error
    orientation = 1 if ignore_exif else layout.orientation
    turned = orientation in _SIDEWAYS
    return Header(
        format=name,
        width=layout.height if turned else layout.width,
        height=layout.width if turned else layout.height,
        orientation=orientation,
        bits=layout.bits,
        channels=layout.channels,
        is_palette=layout.is_palette,
    )
