"""Composing: zones of landmarks and labels of a map become one label map.

Traced as one, all neighbours share their borders exactly. The map decides where skin ends (at
hair, glasses or background), where the forehead begins, and what brows, eyes and lips look like;
the landmarks decide everything between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from services.processor.masks import hairline, rings, seams
from services.processor.masks.atlas.layout import Layout
from services.processor.masks.atlas.zones27 import FEATURES
from services.processor.masks.fill import fill
from services.processor.masks.labels import schemes
from services.processor.masks.labels.label_map import LabelMap, present_in

Canvas = NDArray[np.uint8]

IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

_WIDTHS_PX = (280, 360)
"""How wide a face may be on the canvas where outlines are smoothed: wide enough for smooth ones,
and no wider, for the work grows with it. Curves are good to half a pixel of it."""
_MAX_ZOOM = 4.0
_SOFT_PX = 0.7
_SOFT_REACH_PX = 5
"""How far from a label it surely weighs nothing: blurring reaches three pixels, scaling one."""
_MARGIN_PX = 3
_SPECK = 1 / 90
"""Islands narrower than this part of the face's width are no region's business."""


@dataclass(frozen=True, eq=False)
class Composed:
    """A label map, (h, w): 0 is nothing, k the k-th region of the layout.

    `matrix` (2, 3) leads from its pixels to the photo's; one of the map's is `zoom` wide on it;
    `speck` is the area of islands not worth drawing.
    """

    labels: Canvas
    matrix: NDArray[np.float64]
    zoom: float
    speck: int


def compose(layout: Layout, found: LabelMap, size: tuple[int, int], *, is_smooth: bool) -> Composed:
    """Return `layout` combined with the label map `found` of a photo of `size` (width, height).

    Where outlines are to follow the map's pixels, not smoothed, the canvas has those pixels.
    """
    height, width = found.labels.shape
    scale = np.array([width / size[0], height / size[1]])
    numbers = {name: k for k, name in enumerate(layout.rings, 1)}
    reaches = hairline.reaches(layout)
    corners = layout.points[sorted({n for ring in layout.rings.values() for n in ring})]
    wide = float(np.ptp(corners[:, 0]) * scale[0])
    part, origin = _part(found, np.concatenate([corners, *reaches.values()]) * scale)
    labels = _scaled(part, _zoom(wide)) if is_smooth else part
    # Whole pixels: the zoom is not quite the same along both sides.
    zoom = np.array(labels.shape[::-1]) / part.shape[::-1]
    to_canvas = _Drawn(scale * zoom, origin * zoom)
    outlines = _outlines(layout, is_smooth=is_smooth)
    canvas = np.zeros(labels.shape, np.uint8)
    beyond = {name: len(numbers) + k for k, name in enumerate(reaches, 1)}
    for name, area in reaches.items():
        to_canvas.fill(canvas, area, beyond[name])
    for name, ring in layout.rings.items():
        if not name.endswith("_iris"):
            to_canvas.fill(canvas, outlines.get(name, layout.points[list(ring)]), numbers[name])
    if layout.follows_features:
        _follow_features(canvas, labels, found, numbers)
    for name, ring in layout.rings.items():
        if name.endswith("_iris"):
            _open_iris(canvas, to_canvas, layout.points[list(ring)], numbers, name)
    if found.labels_of("skin"):
        is_face = _table(found)
        is_face[found.labels_of(*schemes.FACE)] = 255
        cv2.bitwise_and(canvas, _looked_up(is_face, labels), dst=canvas)
    for name, number in beyond.items():
        _join(canvas, number, numbers[name])

    back = np.column_stack([np.eye(2), origin * zoom])
    matrix = back / (scale * zoom)[:, None]
    mean = float(zoom.mean())
    return Composed(canvas, matrix, mean, max(4, round((wide * mean * _SPECK) ** 2)))


def _zoom(wide: float) -> float:
    """Return by how much to scale a map whose face is `wide` pixels wide."""
    least, most = _WIDTHS_PX
    if wide < least:
        return min(least / max(wide, 1.0), _MAX_ZOOM)
    return min(most / wide, 1.0)


def _outlines(layout: Layout, *, is_smooth: bool) -> Mapping[str, NDArray[np.float64]]:
    """Return the curved outlines of whole regions, where curves make a difference to be seen."""
    if not is_smooth or layout.is_dense:
        return {}
    drawn = seams.draw(replace(layout, cuts={}), is_smooth=True).outlines
    flat = rings.flattened([drawn[name][0] for name in drawn], IDENTITY)
    return dict(zip(drawn, flat, strict=True))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """How photo pixels lie on the canvas."""

    scale: NDArray[np.float64]
    origin: NDArray[np.float64]

    def fill(self, canvas: Canvas, ring: NDArray[np.float64], number: int) -> None:
        fill(canvas, ring * self.scale - self.origin, number)


def _part(
    found: LabelMap, corners: NDArray[np.float64]
) -> tuple[NDArray[np.integer], NDArray[np.float64]]:
    """Return the part of the map about `corners`, in map pixels, and where it begins."""
    height, width = found.labels.shape
    low = np.clip(np.floor(corners.min(axis=0)) - _MARGIN_PX, 0, (width - 1, height - 1)).astype(
        int
    )
    high = np.clip(np.ceil(corners.max(axis=0)) + _MARGIN_PX, low + 1, (width, height)).astype(int)
    return found.labels[low[1] : high[1], low[0] : high[0]], low.astype(np.float64)


def _scaled(labels: NDArray[np.integer], zoom: float) -> NDArray[np.integer]:
    """Return `labels` scaled; enlarged ones with smooth borders.

    Each pixel of an enlarged map goes to the label that weighs most there.
    """
    if zoom == 1:
        return labels
    height, width = (max(1, round(side * zoom)) for side in labels.shape)
    if zoom < 1:
        small = cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST)
        return np.asarray(small, labels.dtype)
    chosen = np.zeros((height, width), labels.dtype)
    best = np.zeros(chosen.shape, np.float32)
    weight = np.empty_like(best)
    for label in present_in(labels):
        is_label = (labels == label).view(np.uint8)
        soft = cv2.GaussianBlur(is_label.astype(np.float32), (0, 0), _SOFT_PX)
        cv2.resize(soft, (width, height), dst=weight, interpolation=cv2.INTER_LINEAR)
        near = _reach(cv2.boundingRect(is_label), zoom)
        np.copyto(chosen[near], label, where=weight[near] > best[near])
        np.maximum(best[near], weight[near], out=best[near])
    return chosen


def _reach(box: Sequence[int], zoom: float) -> tuple[slice, slice]:
    """Return the rows and columns of the enlarged map where what fills `box` weighs anything."""
    x, y, wide, high = box
    left, top = (max(0, round((low - _SOFT_REACH_PX) * zoom)) for low in (x, y))
    right, bottom = (round((end + _SOFT_REACH_PX) * zoom) for end in (x + wide, y + high))
    return slice(top, bottom), slice(left, right)


def _looked_up(table: Canvas, keys: NDArray[np.integer]) -> Canvas:
    """Return what `table`, 256 long or as long as the greatest key asks, has for each of `keys`."""
    if keys.dtype == np.uint8:
        return np.asarray(cv2.LUT(keys, table[:256]), np.uint8)
    found: Canvas = table[keys]
    return found


def _table(found: LabelMap) -> Canvas:
    return np.zeros(max(256, len(found.counts)), np.uint8)


def _follow_features(
    canvas: Canvas, labels: NDArray[np.integer], found: LabelMap, numbers: Mapping[str, int]
) -> None:
    """Give brows, eyes and lips to the map where it has them.

    What the landmarks took for a feature and the map does not goes to the nearest zone of skin.
    """
    known = [name for name in FEATURES if name in numbers and found.labels_of(name)]
    if not known:
        return
    is_feature = np.zeros(256, np.uint8)
    is_feature[[numbers[name] for name in known]] = 1
    as_number = _table(found)
    for name in known:
        as_number[found.labels_of(name)] = numbers[name]
    drawn = _looked_up(as_number, labels)
    _spread(canvas, drawn, is_feature)
    np.copyto(canvas, drawn, where=drawn > 0)


def _spread(canvas: Canvas, drawn: Canvas, is_feature: Canvas) -> None:
    """Give what is a feature on `canvas` and nothing on `drawn` the nearest number of no feature.

    0 is such a number: what lies nearest to the outside goes there.
    """
    is_open = _looked_up(is_feature, canvas)
    x, y, wide, high = cv2.boundingRect(is_open)
    window = (
        slice(max(0, y - 1), y + high + 1),
        slice(max(0, x - 1), x + wide + 1),
    )
    part, is_open = canvas[window], is_open[window]
    holes = (is_open > 0) & (drawn[window] == 0)
    if is_open.all() or not holes.any():
        return
    _, nearest = cv2.distanceTransformWithLabels(
        np.ascontiguousarray(is_open), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    fixed = is_open == 0
    source = np.zeros(int(nearest.max()) + 1, np.uint8)
    source[nearest[fixed]] = part[fixed]
    part[holes] = source[nearest[holes]]


def _open_iris(
    canvas: Canvas,
    to_canvas: _Drawn,
    ring: NDArray[np.float64],
    numbers: Mapping[str, int],
    name: str,
) -> None:
    """Draw an iris where the eye is open."""
    circle = np.zeros_like(canvas)
    to_canvas.fill(circle, ring, 1)
    eye = numbers[name.replace("_iris", "_eye")]
    canvas[(circle > 0) & (canvas == eye)] = numbers[name]


def _join(canvas: Canvas, beyond: int, number: int) -> None:
    """Give what lies `beyond` a region to it, where the two meet; the rest to nothing."""
    both = ((canvas == beyond) | (canvas == number)).view(np.uint8)
    x, y, wide, high = cv2.boundingRect(both)
    if not wide:
        return
    inside = (slice(y, y + high), slice(x, x + wide))
    count, parts = cv2.connectedComponents(both[inside], connectivity=4)
    is_joined = np.zeros(count, np.uint8)
    is_joined[parts[canvas[inside] == number]] = number
    canvas[inside] = np.where(canvas[inside] == beyond, is_joined[parts], canvas[inside])
