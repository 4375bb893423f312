"""The pole of inaccessibility."""

from __future__ import annotations

import numpy as np
import pytest

from services.processor.masks import pole

PAGE = (1000.0, 1000.0)


def box(x: float, y: float, width: float, height: float) -> np.ndarray:
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def test_the_pole_of_a_square_is_its_middle() -> None:
    x, y, room = pole.find([box(100, 200, 50, 50)], PAGE)

    assert (x, y) == pytest.approx((125, 225), abs=1)
    assert room == pytest.approx(25, abs=1)


def test_a_crescent_does_not_have_it_in_its_middle() -> None:
    outline = np.array([(0, 0), (100, 0), (100, 20), (20, 20), (20, 100), (0, 100)], float)

    x, y, _ = pole.find([outline], PAGE)

    assert min(x, y) < 20


def test_it_is_not_in_a_hole() -> None:
    x, y, _ = pole.find([box(0, 0, 90, 90), box(20, 20, 50, 50)], PAGE)

    assert not (20 < x < 70 and 20 < y < 70)


def test_it_is_on_the_page() -> None:
    x, y, _ = pole.find([box(-300, 10, 320, 50)], PAGE)

    assert x > 0
    assert 10 < y < 60


@pytest.mark.parametrize(
    "ring", [box(5, 5, 0, 0), box(0, 0, 1e-9, 10), box(-50, -50, 20, 20)], ids=str
)
def test_degenerate_regions_have_some_place(ring: np.ndarray) -> None:
    assert np.isfinite(pole.find([ring], PAGE)).all()
