"""What an image's header says, read without a single pixel."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from services.processor.masks.errors import NotAnImage, TooManyPixels, TruncatedImage
from services.processor.masks.inputs import Limits
from services.processor.masks.photo import jpeg, png, webp
from services.processor.masks.photo.layout import EndOfImage, Layout

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


def read(file: BinaryIO, limits: Limits, *, part: str, ignore_exif: bool = False) -> Header:
    """Return the header of the image in `file`, which is read from its beginning.

    Raises:
        NotAnImage: `file` is no PNG, JPEG or WebP.
        TruncatedImage: it ends before the end that its format marks.
        TooManyPixels: it is larger than `limits` allow.
    """
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    start = file.read(16)
    found = next((kind for magic, kind in _READERS.items() if start.startswith(magic)), None)
    if found is None:
        raise NotAnImage(f"the {part} is not an image: expected PNG, JPEG or WebP", part=part)
    name, reader = found
    try:
        layout = reader(file, size)
    except EndOfImage as error:
        raise TruncatedImage(
            f"the {part} is truncated: {error} in its {size} bytes; send it whole",
            part=part,
            size=size,
        ) from error
    except NotAnImage as error:
        raise NotAnImage(
            f"the {part} is not a readable {name.upper()}: {error}", part=part
        ) from error
    _check_size(layout.width, layout.height, limits, part)
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


def _check_size(width: int, height: int, limits: Limits, part: str) -> None:
    megapixels = width * height / 1e6
    if max(width, height) <= limits.max_side and megapixels <= limits.max_megapixels:
        return
    raise TooManyPixels(
        f"the {part} is {width}x{height}, {megapixels:.1f} megapixels: expected at most "
        f"{limits.max_megapixels:g} megapixels and {limits.max_side} pixels a side",
        part=part,
        width=width,
        height=height,
        megapixels=f"{megapixels:.1f}",
        max_megapixels=f"{limits.max_megapixels:g}",
        max_side=limits.max_side,
    )
