"""Islands merge into what surrounds them; labels never vanish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from services.processor.masks.tracing import arcs, cracks, frame, parts, rings, trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.processor.masks.tracing import Tracing

MAPS = arrays(
    np.uint8,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=16),
    elements=st.integers(0, 3),
)


def _components(labels: NDArray[np.integer]) -> list[tuple[int, int]]:
    found = []
    for label in np.unique(labels).tolist():
        mask = (labels == label).astype(np.uint8)
        stats = cv2.connectedComponentsWithStats(mask, connectivity=4)[2]
        found += [(label, int(area)) for area in stats[1:, cv2.CC_STAT_AREA]]
    return sorted(found)


def _drawn(traced: Tracing) -> NDArray[np.int32]:
    image = np.full((traced.height, traced.width), -1, np.int32)
    x, y = np.meshgrid(np.arange(traced.width) + 0.5, np.arange(traced.height) + 0.5)
    for label, outline in traced.outlines.items():
        inside = np.zeros(image.shape, int)
        for ring in outline.rings:  # upright edges to the left of a pixel centre, with their sense
            start, end = ring.chain.knots, ring.chain.ends()
            for (x0, y0), (_, y1) in zip(start, end, strict=True):
                between = (np.minimum(y0, y1) < y) & (y < np.maximum(y0, y1)) & (x0 < x)
                inside += between * int(np.sign(y0 - y1))
        image[inside > 0] = label
    return image


@given(labels=MAPS)
def test_parts_are_the_connected_components(labels: NDArray[np.uint8]) -> None:
    edges = cracks.find(labels)
    chains = arcs.chain(edges)
    margin = frame.find(labels, chains)
    outer = rings.join(chains, margin, stride=edges.stride)

    found = parts.find(edges, chains, margin, outer)

    pairs = zip(found.label.tolist(), found.pixels.tolist(), strict=True)
    assert sorted(pairs) == _components(labels)


@settings(max_examples=60)
@given(labels=MAPS, least=st.integers(2, 30))
def test_merging_never_loses_a_label(labels: NDArray[np.uint8], least: int) -> None:
    traced = trace(labels, mode="exact", min_area=least)

    assert sorted(traced.outlines) == np.unique(labels).tolist()
    assert sum(outline.pixels for outline in traced.outlines.values()) == labels.size


@settings(max_examples=60)
@given(labels=MAPS, least=st.integers(2, 30))
def test_at_most_one_part_of_a_label_stays_below_the_least_area(
    labels: NDArray[np.uint8], least: int
) -> None:
    merged = _drawn(trace(labels, mode="exact", min_area=least))

    small = [label for label, area in _components(merged) if area < least]
    assert len(small) == len(set(small))


def test_an_island_goes_to_the_neighbour_with_the_longest_border() -> None:
    labels = np.zeros((12, 12), np.uint8)
    labels[:, 6:] = 1
    labels[4:6, 5:7] = 2  # four cracks to either side
    labels[4, 7] = 2  # and three more into label 1
    labels[9:12, 0:3] = 2  # the largest part of label 2

    traced = trace(labels, mode="exact", min_area=6)

    assert {k: v.pixels for k, v in traced.outlines.items()} == {0: 61, 1: 74, 2: 9}


def test_an_islet_in_a_lake_on_an_island_merges_too() -> None:
    labels = np.zeros((9, 9), np.uint8)
    labels[2:7, 2:7] = 1
    labels[3:6, 3:6] = 2
    labels[4, 4] = 1
    labels[0, 8] = 2

    traced = trace(labels, mode="exact", min_area=5)

    assert {k: v.pixels for k, v in traced.outlines.items()} == {0: 56, 1: 16, 2: 9}


@pytest.mark.parametrize("least", [0, 1])
def test_nothing_merges_without_a_least_area(least: int) -> None:
    labels = np.zeros((5, 5), np.uint8)
    labels[1, 1] = labels[3, 3] = 1

    traced = trace(labels, mode="exact", min_area=least)

    assert traced.outlines[1].pixels == 2
    assert not traced.warnings


def test_merging_is_reported() -> None:
    labels = np.zeros((5, 5), np.uint8)
    labels[1, 1] = labels[3, 3] = 1

    traced = trace(labels, mode="exact", min_area=4)

    assert traced.warnings == ("merged 1 islands of fewer than 4 pixels",)
