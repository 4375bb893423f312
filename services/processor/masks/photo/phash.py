"""The perceptual hash of a photo: 64 bits that change little when it is saved anew.

The hash of the DCT (C. Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions,
2010, 3.2; pHash's `ph_dct_imagehash`): the upright luminance on 32x32, its two-dimensional DCT, and
of the 8x8 lowest frequencies beside the constant ones which are above their median. The constant
ones would tell brightness, not the picture. A mirrored picture has the odd columns' signs turned,
so it is far away.
"""

from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from services.processor.masks.photo import pixels
from services.processor.masks.photo.header import Header

BITS = 64
LEAST_CONTRAST = 8
"""Levels of 256 that a reduced photo must span: the bits of a flatter one are noise."""

_SIDE = 32
_LOWEST = 8
_WITH_ALPHA = 4
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_GRAYSCALE_8),
    (4, cv2.IMREAD_REDUCED_GRAYSCALE_4),
    (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
    (1, cv2.IMREAD_GRAYSCALE),
)


def read(file: BinaryIO, header: Header) -> int | None:
    """Return the hash of the photo in `file`; None for one without contrast.

    Equal pixels give equal hashes, whatever the format and the EXIF orientation they come in.

    Raises:
        CorruptImage: the pixels cannot be decoded.
    """
    small = reduced(file, header)
    if np.ptp(small) < LEAST_CONTRAST:
        return None
    return of(small)


def of(small: NDArray[np.float64]) -> int:
    """Return the hash of a picture of 32x32.

    The lowest frequencies, in which photos differ the least, are dealt out over the hash, so that
    no part of it is alike in all photos: an index of parts stays selective.
    """
    waves = _cosines()
    lowest = waves @ small @ waves.T
    bits = (lowest > np.median(lowest)).ravel()[_dealt()]
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def distance(one: int, other: int) -> int:
    """Return how many bits of two hashes differ.

    >>> distance(0b1100, 0b1010)
    2
    """
    return (one ^ other).bit_count()


def reduced(file: BinaryIO, header: Header) -> NDArray[np.float64]:
    """Return the upright luminance, (32, 32), each pixel the mean of its part of the photo.

    A JPEG is decoded at the least scale that leaves two pixels to each of these.
    """
    if header.channels == _WITH_ALPHA and header.format != "jpeg":
        whole: Any = cv2.cvtColor(pixels.decode(file, header), cv2.COLOR_BGR2GRAY)
        orientation = 1
    else:
        whole = _grey(file, header)
        orientation = header.orientation
    small = cv2.resize(whole.astype(np.float32), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(pixels.upright(np.asarray(small), orientation), np.float64)


def _grey(file: BinaryIO, header: Header) -> Any:
    file.seek(0)
    data = np.frombuffer(file.read(), np.uint8)
    least = min(header.width, header.height)
    flag = cv2.IMREAD_GRAYSCALE
    if header.format == "jpeg":
        flag = next(flag for scale, flag in _REDUCED if least >= 2 * _SIDE * scale or scale == 1)
    try:
        found = cv2.imdecode(data, flag | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise pixels.corrupt() from error
    if found is None:
        raise pixels.corrupt()
    return found


def _cosines() -> NDArray[np.float64]:
    """Return the rows 1 to 8 of the DCT (type II), (8, 32)."""
    frequency = np.arange(1, _LOWEST + 1)[:, None]
    place = np.arange(_SIDE)[None, :] * 2 + 1
    return np.asarray(np.cos(np.pi * frequency * place / (2 * _SIDE)))


def _dealt() -> NDArray[np.intp]:
    """Return which of the 8x8 coefficients each bit is: by frequency, every fourth to a quarter."""
    row, column = np.divmod(np.arange(BITS), _LOWEST)
    by_frequency = np.lexsort((column, row + column))
    return by_frequency.reshape(-1, 4).T.ravel()
