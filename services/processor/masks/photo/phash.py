"""The perceptual hash of a photo: 64 bits that change little when it is saved anew.

The hash of the DCT (C. Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions,
2010, 3.2; pHash's `ph_dct_imagehash`): the upright luminance on 32x32, its two-dimensional DCT, and
of the 8x8 lowest frequencies beside the constant ones which are above their median. The constant
ones would tell brightness, not the picture. In a mirrored picture every second of them has the
other sign, so it is far away.
"""

from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from services.photo import Header
from services.processor.masks._opencv import is_out_of_memory
from services.processor.masks.photo import pixels

BITS = 64
LEAST_CONTRAST = 8
"""Levels of 256 that a reduced photo must span: the bits of a flatter one are noise."""

_SIDE = 32
_LOWEST = 8
_WHITE = 255
_WITH_ALPHA = 4
_BETWEEN = 256
"""Photos are averaged in two steps: to this side in whole levels, so that it takes no memory."""
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_GRAYSCALE_8),
    (4, cv2.IMREAD_REDUCED_GRAYSCALE_4),
    (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
)


def read(file: BinaryIO, header: Header) -> int | None:
    """Return the hash of the photo in `file`.

    None for one whose pixels cannot be decoded, or that has no contrast.
    """
    small = reduced(file, header)
    return None if small is None or np.ptp(small) < LEAST_CONTRAST else of(small)


def of(small: NDArray[np.float32]) -> int:
    """Return the hash of a luminance, (32, 32).

    The lowest frequencies, in which photos differ the least, are dealt out over the hash, so that
    none of its quarters is alike in most photos: an index of quarters stays selective.
    """
    waves = _cosines()
    lowest = waves @ small.astype(np.float64) @ waves.T
    bits = (lowest > np.median(lowest)).ravel()[_dealt()]
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def distance(one: int, other: int) -> int:
    """Return how many bits of two hashes differ.

    >>> distance(0b1100, 0b1010)
    2
    """
    return (one ^ other).bit_count()


def reduced(file: BinaryIO, header: Header) -> NDArray[np.float32] | None:
    """Return the upright luminance, (32, 32), each pixel the mean of its part of the photo.

    Transparency is laid over white. None where the pixels cannot be decoded.
    """
    file.seek(0)
    data = np.frombuffer(file.read(), np.uint8)
    try:
        found: Any = cv2.imdecode(data, _flags(header))
    except cv2.error as error:
        if is_out_of_memory(error):
            raise
        return None
    if found is None:
        return None
    height, width = found.shape[:2]
    grey = _grey(_averaged(found, min(width, _BETWEEN), min(height, _BETWEEN)))
    return pixels.upright(_averaged(grey, _SIDE, _SIDE), header.orientation)


def _flags(header: Header) -> int:
    """Return how to decode: a JPEG at the least scale that leaves it large enough.

    Reduced pixels at its edges stand for less than others do; of many that moves the picture less.
    """
    flags = cv2.IMREAD_GRAYSCALE
    if header.format == "jpeg":
        enough = min(header.width, header.height) // _BETWEEN
        flags = next((flags for scale, flags in _REDUCED if scale <= enough), flags)
    elif header.channels == _WITH_ALPHA:
        flags = cv2.IMREAD_UNCHANGED
    return flags | cv2.IMREAD_IGNORE_ORIENTATION


def _averaged(picture: Any, width: int, height: int) -> Any:
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def _grey(picture: Any) -> Any:
    """Return what was decoded as luminance, 0 to 255, in 32-bit floats."""
    depth = 257 if picture.dtype == np.uint16 else 1
    picture = picture.astype(np.float32) / depth
    if picture.ndim == 2:  # noqa: PLR2004 - grey already
        return picture
    if picture.shape[2] != _WITH_ALPHA:
        return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    opacity = picture[..., 3] / _WHITE
    return cv2.cvtColor(picture, cv2.COLOR_BGRA2GRAY) * opacity + _WHITE * (1 - opacity)


def _cosines() -> NDArray[np.float64]:
    """Return the rows 1 to 8 of the DCT (type II), (8, 32)."""
    frequency = np.arange(1, _LOWEST + 1)[:, None]
    place = 2 * np.arange(_SIDE)[None, :] + 1
    return np.asarray(np.cos(np.pi * frequency * place / (2 * _SIDE)))


def _dealt() -> NDArray[np.intp]:
    """Return which of the 8x8 coefficients each bit is: in turn one to each quarter of the hash."""
    row, column = np.divmod(np.arange(BITS), _LOWEST)
    by_frequency = np.lexsort((column, row + column))
    return by_frequency.reshape(-1, 4).T.ravel()
