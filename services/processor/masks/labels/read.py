"""Reading a label map, in any of the dresses that maps come in."""

from collections.abc import Mapping

import numpy as np

from services.processor.masks.errors import InvalidOption
from services.processor.masks.inputs import Limits
from services.processor.masks.labels import colours, decode, meaning, schemes
from services.processor.masks.labels.label_map import LabelMap, Labels, counts_of
from services.processor.masks.landmarks.face import Face
from services.processor.masks.options import Options

_ENLARGED = 25
"""Some tools spread the labels 0 to 10 over the grey scale, to be seen."""
_MAX_ASPECT_ERROR = 0.01


def read(
    data: bytes, face: Face, size: tuple[int, int], options: Options, limits: Limits
) -> LabelMap:
    """Return the label map in `data`, for a photo of `size` (width, height).

    Raises:
        InvalidSegmentationMap: there are no labels in it, or labels no scheme has.
        InvalidOption: `label_scheme` is custom and there is no `label_table`.
    """
    found = decode.check(data, limits, is_lossy_allowed=options.lossy_map)
    values, painted = schemes.table(options.label_table)
    if options.label_scheme == "custom" and not options.label_table:
        raise InvalidOption(
            "label_scheme is custom and label_table is empty: expected value=name or #rrggbb=name",
            option="label_table",
            value="",
        )
    pixels = decode.pixels(data, found, as_colours=bool(painted) and not values)
    is_painted = pixels.ndim == 3  # noqa: PLR2004 - rows, columns, colours
    warnings: list[str] = []
    _check_shape(pixels.shape, size, warnings)
    if is_painted and painted:
        labels, names = colours.by_table(pixels, painted, warnings)
        return LabelMap(labels, names, "custom", counts_of(labels), tuple(warnings))
    palette = None
    if is_painted:
        labels, palette = colours.by_palette(pixels, warnings)
    else:
        labels = _reduced(pixels, values, warnings, is_lossy=found.format == "jpeg")
    if values:
        return meaning.named_by(values, labels, warnings)
    return meaning.named(labels, palette, face, size, options.label_scheme, warnings)


def _check_shape(shape: tuple[int, ...], size: tuple[int, int], warnings: list[str]) -> None:
    height, width = shape[:2]
    if abs(width * size[1] / (height * size[0]) - 1) > _MAX_ASPECT_ERROR:
        warnings.append(
            f"the segmentation map is {width}x{height} and the photo {size[0]}x{size[1]}: "
            "their shapes differ by more than 1 %, the map was stretched"
        )


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
        return colours.majority(pixels.astype(np.uint8))
    if _ENLARGED * 2 <= top <= _ENLARGED * 10 and not (pixels % _ENLARGED).any():
        warnings.append(
            "the segmentation map has the values 0, 25, 50 ...: read as labels 0, 1, 2 ..."
        )
        return pixels // _ENLARGED
    return pixels
