"""Colours of a map looked up: in a caller's table, or in a palette in circulation."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from services.processor.masks.errors import InvalidSegmentationMap
from services.processor.masks.labels import palettes, schemes
from services.processor.masks.labels.label_map import Labels

_MAJORITY = 3
_LEAST_PIXELS, _LEAST_SHARE = 8, 8e-5
"""A colour of a palette is in a picture where so many pixels are near to it."""


def by_table(
    pixels: NDArray[np.integer], colours: Mapping[tuple[int, int, int], str], warnings: list[str]
) -> tuple[Labels, Mapping[int, str]]:
    """Return labels and names by an explicit table: label k is its k-th colour, from 1."""
    background = [
        colour for colour, name in colours.items() if schemes.meaning(name) == "background"
    ]
    rest = [colour for colour in colours if colour not in background]
    palette = (*(background or [(0, 0, 0)]), *rest)
    first = len(palette) - len(rest)
    table = np.array([0] * first + list(range(1, len(rest) + 1)))
    labels = table[_looked_up(palettes.packed(pixels.astype(np.uint8)), palette, warnings)]
    return labels.astype(np.uint8 if len(rest) < 256 else np.uint16), {  # noqa: PLR2004
        0: "background",
        **{k: colours[colour] for k, colour in enumerate(rest, 1)},
    }


def by_palette(pixels: NDArray[np.integer], warnings: list[str]) -> tuple[Labels, str]:
    """Return labels by the known palette that the colours are of, or near to."""
    codes = palettes.packed(pixels.astype(np.uint8))
    present, counts = _counted(codes)
    name, share = palettes.nearest(present, counts)
    if share < palettes.LEAST_SHARE:
        raise InvalidSegmentationMap(
            f"the segmentation map has {len(present)} colours, and {share:.0%} of its pixels are "
            f"near those of a known palette: expected at least {palettes.LEAST_SHARE:.0%}, or "
            "label_table with #rrggbb=name",
            colours=len(present),
            share=f"{share:.0%}",
        )
    return _looked_up(codes, palettes.PALETTES[name], warnings).astype(np.uint8), name


def _counted(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the colours present and how many pixels have each."""
    flat = codes.ravel()
    runs = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))  # maps are mostly runs
    present, inverse = np.unique(flat[runs], return_inverse=True)
    lengths = np.diff(np.append(runs, len(flat)))
    return present, np.bincount(inverse, weights=lengths).astype(np.int64)


def _looked_up(
    codes: NDArray[np.uint32], palette: tuple[palettes.Colour, ...], warnings: list[str]
) -> NDArray[np.int64]:
    """Return the index in `palette` of each pixel; where colours are not exact, the nearest."""
    flat = codes.ravel()
    runs = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
    present, inverse = np.unique(flat[runs], return_inverse=True)
    lengths = np.diff(np.append(runs, len(flat)))
    apart = np.concatenate(
        [palettes.distances(present[k : k + 4096], palette) for k in range(0, len(present), 4096)]
    )
    inexact = int((apart.min(axis=1) > 0).sum())
    if inexact:
        # Blends of two colours are near a third: only colours that fill an area count.
        counts = np.bincount(inverse, weights=lengths)
        near = ((apart <= palettes.NEAR) * counts[:, None]).sum(axis=0)
        apart[:, near < max(_LEAST_PIXELS, _LEAST_SHARE * len(flat))] = np.inf
    found = np.repeat(apart.argmin(axis=1)[inverse], lengths).reshape(codes.shape)
    if not inexact:
        return found
    warnings.append(
        f"{inexact} of {len(present)} colours of the segmentation map are in no palette: "
        "each became the nearest, and specks were cleaned up"
    )
    return majority(found.astype(np.uint8)).astype(np.int64)


def majority(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return for each pixel the label that most of the 3x3 pixels about it have."""
    best = np.zeros(labels.shape, np.float32)
    chosen = labels.copy()
    for label in np.unique(labels).tolist():
        votes = cv2.blur((labels == label).astype(np.float32), (_MAJORITY, _MAJORITY))
        wins = votes > best + 1e-6
        best[wins] = votes[wins]
        chosen[wins] = label
    return chosen
