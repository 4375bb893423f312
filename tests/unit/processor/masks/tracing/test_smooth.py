"""Smooth lines: near the map where it is smooth, straight where it is noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from faces import FACES, SHARED
from maps import disc
from PIL import Image

from services.processor.masks.errors import InvalidSegmentationMap
from services.processor.masks.tracing import fits, network, smooth, trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from services.processor.masks.tracing import Outline, Tracing

    Raster = Callable[[Tracing, Outline, int], NDArray[np.bool_]]

MAPS = {
    "hopper": FACES / "hopper/segmentation_map.png",
    "astronaut": FACES / "astronaut/segmentation_map.png",
    "qoves": SHARED / "qoves/segmentation_map.png",
}


@pytest.mark.parametrize("name", MAPS)
def test_every_region_of_a_face_stays_near_the_map(name: str, raster: Raster) -> None:
    if not MAPS[name].exists():
        pytest.skip(f"{MAPS[name]} is not here; it may not be shipped")
    labels = np.asarray(Image.open(MAPS[name]))

    traced = trace(labels)

    agreement = []
    for label, outline in traced.outlines.items():
        mask, truth = raster(traced, outline, 1), labels == label
        agreement.append((mask & truth).sum() / (mask | truth).sum())
    assert traced.mode == "smooth"
    assert min(agreement) > 0.94
    assert np.mean(agreement) > 0.98


def test_a_disc_is_drawn_by_few_curves_and_well() -> None:
    labels = disc(200, 200, at=(100, 100), radius=80)

    outline = trace(labels).outlines[1]

    chain = outline.rings[0].chain
    assert len(chain.knots) <= 8
    assert np.abs(np.hypot(*(chain.flattened(0.05) - 100.5).T) - 80.5).max() < 1


def test_how_many_pieces_are_fitted_at_once_changes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.asarray(Image.open(MAPS["hopper"]))
    whole = trace(labels).outlines

    monkeypatch.setattr(fits, "BLOCK", 50)
    parted = trace(labels).outlines

    assert {label: outline.path() for label, outline in parted.items()} == {
        label: outline.path() for label, outline in whole.items()
    }


def test_a_square_keeps_its_corners() -> None:
    labels = np.zeros((60, 60), np.uint8)
    labels[10:50, 10:50] = 1

    points = trace(labels).outlines[1].polylines(tolerance=0.01)[0]

    for corner in ((10, 10), (50, 10), (50, 50), (10, 50)):
        assert np.hypot(*(points - corner).T).min() < 1.5


def test_noise_is_drawn_straight_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smooth, "MAX_ARCS", 20)
    labels = np.random.default_rng(5).integers(0, 4, (12, 12))

    traced = trace(labels)

    assert traced.mode == "polygon"
    assert "too noisy" in traced.warnings[0]
    assert not any(border.chain.curved.any() for border in traced.borders)


def test_lines_that_keep_crossing_are_drawn_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smooth, "ROUNDS", 0)
    labels = disc(30, 30, at=(15, 15), radius=9)

    assert trace(labels).mode == "polygon"


def test_a_map_of_nothing_but_noise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MAX_CRACKS", 100)
    labels = np.indices((20, 20)).sum(axis=0) % 2

    with pytest.raises(InvalidSegmentationMap, match="760 pixel edges"):
        trace(labels)
