"""What lines that cross nothing could still lose: islands leapt over, rings shrunk to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from services.processor.masks.tracing import collapses, crossings, lines, nesting, network, polygon

if TYPE_CHECKING:
    from services.processor.masks.tracing.lines import Lines
    from services.processor.masks.tracing.network import Network


def _island_above_a_border() -> Network:
    labels = np.full((12, 20), 2, np.uint8)
    labels[5:] = labels[3, 10] = 1
    return network.find(labels, min_area=0)


def _bent(found: Network, *knots: tuple[int, int]) -> Lines:
    """Return straight lines, the first open one through `knots`, in pixels."""
    border = np.flatnonzero(~found.arcs.closed)[:1]
    by = lines.straight(np.array(knots), np.array([0, len(knots)]), grid=1)
    return lines.replaced(polygon.draw(found.arcs), border, by)


def _strayed(found: Network, drawn: Lines) -> list[int]:
    segments = crossings.flattened(drawn)
    strayed: list[int] = nesting.find(segments, found.arcs, found.rings, found.frame).tolist()
    return strayed


def test_a_border_that_leapt_over_an_island_is_found_with_it() -> None:
    found = _island_above_a_border()

    leapt = _bent(found, (0, 5), (2, 1), (18, 1), (20, 5))

    assert _strayed(found, leapt) == [0, 1]
    assert crossings.find(crossings.flattened(leapt)).tolist() == []


def test_an_island_beside_its_border_is_left_alone() -> None:
    found = _island_above_a_border()

    assert _strayed(found, polygon.draw(found.arcs)) == []


def test_an_island_without_anything_on_its_left_lies_in_the_frames_region() -> None:
    labels = np.zeros((9, 9), np.uint8)
    labels[4, 4] = 1
    found = network.find(labels, min_area=0)

    assert _strayed(found, polygon.draw(found.arcs)) == []


def test_a_line_along_the_frame_loses_what_it_encloses() -> None:
    labels = np.zeros((8, 8), np.uint8)
    labels[0, 4] = 1
    found = network.find(labels, min_area=0)

    flat = _bent(found, (4, 0), (5, 0))

    assert collapses.find(flat, found.rings, found.frame).tolist() == [0]
    assert not len(collapses.find(polygon.draw(found.arcs), found.rings, found.frame))
