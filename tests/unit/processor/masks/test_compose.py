"""Zones and labels composed."""

from __future__ import annotations

import numpy as np
import pytest

from services.processor.masks.atlas import presets
from services.processor.masks.compose import compose
from services.processor.masks.labels.label_map import LabelMap
from services.processor.masks.labels.schemes import LAPA11
from services.processor.masks.landmarks.face import Face

SIZE = (512, 600)
SKIN, BROW, HAIR = LAPA11.index("skin"), LAPA11.index("right_brow"), LAPA11.index("hair")


def label_map(labels: np.ndarray) -> LabelMap:
    counts = np.bincount(labels.ravel())
    names = {k: LAPA11[k] for k in np.flatnonzero(counts).tolist()}
    return LabelMap(labels.astype(np.uint8), names, "lapa11", counts)


def composed(labels: np.ndarray, face: Face, *, is_smooth: bool = False) -> dict[str, np.ndarray]:
    """The pixels of the photo that each zone has."""
    layout = presets.layout("zones27", face, has_map=True)
    found = compose(layout, label_map(labels), SIZE, is_smooth=is_smooth)
    rows, columns = np.mgrid[0:600, 0:512] + 0.5
    (a, _, e), (_, d, f) = found.matrix
    x = np.clip(((columns - e) / a).astype(int), 0, found.labels.shape[1] - 1)
    y = np.clip(((rows - f) / d).astype(int), 0, found.labels.shape[0] - 1)
    whole = found.labels[y, x]
    inside = (columns > e) & (rows > f)
    return {name: (whole == k) & inside for k, name in enumerate(layout.rings, 1)}


def test_all_skin_gives_all_zones_with_the_forehead_reaching_up(hopper_face: Face) -> None:
    zones = composed(np.full((600, 512), SKIN), hopper_face)

    forehead = np.argwhere(zones["forehead"])
    assert all(mask.any() for mask in zones.values())
    assert forehead[:, 0].min() < hopper_face.points[10, 1] - 40


def test_hair_takes_from_zones_what_it_covers(hopper_face: Face) -> None:
    labels = np.full((600, 512), SKIN)
    labels[:, :240] = HAIR

    zones = composed(labels, hopper_face)

    assert not any(mask[:, :239].any() for mask in zones.values())
    assert not zones["right_temple"].any()


def test_skin_beyond_a_strand_of_hair_is_no_forehead(hopper_face: Face) -> None:
    labels = np.full((600, 512), SKIN)
    top = int(hopper_face.points[10, 1])
    labels[top - 20 : top - 15] = HAIR

    zones = composed(labels, hopper_face)

    assert np.argwhere(zones["forehead"])[:, 0].min() >= top - 15


def test_a_brow_is_where_the_map_has_it_and_nowhere_else(hopper_face: Face) -> None:
    labels = np.full((600, 512), SKIN)
    x, y = hopper_face.points[105].astype(int)
    labels[y - 12 : y - 6, x - 15 : x + 15] = BROW

    zones = composed(labels, hopper_face)

    assert (zones["right_brow"] == (labels == BROW)).mean() > 0.9999
    assert zones["left_brow"].any()  # the map has none: the landmarks' stays
    below = hopper_face.points[[105, 52]].mean(axis=0).astype(int)
    assert zones["forehead"][below[1], below[0]] or zones["right_upper_eyelid"][below[1], below[0]]


@pytest.mark.parametrize("shape", [(600, 512), (150, 128), (2400, 2048)])
def test_the_canvas_is_neither_small_nor_large_and_lies_right(
    shape: tuple[int, int], hopper_face: Face
) -> None:
    plain = composed(np.full((600, 512), SKIN), hopper_face)

    zones = composed(np.full(shape, SKIN), hopper_face, is_smooth=True)

    for name in ("nose", "right_cheek", "chin"):
        both = (plain[name] & zones[name]).sum() / (plain[name] | zones[name]).sum()
        assert both > 0.93


def test_pixels_are_kept_where_outlines_follow_them(hopper_face: Face) -> None:
    layout = presets.layout("zones27", hopper_face, has_map=True)
    plain = label_map(np.full((600, 512), SKIN))

    assert compose(layout, plain, SIZE, is_smooth=False).zoom == 1
    assert compose(layout, plain, SIZE, is_smooth=True).zoom > 1


def test_a_face_beyond_the_map_is_no_trouble(hopper_face: Face) -> None:
    moved = Face(hopper_face.points - (300, 250), hopper_face.scheme, "pixels")

    zones = composed(np.full((600, 512), SKIN), moved)

    assert any(mask.any() for mask in zones.values())
