"""One label map: labels, what they mean, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.processor.masks.drawing import Points
from services.processor.masks.errors import InvalidOption, InvalidSegmentationMap
from services.processor.masks.inputs import Limits
from services.processor.masks.labels import decode, palettes, schemes
from services.processor.masks.landmarks.face import Face
from services.processor.masks.options import Options

Labels = NDArray[np.integer]

_ENLARGED = 25
"""Some tools spread the labels 0 to 10 over the grey scale, to be seen."""
_MAX_ASPECT_ERROR = 0.01
_MAJORITY = 3
_NEAR, _LEAST_PIXELS, _LEAST_SHARE = 24.0, 8, 8e-5
"""A colour of a palette is in a picture where so many pixels are so near to it in RGB."""


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Labels, (h, w), of a photo; `names` says what each label present means, in our words.

    Its size is its own: it is stretched over the photo.
    """

    labels: Labels
    names: Mapping[int, str]
    scheme: str
    warnings: tuple[str, ...] = ()

    def labels_of(self, *names: str) -> list[int]:
        """Return the labels that mean any of `names`."""
        return [label for label, name in self.names.items() if schemes.meaning(name) in names]


def read(
    data: bytes, face: Face, size: tuple[int, int], options: Options, limits: Limits
) -> LabelMap:
    """Return the label map in `data`, for a photo of `size` (width, height).

    Raises:
        InvalidSegmentationMap: there are no labels in it, or labels no scheme has.
        InvalidOption: `label_scheme` is custom and there is no `label_table`.
    """
    found = decode.check(data, limits, is_lossy_allowed=options.lossy_map)
    pixels = decode.pixels(data, found)
    values, colours = schemes.table(options.label_table)
    if options.label_scheme == "custom" and not options.label_table:
        raise InvalidOption(
            "label_scheme is custom and label_table is empty: expected value=name or #rrggbb=name",
            option="label_table",
            value="",
        )
    warnings: list[str] = []
    _check_shape(pixels.shape, size, warnings)
    is_lossy = found.format == "jpeg"
    painted: str | None = None
    if pixels.ndim == 3:  # noqa: PLR2004 - rows, columns, colours
        if colours:
            labels, names = _by_table(pixels, colours, warnings)
            return LabelMap(labels, names, "custom", tuple(warnings))
        labels, painted = _by_palette(pixels, warnings)
    else:
        labels = _reduced(pixels, values, warnings, is_lossy=is_lossy)
    scheme, names = _named(labels, values, painted, face, size, options.label_scheme, warnings)
    return LabelMap(labels, names, scheme, tuple(warnings))


def _check_shape(shape: tuple[int, ...], size: tuple[int, int], warnings: list[str]) -> None:
    height, width = shape[:2]
    if abs(width * size[1] / (height * size[0]) - 1) > _MAX_ASPECT_ERROR:
        warnings.append(
            f"the segmentation map is {width}x{height} and the photo {size[0]}x{size[1]}: "
            "their shapes differ by more than 1 %, the map was stretched"
        )


def _by_table(
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


def _by_palette(pixels: NDArray[np.integer], warnings: list[str]) -> tuple[Labels, str]:
    """Return labels by the known palette that the colours are of, or near to."""
    codes = palettes.packed(pixels.astype(np.uint8))
    present, counts = _counted(codes)
    name, distance = palettes.nearest(present, counts)
    if distance > palettes.FAR:
        raise InvalidSegmentationMap(
            f"the segmentation map has {len(present)} colours, {distance:.0f} away from any known "
            "palette: expected a label map, or label_table with #rrggbb=name",
            colours=len(present),
            distance=f"{distance:.0f}",
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
        near = ((apart <= _NEAR) * counts[:, None]).sum(axis=0)
        apart[:, near < max(_LEAST_PIXELS, _LEAST_SHARE * len(flat))] = np.inf
    found = np.repeat(apart.argmin(axis=1)[inverse], lengths).reshape(codes.shape)
    if not inexact:
        return found
    warnings.append(
        f"{inexact} of {len(present)} colours of the segmentation map are in no palette: "
        "each became the nearest, and specks were cleaned up"
    )
    return _majority(found.astype(np.uint8)).astype(np.int64)


def _majority(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return for each pixel the label that most of the 3x3 pixels about it have."""
    best = np.zeros(labels.shape, np.float32)
    chosen = labels.copy()
    for label in np.unique(labels).tolist():
        votes = cv2.blur((labels == label).astype(np.float32), (_MAJORITY, _MAJORITY))
        wins = votes > best + 1e-6
        best[wins] = votes[wins]
        chosen[wins] = label
    return chosen


def _reduced(
    pixels: Labels, values: Mapping[int, str], warnings: list[str], *, is_lossy: bool
) -> Labels:
    """Return grey values as labels: multiples of 25 up to 250 are the labels 0 to 10."""
    if values:
        return pixels
    top = int(pixels.max())
    if is_lossy:
        warnings.append("the segmentation map was compressed with loss: specks were cleaned up")
        if top > 2 * _ENLARGED:
            pixels = np.rint(pixels / _ENLARGED).astype(np.uint8)
        return _majority(pixels.astype(np.uint8))
    if _ENLARGED * 2 <= top <= _ENLARGED * 10 and not (pixels % _ENLARGED).any():
        warnings.append(
            "the segmentation map has the values 0, 25, 50 ...: read as labels 0, 1, 2 ..."
        )
        return pixels // _ENLARGED
    return pixels


def _named(  # noqa: PLR0913, PLR0917 - every argument is a hint to one question
    labels: Labels,
    values: Mapping[int, str],
    painted: str | None,
    face: Face,
    size: tuple[int, int],
    scheme: str,
    warnings: list[str],
) -> tuple[str, Mapping[int, str]]:
    """Return the scheme and the meaning of every label present."""
    present = present_in(labels)
    if values:
        unknown = [label for label in present if label not in values and label]
        if unknown:
            warnings.append(
                "the segmentation map has labels that are not in label_table: "
                + ", ".join(map(str, unknown[:10]))
            )
        names = {
            label: values.get(label, f"label_{label}" if label else "background")
            for label in present
        }
        return "custom", names
    if scheme == "auto":
        scheme = _detected(labels, present, painted, face, size, warnings)
    table = schemes.SCHEMES[scheme]
    if present[-1] >= len(table):
        raise InvalidSegmentationMap(
            f"label {present[-1]} of the segmentation map is unknown to {scheme}: "
            f"expected 0 to {len(table) - 1}, or label_table",
            label=present[-1],
            scheme=scheme,
        )
    return scheme, {label: table[label] for label in present}


def _detected(
    labels: Labels,
    present: list[int],
    painted: str | None,
    face: Face,
    size: tuple[int, int],
    warnings: list[str],
) -> str:
    """Return the scheme that the labels present are of."""
    top = present[-1]
    if top >= len(schemes.BISENET19):
        raise InvalidSegmentationMap(
            f"the segmentation map has label {top}: expected 0 to 10 (lapa11), 0 to 18 "
            "(bisenet19, celebamask19), or label_table",
            label=top,
        )
    if painted == "celebamask":
        return "celebamask19"
    if top < len(schemes.LAPA11):
        return "lapa11"
    # Both orders of 19 have a nose: which label lies where the nose is?
    height, width = labels.shape
    place = face.points[list(face.scheme.nose_and_eyes[0])].mean(axis=0)
    column = int(np.clip(place[0] * width / size[0], 0, width - 1))
    row = int(np.clip(place[1] * height / size[1], 0, height - 1))
    here = int(labels[row, column])
    for scheme in ("bisenet19", "celebamask19"):
        if here == schemes.SCHEMES[scheme].index("nose"):
            return scheme
    warnings.append(
        "the segmentation map has 19 labels of unknown order: taken for bisenet19; "
        "label_scheme=celebamask19 is the other"
    )
    return "bisenet19"


def present_in(labels: Labels) -> list[int]:
    """Return the labels that occur, in rising order."""
    return np.flatnonzero(counts_of(labels)).tolist()


def counts_of(labels: Labels) -> NDArray[np.integer]:
    """Return how many pixels have each label, from 0 up."""
    if labels.dtype != np.uint8:
        return np.bincount(labels.ravel())
    whole = cv2.calcHist([np.ascontiguousarray(labels)], [0], None, [256], [0, 256])
    return np.asarray(whole).ravel().astype(np.int64)


def agreement(found: LabelMap, face: Face, size: tuple[int, int]) -> float | None:
    """Return the overlap (IoU, 0 to 1) of nose and eyes in map and landmarks.

    None where the map has neither: nothing can be said then.
    """
    if not found.labels_of("nose", "right_eye", "left_eye"):
        return None
    height, width = found.labels.shape
    scale = np.array([width / size[0], height / size[1]])
    wanted = [
        i for i, name in enumerate(("nose", "right_eye", "left_eye")) if found.labels_of(name)
    ]
    rings = [face.points[list(face.scheme.nose_and_eyes[i])] * scale for i in wanted]
    names = [("nose", "right_eye", "left_eye")[i] for i in wanted]
    corners = np.concatenate(rings)
    low = np.clip(np.floor(corners.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 1, low + 1, (width, height)).astype(int)
    part = found.labels[low[1] : high[1], low[0] : high[0]]
    drawn = np.zeros(part.shape, np.uint8)
    for ring in rings:
        cv2.fillPoly(drawn, [fixed_point(ring - low)], 1, cv2.LINE_8, SHIFT)
    wanted_labels = found.labels_of(*names)
    both = int(np.count_nonzero(drawn[np.isin(part, wanted_labels)]))
    there = int(counts_of(found.labels)[wanted_labels].sum())
    return both / max(1, there + int(np.count_nonzero(drawn)) - both)


SHIFT = 4
"""Fractional bits of the coordinates that OpenCV draws with."""


def fixed_point(ring: Points) -> NDArray[np.int32]:
    """Return `ring` as OpenCV draws it: pixel centres, not corners, are whole numbers there."""
    return np.rint((np.clip(ring, -1e6, 1e6) - 0.5) * (1 << SHIFT)).astype(np.int32)
