"""Palettes: the colours that label maps are commonly painted in.

Each is a list of colours by label. Sources: face-parsing.PyTorch `test.py` `part_colors`,
CelebAMask-HQ `g_color.py`, and the palette of 11 labels in circulation with LaPa.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

PALETTES: Mapping[str, tuple[Colour, ...]] = {
    "parts": (
        *((0, 0, 0), (255, 85, 0), (255, 170, 0), (255, 0, 85), (255, 0, 170), (0, 255, 0)),
        *((85, 255, 0), (170, 255, 0), (0, 255, 85), (0, 255, 170), (0, 0, 255), (85, 0, 255)),
        *((170, 0, 255), (0, 85, 255), (0, 170, 255), (255, 255, 0), (255, 255, 85)),
        *((255, 255, 170), (255, 0, 255)),
    ),
    "celebamask": (
        *((0, 0, 0), (204, 0, 0), (76, 153, 0), (204, 204, 0), (51, 51, 255), (204, 0, 204)),
        *((0, 255, 255), (255, 204, 204), (102, 51, 0), (255, 0, 0), (102, 204, 0)),
        *((255, 255, 0), (0, 0, 153), (0, 0, 204), (255, 51, 153), (0, 204, 204)),
        *((0, 51, 0), (255, 153, 51), (0, 204, 0)),
    ),
    "eleven": (
        *((0, 0, 0), (255, 255, 0), (139, 76, 57), (139, 54, 38), (0, 205, 0), (0, 138, 0)),
        *((154, 50, 205), (72, 118, 255), (255, 165, 0), (0, 0, 139), (255, 0, 0)),
    ),
}
"""Colours as (red, green, blue) by palette and label."""

NEAR = 24.0
"""Distance in RGB within which a colour may be one of a palette, compressed or converted."""
LEAST_SHARE = 0.5
"""Of the pixels that must be so near. Blurred and compressed maps have 0.85, photos 0.1."""
_SAMPLE = 4096


def packed(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return (h, w, 3) red, green, blue as (h, w) numbers 0xRRGGBB."""
    wide = pixels.astype(np.uint32)
    codes: NDArray[np.uint32] = (
        wide[..., 0] << np.uint32(16) | wide[..., 1] << np.uint32(8) | wide[..., 2]
    )
    return codes


def distances(codes: NDArray[np.uint32], palette: tuple[Colour, ...]) -> NDArray[np.float64]:
    """Return (n, k): how far each of n colours 0xRRGGBB is from each of k in `palette`."""
    channels = np.stack([codes >> 16 & 255, codes >> 8 & 255, codes & 255], axis=-1).astype(
        np.float64
    )
    apart = channels[:, None] - np.array(palette, dtype=np.float64)
    far: NDArray[np.float64] = np.sqrt((apart * apart).sum(axis=-1))
    return far


def nearest(codes: NDArray[np.uint32], counts: NDArray[np.int64]) -> tuple[str, float]:
    """Return the palette nearest to `codes`, and which part of the pixels, `counts`, is near."""
    order = np.argsort(-counts, kind="stable")[:_SAMPLE]
    weights = counts[order].astype(np.float64)
    # Black is in every palette and says nothing.
    weights[codes[order] == 0] = 0
    if not weights.any():
        return next(iter(PALETTES)), 1.0
    apart = {
        name: distances(codes[order], palette).min(axis=1) for name, palette in PALETTES.items()
    }
    best = min(apart, key=lambda name: float(np.average(apart[name], weights=weights)))
    return best, float(np.average(apart[best] <= NEAR, weights=weights))
