"""What tracing promises for any label map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from maps import disc

from services.processor.masks.tracing import TRACE_MODES, trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from services.processor.masks.tracing import Outline, Tracing

    Raster = Callable[[Tracing, Outline, int], NDArray[np.bool_]]

_FINE, _FINER = 4, 16


def _noise() -> st.SearchStrategy[NDArray[np.uint8]]:
    shapes = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14)
    return arrays(np.uint8, shapes, elements=st.integers(0, 3))


@st.composite
def _blobs(draw: st.DrawFn) -> NDArray[np.uint8]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width = draw(st.tuples(st.integers(8, 48), st.integers(8, 48)))
    smooth = cv2.GaussianBlur(rng.random((height, width)), (0, 0), draw(st.floats(0.8, 4)))
    levels = np.quantile(smooth, draw(st.lists(st.floats(0.1, 0.9), min_size=1, max_size=4)))
    return np.digitize(smooth, np.sort(levels)).astype(np.uint8)


@st.composite
def _enlarged(draw: st.DrawFn) -> NDArray[np.uint8]:
    return np.kron(draw(_noise()), np.ones((2, 2), np.uint8))


MAPS = st.one_of(_noise(), _blobs(), _enlarged())


def _halves_and_a_pixel_on_the_frame() -> NDArray[np.uint8]:
    """Return a map whose regions are so large that a curve may be coarse, also around a pixel."""
    labels = np.zeros((60, 60), np.uint8)
    labels[30:] = labels[0, 30] = 1
    return labels


def _map(*rows: str) -> NDArray[np.uint8]:
    return np.array([[int(label) for label in row] for row in rows], np.uint8)


NAMED_MAPS = {
    "one pixel": _map("7"),
    "constant": _map("3333", "3333"),
    "one row": _map("1122331"),
    "one column": _map("1", "2", "2", "1"),
    "checkerboard": np.indices((7, 8)).sum(axis=0).astype(np.uint8) % 2,
    "checkerboard of four": (np.indices((6, 6)) % 2 * [[[1]], [[2]]]).sum(axis=0).astype(np.uint8),
    "single pixels": _map("0000000", "0100020", "0000000", "0003000", "0000000"),
    "single pixels in all corners": _map("1002", "0000", "3004"),
    "holes in holes": _map(*["1" * 9], "122222221", "123333321", "123111321", "123101321")[:, :9],
    "rings of one label": _map("11111", "10001", "10101", "10001", "11111"),
    "regions touch across a corner": _map("0000", "0110", "0002", "0220"),
    "a hole touches the outside across a corner": _map("1110", "1011", "1101", "1111"),
    "a hook of one border from junction to junction": _map("11111", "12221", "11121", "00021"),
    "four regions meet": _map("1122", "1122", "3344", "3344"),
    "a pixel on the frame, of a large region": _halves_and_a_pixel_on_the_frame(),
    "an island that a coarse curve would leap over": _map(
        *("1111111111111111111111111111111111111", "1322222222222222222222222222222222222"),
        *("1222222222222222222222222222222222222", "1222222222222222222222222222222222222"),
        *("1122222222222222222222222222222222222", "1122112222222222222222222222222222222"),
        *("3112222222213331111111111111111111111", "3311122221133331111111111111111111111"),
        *("3322111111111111111111111222222222222", "3331111113331111111111112222222221111"),
        *("3331111113111111111112222222222222111", "3331111111111123111122222222222222211"),
        *("3311111111111112222111222222222221111", "3111111111111112222222222222213111111"),
        *("3111112222111111111222222232233333311", "3111222222111111111111122222233333333"),
        *("3111122222111111111111111122222333333", "3111122222111113333321111111333333133"),
        *("3111122221111333333333333333333333333", "1111111111111333333333333333333333333"),
        *("1122222211111333333333333333333331333",),
    ),
    "a sliver": _map("1111111111", "2222200000", "3333333333"),
}


def _redrawn(traced: Tracing, raster: Raster) -> NDArray[np.int64]:
    found = np.full((traced.height, traced.width), -1)
    for label, outline in traced.outlines.items():
        found[raster(traced, outline, 1)] = label
    return found


def _is_covered_once(traced: Tracing, raster: Raster) -> bool:
    """Return whether every place belongs to one outline.

    A renderer may lose a sample that a curve goes through exactly, for it goes there from either
    side of the border; then a finer look, which finds every gap that the coarse one does, decides.
    """
    return any((_cover(traced, raster, fine) == 1).all() for fine in (_FINE, _FINER))


def _cover(traced: Tracing, raster: Raster, fine: int) -> NDArray[np.int64]:
    cover = np.zeros((traced.height * fine, traced.width * fine), np.int64)
    for outline in traced.outlines.values():
        cover += raster(traced, outline, fine)
    return cover


@settings(max_examples=60)
@given(labels=MAPS, mode=st.sampled_from(["exact", "polygon"]))
def test_drawing_again_gives_the_identical_map(
    labels: NDArray[np.uint8], mode: str, raster: Raster
) -> None:
    traced = trace(labels, mode=mode)

    np.testing.assert_array_equal(_redrawn(traced, raster), labels)


@settings(max_examples=90)
@given(labels=MAPS, mode=st.sampled_from(TRACE_MODES))
def test_outlines_leave_no_gap_and_no_overlap(
    labels: NDArray[np.uint8], mode: str, raster: Raster
) -> None:
    traced = trace(labels, mode=mode)

    assert _is_covered_once(traced, raster)


@settings(max_examples=90)
@given(labels=MAPS, mode=st.sampled_from(TRACE_MODES))
def test_areas_sum_to_the_map(labels: NDArray[np.uint8], mode: str) -> None:
    traced = trace(labels, mode=mode)

    total = sum(outline.area() for outline in traced.outlines.values())

    assert total == pytest.approx(labels.size)


@settings(max_examples=60)
@given(labels=MAPS, mode=st.sampled_from(TRACE_MODES))
def test_every_label_keeps_an_outline_that_knows_its_pixels(
    labels: NDArray[np.uint8], mode: str
) -> None:
    traced = trace(labels, mode=mode)

    values, counts = np.unique(labels, return_counts=True)
    assert {label: outline.pixels for label, outline in traced.outlines.items()} == dict(
        zip(values.tolist(), counts.tolist(), strict=True)
    )


@settings(max_examples=60)
@given(labels=MAPS, mode=st.sampled_from(TRACE_MODES))
def test_no_ring_collapses_or_turns_inside_out(labels: NDArray[np.uint8], mode: str) -> None:
    traced = trace(labels, mode=mode)

    rings = [ring for outline in traced.outlines.values() for ring in outline.rings]
    assert all(ring.chain.area() * (-1 if ring.is_hole else 1) > 0.1 for ring in rings)


@settings(max_examples=60)
@given(labels=MAPS, mode=st.sampled_from(TRACE_MODES))
def test_every_piece_of_an_outline_is_one_border_in_either_direction(
    labels: NDArray[np.uint8], mode: str
) -> None:
    traced = trace(labels, mode=mode)

    pieces: dict[tuple[float, ...], int | None] = {}
    for border in traced.borders:
        chain = border.chain
        for k, end in enumerate(chain.ends()):
            start, bent = chain.knots[k], chain.curved[k]
            near, far = chain.handles[k] if bent else (start, end)
            piece = tuple(np.concatenate([start, near, far, end]).tolist())
            pieces[piece] = border.right
            if not border.is_frame:
                pieces[piece[6:] + piece[4:6] + piece[2:4] + piece[:2]] = border.left
    for label, outline in traced.outlines.items():
        for ring in outline.rings:
            for k, end in enumerate(ring.chain.ends()):
                start, bent = ring.chain.knots[k], ring.chain.curved[k]
                near, far = ring.chain.handles[k] if bent else (start, end)
                piece = tuple(np.concatenate([start, near, far, end]).tolist())
                assert pieces.pop(piece) == label
    assert not pieces


@pytest.mark.parametrize("mode", TRACE_MODES)
@pytest.mark.parametrize("labels", NAMED_MAPS.values(), ids=NAMED_MAPS.keys())
def test_nothing_is_lost_of(labels: NDArray[np.uint8], mode: str, raster: Raster) -> None:
    traced = trace(labels, mode=mode)

    assert sorted(traced.outlines) == np.unique(labels).tolist()
    assert _is_covered_once(traced, raster)


@pytest.mark.parametrize("mode", ["exact", "polygon"])
@pytest.mark.parametrize("labels", NAMED_MAPS.values(), ids=NAMED_MAPS.keys())
def test_drawing_again_is_exact_for(labels: NDArray[np.uint8], mode: str, raster: Raster) -> None:
    np.testing.assert_array_equal(_redrawn(trace(labels, mode=mode), raster), labels)


@pytest.mark.parametrize("mode", TRACE_MODES)
def test_a_hole_is_known_as_one(mode: str) -> None:
    labels = np.zeros((20, 20), np.uint8)
    labels[3:17, 3:17] = 1
    labels[7:13, 7:13] = 2

    outline = trace(labels, mode=mode).outlines[1]

    assert [(ring.pixels, ring.is_hole) for ring in outline.rings] == [(196, False), (36, True)]


def test_pixels_that_touch_at_a_corner_only_are_apart() -> None:
    outline = trace(_map("0000", "0100", "0010", "0000"), mode="exact").outlines[1]

    assert [ring.pixels for ring in outline.rings] == [1, 1]


@pytest.mark.parametrize("mode", TRACE_MODES)
def test_the_frame_stays_where_it_is(mode: str) -> None:
    labels = disc(30, 40, at=(20, 2), radius=15)

    frame = [border for border in trace(labels, mode=mode).borders if border.is_frame]

    knots = np.concatenate([border.chain.knots for border in frame])
    assert ((knots == 0) | (knots == [40, 30])).any(axis=1).all()
    assert not any(border.chain.curved.any() for border in frame)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32, np.int64])
def test_labels_may_have_any_integer_type(dtype: type[np.integer]) -> None:
    labels = _map("0110", "0220").astype(dtype)

    assert sorted(trace(labels).outlines) == [0, 1, 2]


def test_labels_go_up_to_65535() -> None:
    labels = np.array([[0, 65535], [65535, 300]])

    assert sorted(trace(labels).outlines) == [0, 300, 65535]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.zeros((2, 2, 3), np.uint8), "two dimensions"),
        (np.zeros((0, 4), np.uint8), "two dimensions"),
        (np.zeros((2, 2)), "whole numbers"),
        (np.array([[-1, 0]]), "-1 to 0"),
        (np.array([[0, 65536]]), "0 to 65536"),
    ],
    ids=["three dimensions", "no pixels", "fractions", "negative", "too large"],
)
def test_what_is_no_label_map_is_refused(labels: NDArray[np.integer], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        trace(labels)


def test_an_unknown_mode_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="'fine', expected one of exact, polygon, smooth"):
        trace(_map("01"), mode="fine")


def test_strided_maps_are_traced_as_they_look(raster: Raster) -> None:
    labels = np.arange(24, dtype=np.uint8).reshape(4, 6) // 5

    traced = trace(labels[:, ::2], mode="exact")

    np.testing.assert_array_equal(_redrawn(traced, raster), labels[:, ::2])
