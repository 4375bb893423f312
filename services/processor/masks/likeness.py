"""What photos that look the same have in common: a perceptual hash, and where the landmarks are."""

from dataclasses import dataclass

import numpy as np

from services.processor.masks.inputs import Inputs, Limits
from services.processor.masks.landmarks import face as faces
from services.processor.masks.options import Options
from services.processor.masks.photo import header, phash

_DEFAULT = Limits()


@dataclass(frozen=True)
class Likeness:
    """A photo's looks.

    `perceptual_hash` has 64 bits, see `photo.phash`. `landmarks` are those of the face drawn, as
    fractions of the upright photo's width and height, so that they compare between photos of
    different size: x, y, x, y, each a little-endian 32-bit float, precise to 0.001 pixels.
    """

    perceptual_hash: int
    landmarks: bytes


def of(inputs: Inputs, chosen: Options, limits: Limits = _DEFAULT) -> Likeness | None:
    """Return the likeness of `inputs` that `check` accepts, decoding the photo.

    None for a photo that compares with no other: it has no contrast, or its pixels cannot be
    decoded, which alone does not keep it from being drawn.
    """
    photo = header.read(inputs.image, limits, part="image", ignore_exif=chosen.ignore_exif)
    found = phash.read(inputs.image, photo)
    if found is None:
        return None
    size = (photo.width, photo.height)
    face = faces.read(inputs.landmarks, size, chosen, limits)
    return Likeness(found, (face.points / size).astype(np.dtype("<f4")).tobytes())
