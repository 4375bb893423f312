"""The header of a photo or a map, within the limits."""

import io
from typing import BinaryIO

from services import photo
from services.photo import Header
from services.processor.masks.errors import NotAnImage, TooManyPixels, TruncatedImage
from services.processor.masks.inputs import Limits


def read(file: BinaryIO, limits: Limits, *, part: str, ignore_exif: bool = False) -> Header:
    """Return the header of the image in `file`, which is read from its beginning.

    Raises:
        NotAnImage: `file` is no PNG, JPEG or WebP.
        TruncatedImage: it ends before the end that its format marks.
        TooManyPixels: it is larger than `limits` allow.
    """
    try:
        found = photo.read(file, ignore_exif=ignore_exif)
    except photo.EndOfImage as error:
        size = file.seek(0, io.SEEK_END)
        raise TruncatedImage(
            f"the {part} is truncated: {error} in its {size} bytes; send it whole",
            part=part,
            size=size,
        ) from error
    except photo.NotAnImage as error:
        raise NotAnImage(f"the {part} is {error}", part=part) from error
    check(found, limits, part=part)
    return found


def check(found: Header, limits: Limits, *, part: str) -> None:
    """Raise `TooManyPixels` for an image that is larger than `limits` allow."""
    width, height = found.width, found.height
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
