"""From the bytes of a map to numbers: labels, or colours yet to be looked up."""

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.photo import Header
from services.processor.masks._opencv import is_out_of_memory
from services.processor.masks.errors import (
    InvalidSegmentationMap,
    MaskError,
    NotAnImage,
)
from services.processor.masks.inputs import Limits
from services.processor.masks.photo import header

_PART = "segmentation map"
_BYTE = 8


def check(data: bytes, limits: Limits, *, is_lossy_allowed: bool) -> Header:
    """Return the header of a map; no pixel is read.

    Raises:
        InvalidSegmentationMap: the bytes are no whole PNG, or a JPEG and none is allowed.
        TooManyPixels: the map is larger than `limits` allow.
    """
    try:
        found = header.read(io.BytesIO(data), limits, part=_PART, ignore_exif=True)
    except NotAnImage as error:
        raise InvalidSegmentationMap(
            f"the {_PART} is no readable picture: expected a PNG, or a JSON object "
            "{name: [landmark indices]}",
            part=_PART,
        ) from error
    except MaskError as error:
        if type(error).__name__ == "TruncatedImage":
            raise InvalidSegmentationMap(str(error), **error.facts) from error
        raise
    if found.format == "png" or (found.format == "jpeg" and is_lossy_allowed):
        return found
    cure = "send a PNG, or set lossy_map" if found.format == "jpeg" else "send a PNG"
    raise InvalidSegmentationMap(
        f"the {_PART} is a {found.format.upper()}, whose colours are not exact: {cure}",
        format=found.format,
    )


def pixels(data: bytes, found: Header, *, as_colours: bool = False) -> NDArray[np.integer]:
    """Return labels, (h, w) uint8 or uint16, or colours, (h, w, 3) uint8 red, green, blue.

    Palette maps give their indices, maps of 1, 2 or 4 grey bits their own values. Alpha is
    dropped. Where they are wanted `as_colours`, all maps give what is to be seen.

    Raises:
        InvalidSegmentationMap: the pixels cannot be read.
    """
    flags = cv2.IMREAD_UNCHANGED  # 16 bits stay 16, and EXIF turns nothing
    if as_colours:
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    indexed = found.is_palette and not as_colours
    decoded = _indices(data) if indexed else _decoded(data, flags)
    if decoded is None:
        raise InvalidSegmentationMap(f"the pixels of the {_PART} cannot be read: is it whole?")
    if as_colours:
        return np.ascontiguousarray(decoded[..., ::-1])
    if found.bits < _BYTE and not found.is_palette:
        decoded = decoded // (255 // ((1 << found.bits) - 1))
    if decoded.ndim == 2:  # noqa: PLR2004 - rows and columns
        return decoded
    colours = decoded[..., 2::-1]
    if decoded.dtype == np.uint16:
        colours = colours >> 8
    if found.channels <= 2:  # noqa: PLR2004 - grey, or grey and alpha
        return np.ascontiguousarray(decoded[..., 0])
    if (colours[..., 0] == colours[..., 1]).all() and (colours[..., 1] == colours[..., 2]).all():
        return np.ascontiguousarray(colours[..., 0])
    return np.ascontiguousarray(colours.astype(np.uint8))


def _decoded(data: bytes, flags: int) -> NDArray[np.integer] | None:
    try:
        found: Any = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        if is_out_of_memory(error):
            raise
        return None
    return found if found is None or found.dtype.kind == "u" else None


def _indices(data: bytes) -> NDArray[np.integer] | None:
    """Return the indices of a palette map, which OpenCV cannot: it looks the colours up."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.load()
            return np.asarray(image) if image.mode == "P" else None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
