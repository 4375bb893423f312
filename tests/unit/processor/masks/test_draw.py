"""Whole drawings."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
from faces import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.processor.masks import (
    Drawing,
    DrawingTooLarge,
    Inputs,
    Limits,
    MaskError,
    Options,
    Region,
    check,
    draw,
)
from services.processor.masks.steps import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from services.processor.masks.landmarks.face import Face

PRESETS = ("zones27", "features", "qoves5", "ibug68", "map")
CASES = [(p, has_map) for p in PRESETS for has_map in (False, True) if has_map or p != "map"]


def mask(region: Region, drawing: Drawing, scale: int = 1) -> NDArray[np.uint8]:
    """The pixels of a region, `scale` to the pixel of the drawing."""
    canvas = np.zeros((round(drawing.height) * scale, round(drawing.width) * scale), np.uint8)
    rings = [np.rint((ring.points * scale - 0.5) * 16).astype(np.int32) for ring in region.rings]
    cv2.fillPoly(canvas, rings, 1, cv2.LINE_8, 4)
    return canvas


def overlap(first: NDArray[Any], second: NDArray[Any]) -> float:
    return float((first & second).sum() / max(1, (first | second).sum()))


def by_name(drawing: Drawing) -> dict[str, Region]:
    return {region.name: region for region in drawing.regions}


@pytest.mark.parametrize("preset", PRESETS)
def test_what_is_known_of_a_photo_stands_for_it(hopper: Inputs, preset: str) -> None:
    options = Options(preset=preset, upright=True, crop="face", show_landmarks=True)
    known = check(hopper, options).photo
    without = dataclasses.replace(hopper, image=io.BytesIO(), photo=known)

    assert draw(without, options).svg == draw(hopper, options).svg


@pytest.mark.parametrize(("preset", "has_map"), CASES)
def test_regions_are_numbered_measured_and_within_the_drawing(
    preset: str, has_map: bool, hopper: Inputs, without_map: Callable[[Inputs], Inputs]
) -> None:
    drawing = draw(hopper if has_map else without_map(hopper), Options(preset=preset))

    assert [region.id for region in drawing.regions] == list(range(1, len(drawing.regions) + 1))
    for region in drawing.regions:
        drawn = mask(region, drawing).sum()
        x, y, width, height = region.bbox
        assert region.area == pytest.approx(drawn, rel=0.05, abs=60 + 1.5 * (width + height))
        assert x <= region.centroid[0] <= x + width
        assert y <= region.centroid[1] <= y + height
        assert region.rings[0].hole is False
        assert (drawing.contours[region.id] == region.rings[0].points).all()
        assert region.source == {"map": "map"}.get(
            preset, "landmarks+map" if has_map else "landmarks"
        )


@pytest.mark.parametrize("trace", ["exact", "polygon", "smooth"])
@pytest.mark.parametrize("has_map", [False, True])
def test_27_zones_neither_gape_nor_overlap(
    trace: str, has_map: bool, hopper: Inputs, without_map: Callable[[Inputs], Inputs]
) -> None:
    drawing = draw(hopper if has_map else without_map(hopper), Options(trace=trace))

    scale = 3
    cover = np.zeros((600 * scale, 512 * scale), np.int32)
    for region in drawing.regions:
        for ring in region.rings:
            # Even-odd by halves: pixel centres against the outline, each border to one side.
            cover += _inside(ring.points * scale, cover.shape)
    whole = (cover > 0).astype(np.uint8)
    filled = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    assert (cover > 1).sum() / scale**2 < 1.5
    assert ((filled > 0) & (cover == 0)).sum() / scale**2 < 12  # corners of the rim, no seams


def _inside(ring: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """+1 where pixel centres lie in a clockwise ring, -1 in a hole: winding numbers."""
    winding = np.zeros((shape[0], shape[1] + 1), np.int32)
    x, y = ring.T
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    for a, b, c, d in zip(x, y, x2, y2, strict=True):
        low, high = (b, d) if b < d else (d, b)
        rows = np.arange(max(0, int(np.ceil(low - 0.5))), min(shape[0], int(np.ceil(high - 0.5))))
        if not len(rows):
            continue
        at = a + (rows + 0.5 - b) * (c - a) / (d - b)
        columns = np.clip(np.ceil(at - 0.5).astype(int), 0, shape[1])
        np.add.at(winding, (rows, columns), 1 if d < b else -1)
    return winding.cumsum(axis=1, dtype=np.int32)[:, :-1]


def test_equal_inputs_give_equal_bytes(hopper: Inputs) -> None:
    options = Options(show_labels=True, embed_image=True, upright=True, crop="face")

    first, second = draw(hopper, options), draw(hopper, options)

    assert first.svg == second.svg


def test_every_step_is_told_as_it_begins(hopper: Inputs) -> None:
    told: list[tuple[str, float]] = []

    draw(hopper, Options(), progress=lambda step, done: told.append((step, done)))

    assert [step for step, _ in told] == [step.__name__ for step in STEPS]
    assert [done for _, done in told] == pytest.approx([k / len(STEPS) for k in range(len(STEPS))])


def test_progress_can_stop_the_drawing(hopper: Inputs) -> None:
    def stop(step: str, done: float) -> None:
        raise InterruptedError(step, done)

    with pytest.raises(InterruptedError):
        draw(hopper, Options(), progress=stop)


def test_the_photo_is_decoded_only_to_be_embedded(hopper: Inputs) -> None:
    data = bytearray(hopper.image.getvalue())  # type: ignore[attr-defined]
    data[len(data) // 2 : -2] = bytes(len(data) - 2 - len(data) // 2)
    inputs = Inputs(io.BytesIO(bytes(data)), hopper.landmarks)

    assert draw(inputs, Options()).regions


def test_a_drawing_too_large_to_store_is_refused(hopper: Inputs) -> None:
    with pytest.raises(DrawingTooLarge, match=r"expected at most 1000; choose a coarser"):
        draw(hopper, Options(), limits=Limits(max_svg_bytes=1000))


def test_noise_is_refused_before_it_is_traced(hopper: Inputs) -> None:
    noise = np.random.default_rng(1).integers(0, 11, (600, 512), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")

    with pytest.raises(DrawingTooLarge, match=r"edges between unlike pixels: expected at most"):
        draw(Inputs(hopper.image, hopper.landmarks, out.getvalue()), Options(preset="map"))


def test_outlines_of_too_many_corners_are_refused(hopper: Inputs) -> None:
    with pytest.raises(DrawingTooLarge, match=r"corners: expected at most 100; choose a coarser"):
        draw(hopper, Options(), limits=Limits(max_points=100))


def mirrored(inputs: Inputs, face: Face) -> Inputs:
    """The same face in a mirror: pixels flipped, points moved and renumbered."""
    with Image.open(inputs.image) as photo:
        out = io.BytesIO()
        photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(out, "PNG")
    assert inputs.segmentation_map is not None
    with Image.open(io.BytesIO(inputs.segmentation_map)) as image:
        swap = np.array([0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 10], np.uint8)
        label_map = io.BytesIO()
        Image.fromarray(swap[np.asarray(image)[:, ::-1]]).save(label_map, "PNG")
    points = face.points[_mesh_flip()] * (-1, 1) + (512, 0)
    return Inputs(out, json.dumps(points.tolist()).encode(), label_map.getvalue())


def _mesh_flip() -> list[int]:
    """The mirror image of each mesh point that a zone or an iris has; other points themselves."""
    from services.processor.masks.atlas.zones27 import ZONES  # noqa: PLC0415

    flip = list(range(478))
    edge = {edge: (zone, k) for zone, ring in ZONES.items() for k, edge in enumerate(_edges(ring))}
    # Walk both halves of the partition at once, from one edge and its mirror image.
    todo, done = [((10, 338), (109, 10))], set()
    while todo:
        (a, b), (c, d) = todo.pop()
        if (a, b) in done or (a, b) not in edge or (c, d) not in edge:
            continue
        done.add((a, b))
        (zone, k), (other, m) = edge[a, b], edge[c, d]
        ring, back = ZONES[zone], ZONES[other]
        for step in range(len(ring)):
            p, q = ring[(k + step) % len(ring)], ring[(k + step + 1) % len(ring)]
            r, s = back[(m + 1 - step) % len(back)], back[(m - step) % len(back)]
            flip[p], flip[q] = r, s
            todo.append(((q, p), (r, s)))
    for first, second in ((468, 473), (469, 476), (470, 475), (471, 474), (472, 477)):
        flip[first], flip[second] = second, first
    return flip


def _edges(ring: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(ring, (*ring[1:], ring[0]), strict=True))


@pytest.mark.parametrize(
    ("preset", "has_map"),
    # The lists of qoves5 are no mirror images of each other.
    [case for case in CASES if case[0] != "qoves5"],
)
def test_a_mirrored_face_gives_a_mirrored_drawing_with_sides_swapped(
    preset: str, has_map: bool, hopper: Inputs, hopper_face: Face
) -> None:
    other = mirrored(hopper, hopper_face)
    plain = Inputs(hopper.image, hopper.landmarks, hopper.segmentation_map if has_map else None)
    flipped = Inputs(other.image, other.landmarks, other.segmentation_map if has_map else None)

    here = draw(plain, Options(preset=preset))
    there = draw(flipped, Options(preset=preset))

    swap = {"left": "right", "right": "left"}
    found = by_name(there)
    for name, region in by_name(here).items():
        side, _, rest = name.partition("_")
        twin = found[f"{swap[side]}_{rest}" if side in swap else name]
        assert twin.side == swap.get(region.side, "center")
        assert twin.viewer_side == swap.get(region.viewer_side, "center")
        least = 0.9 if region.area > 300 else 0.6
        assert overlap(mask(region, here, 2), mask(twin, there, 2)[:, ::-1]) > least, name


@pytest.mark.parametrize("angle", [-35, 20, 90, 180])
def test_upright_undoes_any_turn_of_the_photo(
    angle: int, hopper: Inputs, hopper_face: Face
) -> None:
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = np.array([256.0, 300.0])
    points = (hopper_face.points - middle) @ matrix.T + middle + (300, 300)
    out = io.BytesIO()
    Image.new("RGB", (1112, 1200)).save(out, "PNG")
    turned = Inputs(out, json.dumps(points.tolist()).encode())
    options = Options(upright=True, crop="face", crop_margin=0.2)

    here, there = draw(Inputs(hopper.image, hopper.landmarks), options), draw(turned, options)

    assert there.width == pytest.approx(here.width, abs=2)
    found = by_name(there)
    for name, region in by_name(here).items():
        twin = found[name]
        assert twin.area == pytest.approx(region.area, rel=0.02, abs=3)
        assert twin.centroid == pytest.approx(region.centroid, abs=1.5)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"upright": True},
        {"crop": "face"},
        {"upright": True, "crop": "face", "crop_margin": 0.5},
    ],
    ids=str,
)
def test_the_transform_leads_from_the_photo_to_the_drawing(
    options: dict[str, Any], hopper: Inputs, hopper_face: Face
) -> None:
    drawing = draw(hopper, Options(preset="features", show_landmarks=True, **options))

    matrix = np.array(drawing.transform).reshape(2, 3)
    x, y = hopper_face.points[468] @ matrix[:, :2].T + matrix[:, 2]
    iris = by_name(drawing)["right_iris"]
    assert np.hypot(iris.centroid[0] - x, iris.centroid[1] - y) < 3
    assert 0 < x < drawing.width
    assert 0 < y < drawing.height


def test_a_crop_holds_the_face_and_its_margin(hopper: Inputs) -> None:
    tight = draw(hopper, Options(crop="face", crop_margin=0))
    wide = draw(hopper, Options(crop="face", crop_margin=0.5))

    assert tight.width < wide.width < 512
    assert tight.height < wide.height <= 600
    for region in tight.regions:
        x, y, width, height = region.bbox
        assert min(x, y) > -2
        assert x + width < tight.width + 2
        assert y + height < tight.height + 2


def test_a_subset_keeps_the_order_of_the_preset(hopper: Inputs) -> None:
    drawing = draw(hopper, Options(regions=("nose", "right_cheek", "forehead")))

    assert [(region.id, region.name) for region in drawing.regions] == [
        *((1, "forehead"), (2, "nose"), (3, "right_cheek")),
    ]
    assert len(drawing.contours) == 3


def test_regions_of_the_callers_own_are_drawn_from_indices(hopper: Inputs) -> None:
    lists = {
        "left_under_eye": [226, 25, 110, 24, 23, 22, 26, 112, 121, 119],
        "T zone": [10, 55, 285],
    }
    inputs = Inputs(hopper.image, hopper.landmarks, json.dumps(lists).encode())

    drawing = draw(inputs, Options())

    found = by_name(drawing)
    assert list(found) == list(lists)
    assert found["left_under_eye"].side == "right"  # on the viewer's left
    assert found["T zone"].side == "center"
    assert found["T zone"].element_id.endswith("region-x54207a6f6e65")
    assert drawing.label_scheme == ""


def test_with_a_map_the_forehead_ends_where_hair_or_hat_begins(
    hopper: Inputs, without_map: Callable[[Inputs], Inputs]
) -> None:
    guessed = by_name(draw(without_map(hopper), Options()))["forehead"]
    known = by_name(draw(hopper, Options()))["forehead"]

    assert guessed.extrapolated
    assert not known.extrapolated
    assert known.bbox[1] == pytest.approx(133, abs=3)  # the cap's edge
    assert guessed.bbox[1] < 115


@pytest.mark.parametrize("name", ["right_brow", "left_brow", "upper_lip", "lower_lip", "right_eye"])
def test_with_a_map_features_are_its_own(name: str, hopper: Inputs) -> None:
    composed = draw(hopper, Options())
    mapped = draw(hopper, Options(preset="map"))

    here, there = by_name(composed)[name], by_name(mapped)[name]

    assert overlap(mask(here, composed, 2), mask(there, mapped, 2)) > 0.85


def test_zones_end_where_hair_covers_the_skin(astronaut: Inputs) -> None:
    drawing = draw(astronaut, Options())
    label_map = np.asarray(Image.open(io.BytesIO(astronaut.segmentation_map or b"")))

    hair = sum(int((mask(r, drawing) & (label_map == 10)).sum()) for r in drawing.regions)
    whole = sum(region.area for region in drawing.regions)

    assert hair / whole < 0.03


def test_a_map_of_another_face_is_left_aside_with_a_warning(
    hopper: Inputs, astronaut: Inputs
) -> None:
    wrong = Inputs(hopper.image, hopper.landmarks, astronaut.segmentation_map)

    zones, whole = draw(wrong, Options()), draw(wrong, Options(preset="map"))

    assert any("does not belong to the landmarks" in warning for warning in zones.warnings)
    assert any("does not belong to the landmarks" in warning for warning in whole.warnings)
    assert {region.source for region in zones.regions} == {"landmarks"}
    assert len(whole.regions) == 10


def test_a_map_of_half_the_size_is_stretched_over_the_photo(hopper: Inputs) -> None:
    half = io.BytesIO()
    with Image.open(io.BytesIO(hopper.segmentation_map or b"")) as image:
        image.resize((256, 300), Image.Resampling.NEAREST).save(half, "PNG")
    small = Inputs(hopper.image, hopper.landmarks, half.getvalue())

    here, there = draw(hopper, Options(preset="map")), draw(small, Options(preset="map"))

    assert there.warnings == ()
    for name in ("nose", "skin", "hair"):
        first, second = by_name(here)[name], by_name(there)[name]
        assert overlap(mask(first, here), mask(second, there)) > 0.9


def test_fewer_landmarks_are_drawn_with_what_they_allow(
    hopper: Inputs, ibug_landmarks: bytes, wflw_landmarks: bytes
) -> None:
    for landmarks in (ibug_landmarks, wflw_landmarks):
        drawing = draw(Inputs(hopper.image, landmarks), Options())

        assert len(drawing.regions) >= 14
        assert any("drawn as ibug68" in warning for warning in drawing.warnings)


def test_a_closed_eye_has_no_iris(hopper: Inputs, hopper_face: Face) -> None:
    points = hopper_face.points.copy()
    points[468:473] += (0, 25)
    inputs = Inputs(hopper.image, json.dumps(points.tolist()).encode())

    drawing = draw(inputs, Options(preset="features"))

    assert "right_iris" not in by_name(drawing)
    assert "left_iris" in by_name(drawing)


def test_a_region_without_area_is_left_out_with_a_warning(
    hopper: Inputs, hopper_face: Face
) -> None:
    points = hopper_face.points.copy()
    points[[3, 4, 5]] = [[100, 100], [110, 100], [120, 100]]
    lists = {"line": [3, 4, 5], "nose": [168, 98, 327]}
    inputs = Inputs(hopper.image, json.dumps(points.tolist()).encode(), json.dumps(lists).encode())

    drawing = draw(inputs, Options())

    assert [region.name for region in drawing.regions] == ["nose"]
    assert "line has no area: left out" in drawing.warnings


def test_what_a_drawing_holds_cannot_be_changed(hopper: Inputs) -> None:
    drawing = draw(hopper, Options())

    with pytest.raises(dataclasses.FrozenInstanceError):
        drawing.svg = ""  # type: ignore[misc]


def test_the_tilted_sample_fits_only_when_its_map_is_stretched(qoves: Inputs) -> None:
    zones = by_name(draw(qoves, Options()))
    drawing = draw(qoves, Options(preset="map"))

    nose = by_name(drawing)["nose"]

    assert drawing.warnings == ()
    assert (drawing.scheme, drawing.label_scheme) == ("mediapipe478", "lapa11")
    x, y = nose.centroid
    assert np.hypot(zones["nose"].centroid[0] - x, zones["nose"].centroid[1] - y) < 25


def test_the_tilted_sample_is_turned_upright(qoves: Inputs) -> None:
    drawing = draw(qoves, Options(preset="features", upright=True, crop="face"))

    right, left = by_name(drawing)["right_eye"], by_name(drawing)["left_eye"]

    a, _, _, b, _, _ = drawing.transform
    assert np.rad2deg(np.arctan2(b, a)) == pytest.approx(-22.36, abs=0.05)
    assert right.centroid[1] == pytest.approx(left.centroid[1], abs=6)
    assert right.centroid[0] < left.centroid[0]


@pytest.mark.skipif(not SHARED.exists(), reason="the photos made of the first sample are not here")
@pytest.mark.parametrize("file", ["photo_exif6.jpg", "photo_cmyk.jpg", "photo_grey16.png"])
def test_every_dress_of_the_photo_is_embedded_alike(file: str, qoves: Inputs) -> None:
    photo = io.BytesIO((SHARED / "edge" / file).read_bytes())

    drawing = draw(Inputs(photo, qoves.landmarks), Options(embed_image=True))

    assert (drawing.image_width, drawing.image_height) == (400, 400)
    assert "data:image/jpeg;base64," in drawing.svg


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    harm=st.sampled_from(["noise", "one place", "shear", "shuffle", "scatter", "scale"]),
    preset=st.sampled_from(PRESETS),
    trace=st.sampled_from(["exact", "polygon", "smooth"]),
    has_map=st.booleans(),
    is_framed=st.booleans(),
)
def test_no_landmarks_break_the_drawing(  # noqa: PLR0917 - hypothesis hands them over
    hopper: Inputs,
    hopper_face: Face,
    seed: int,
    harm: str,
    preset: str,
    trace: str,
    has_map: bool,
    is_framed: bool,
) -> None:
    dice = np.random.default_rng(seed)
    points = hopper_face.points.copy()
    if harm == "noise":
        points += dice.normal(0, dice.choice([1, 20, 300]), points.shape)
    elif harm == "one place":
        points[dice.integers(0, 478, 200)] = points[0]
    elif harm == "shear":
        points = points @ dice.normal(0, 1, (2, 2)) + dice.uniform(-200, 600, 2)
    elif harm == "shuffle":
        points = points[dice.permutation(478)]
    elif harm == "scatter":
        points = dice.uniform(0, 600, points.shape)
    else:
        points *= dice.uniform(0.05, 5)
    label_map = hopper.segmentation_map if has_map or preset == "map" else None
    options = Options(
        preset=preset,
        trace=trace,
        upright=is_framed,
        crop="face" if is_framed else "none",
        show_labels=True,
    )

    try:
        drawing = draw(
            Inputs(hopper.image, json.dumps(points.tolist()).encode(), label_map), options
        )
    except MaskError:
        return

    ET.fromstring(drawing.svg)  # noqa: S314 - our own
    for region in drawing.regions:
        assert np.isfinite([*region.bbox, region.area, *region.centroid]).all()
        assert all(np.isfinite(ring.points).all() for ring in region.rings)


@settings(max_examples=40)
@given(
    lists=st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.lists(st.integers(0, 477), min_size=3, max_size=12),
        min_size=1,
        max_size=5,
    ),
    trace=st.sampled_from(["polygon", "smooth"]),
)
def test_no_lists_break_the_drawing(
    hopper: Inputs, lists: dict[str, list[int]], trace: str
) -> None:
    inputs = Inputs(hopper.image, hopper.landmarks, json.dumps(lists).encode())

    try:
        drawing = draw(inputs, Options(trace=trace))
    except MaskError:
        return

    ET.fromstring(drawing.svg)  # noqa: S314 - our own
    assert len(drawing.regions) <= len(lists)


def test_a_map_laid_on_unscaled_is_told_from_one_that_was_scaled(hopper: Inputs) -> None:
    with Image.open(io.BytesIO(hopper.segmentation_map or b"")) as image:
        smaller = image.resize((470, 551), Image.Resampling.NEAREST)
    scaled, unscaled = io.BytesIO(), io.BytesIO()
    smaller.save(scaled, "PNG")
    canvas = Image.new("L", (512, 600))
    canvas.paste(smaller, (0, 0))
    canvas.save(unscaled, "PNG")

    fits = draw(Inputs(hopper.image, hopper.landmarks, scaled.getvalue()), Options())
    trap = draw(Inputs(hopper.image, hopper.landmarks, unscaled.getvalue()), Options())

    assert fits.warnings == ()
    assert "does not belong to the landmarks" in trap.warnings[0]


def test_a_map_of_background_alone_is_drawn_empty_and_said_so(hopper: Inputs) -> None:
    empty = io.BytesIO()
    Image.fromarray(np.zeros((60, 51), np.uint8)).save(empty, "PNG")

    drawing = draw(Inputs(hopper.image, hopper.landmarks, empty.getvalue()), Options(preset="map"))

    assert drawing.regions == ()
    assert "the segmentation map is all background" in drawing.warnings
