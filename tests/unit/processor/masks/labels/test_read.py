"""Label maps."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from faces import SHARED, bomb
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.processor.masks import (
    InvalidOption,
    InvalidSegmentationMap,
    Limits,
    MaskError,
    Options,
    TooManyPixels,
)
from services.processor.masks.labels import palettes
from services.processor.masks.labels import read as labels
from services.processor.masks.labels.agreement import agreement
from services.processor.masks.labels.schemes import BISENET19, CELEBAMASK19, LAPA11

if TYPE_CHECKING:
    from services.processor.masks.labels.label_map import LabelMap
    from services.processor.masks.landmarks.face import Face

SIZE = (512, 600)
STRIPES = np.repeat(np.arange(11, dtype=np.uint8), 12)[None].repeat(155, axis=0)
"""All labels of LaPa as upright stripes, 132x155: the shape of the photo."""


def png(pixels: Any, mode: str | None = None) -> bytes:
    out = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.asarray(pixels))
    (image if mode is None else image.convert(mode)).save(out, "PNG")
    return out.getvalue()


def painted(values: Any, palette: str) -> Any:
    return np.array(palettes.PALETTES[palette], np.uint8)[values]


def read(data: bytes, face: Face, **options: Any) -> LabelMap:
    return labels.read(data, face, SIZE, Options(**options), Limits())


def as_palette(values: Any) -> Image.Image:
    image = Image.fromarray(values).convert("P")
    image.putdata(values.ravel().tolist())
    image.putpalette([0, 0, 0, 255, 85, 0, 255, 170, 0, 9, 9, 9] + [7] * 60)
    return image


@pytest.mark.parametrize(
    "data",
    [
        png(STRIPES),
        png(STRIPES.astype(np.uint16)),
        png(as_palette(STRIPES)),
        png(painted(STRIPES, "parts")),
        png(painted(STRIPES, "eleven")),
        png(Image.fromarray(painted(STRIPES, "parts")), "RGBA"),
        png(np.stack([STRIPES] * 3, axis=-1)),
        png(Image.fromarray(STRIPES), "LA"),
    ],
    ids=["grey", "grey 16", "palette", "parts", "eleven", "rgba", "grey as rgb", "grey and alpha"],
)
def test_every_kind_of_png_gives_the_labels(data: bytes, hopper_face: Face) -> None:
    found = read(data, hopper_face)

    assert (found.labels == STRIPES).all()
    assert found.scheme == "lapa11"
    assert found.names == dict(enumerate(LAPA11))
    assert found.warnings == ()


def test_one_bit_is_skin_or_not(hopper_face: Face) -> None:
    found = read(png(Image.fromarray(STRIPES > 3)), hopper_face)

    assert (found.labels == (STRIPES > 3)).all()
    assert found.names == {0: "background", 1: "skin"}


def test_labels_spread_over_the_grey_scale_are_gathered_with_a_warning(hopper_face: Face) -> None:
    found = read(png(STRIPES * 25), hopper_face)

    assert (found.labels == STRIPES).all()
    assert "values 0, 25, 50" in found.warnings[0]


def test_colours_near_a_palette_are_taken_for_it_with_a_warning(hopper_face: Face) -> None:
    noise = np.random.default_rng(1).integers(-9, 10, (*STRIPES.shape, 3))
    near = np.clip(painted(STRIPES, "parts") + noise, 0, 255).astype(np.uint8)

    found = read(png(near), hopper_face)

    assert (found.labels == STRIPES).all()
    assert "in no palette: each became the nearest" in found.warnings[0]


def test_a_photo_is_no_label_map(hopper_face: Face) -> None:
    noise = np.random.default_rng(1).integers(90, 180, (155, 132, 3), dtype=np.uint8)

    with pytest.raises(InvalidSegmentationMap, match=r"colours, and \d+% of its pixels are near"):
        read(png(noise), hopper_face)


def test_colours_of_nobodys_palette_are_refused_not_guessed(hopper_face: Face) -> None:
    own = np.array([(0, 0, 0), (200, 10, 10), (10, 200, 10), (250, 0, 250), (255, 128, 0)])
    values = own[np.minimum(STRIPES, 4)].astype(np.uint8)

    with pytest.raises(InvalidSegmentationMap, match="label_table with #rrggbb=name"):
        read(png(values), hopper_face)


def jpeg(values: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(painted(values, "parts")).save(out, "JPEG", quality=90)
    return out.getvalue()


def test_a_jpeg_is_refused_unless_asked_for(hopper_face: Face) -> None:
    with pytest.raises(InvalidSegmentationMap, match=r"a JPEG, .*: send a PNG, or set lossy_map"):
        read(jpeg(STRIPES), hopper_face)


def test_a_lossy_map_is_cleaned_up_where_asked_for(hopper_face: Face) -> None:
    found = read(jpeg(STRIPES), hopper_face, lossy_map=True)

    assert (found.labels == STRIPES).mean() > 0.9
    assert found.scheme == "lapa11"
    assert found.warnings


@pytest.mark.parametrize("scheme", ["bisenet19", "celebamask19"])
def test_of_two_orders_the_one_whose_nose_is_on_the_nose_is_taken(
    scheme: str, hopper_face: Face
) -> None:
    names = BISENET19 if scheme == "bisenet19" else CELEBAMASK19
    values = np.full((600, 512), names.index("skin"), np.uint8)
    values[0] = 18
    x, y = hopper_face.points[1].astype(int)
    values[y - 40 : y + 20, x - 20 : x + 20] = names.index("nose")

    found = read(png(values), hopper_face)

    assert found.scheme == scheme
    assert found.warnings == ()


def test_an_order_that_cannot_be_told_is_guessed_with_a_warning(hopper_face: Face) -> None:
    found = read(png(np.full((60, 51), 18, np.uint8)), hopper_face)

    assert found.scheme == "bisenet19"
    assert "unknown order: taken for bisenet19" in found.warnings[0]


def test_an_explicit_scheme_wins(hopper_face: Face) -> None:
    found = read(png(STRIPES), hopper_face, label_scheme="celebamask19")

    assert found.names[10] == "inner_mouth"


def test_the_palette_of_celebamask_tells_its_order(hopper_face: Face) -> None:
    found = read(png(painted(STRIPES, "celebamask")), hopper_face)

    assert found.scheme == "celebamask19"


@pytest.mark.parametrize("top", [19, 200, 40_000])
def test_a_label_of_no_scheme_is_refused(top: int, hopper_face: Face) -> None:
    values = STRIPES.astype(np.uint16)
    values[0, 0] = top

    with pytest.raises(InvalidSegmentationMap, match=rf"label {top}: expected 0 to 10"):
        read(png(values), hopper_face)


def test_a_label_beyond_the_scheme_given_is_refused(hopper_face: Face) -> None:
    with pytest.raises(
        InvalidSegmentationMap, match=r"label 11 .* unknown to lapa11: expected 0 to 10"
    ):
        read(png(STRIPES + 1), hopper_face, label_scheme="lapa11")


def test_a_table_of_values_names_labels(hopper_face: Face) -> None:
    found = read(png(STRIPES), hopper_face, label_table=("1=skin", "7=scar"))

    assert found.scheme == "custom"
    assert (found.names[7], found.names[1], found.names[3]) == ("scar", "skin", "label_3")
    assert "not in label_table: 2, 3, 4" in found.warnings[0]


def test_a_table_of_colours_names_colours(hopper_face: Face) -> None:
    colours = np.array([[255, 255, 255], [10, 20, 30], [200, 0, 0]], np.uint8)
    values = STRIPES % 3

    found = read(
        png(colours[values]),
        hopper_face,
        label_table=("#ffffff=background", "#0a141e=hair", "#C80000=skin"),
    )

    assert (found.labels == values).all()
    assert found.names == {0: "background", 1: "hair", 2: "skin"}


def test_values_of_one_name_are_one_label(hopper_face: Face) -> None:
    found = read(png(STRIPES), hopper_face, label_table=("1=skin", "3=skin", "4=background"))

    assert found.names[1] == "skin"
    assert not {3, 4} & set(found.names)
    assert set(np.unique(found.labels[STRIPES == 3])) == {1}
    assert set(np.unique(found.labels[STRIPES == 4])) == {0}


@pytest.mark.parametrize(
    "data",
    [
        png(Image.fromarray(STRIPES > 3)),
        png(((STRIPES > 3) * 255).astype(np.uint8)),
        png(Image.fromarray(STRIPES > 3), "RGB"),
        png(Image.fromarray(STRIPES > 3).convert("RGB"), "P"),
    ],
    ids=["one bit", "grey", "rgb", "palette"],
)
def test_a_table_of_colours_means_what_is_to_be_seen(data: bytes, hopper_face: Face) -> None:
    found = read(data, hopper_face, label_scheme="custom", label_table=("#ffffff=skin",))

    assert (found.labels == (STRIPES > 3)).all()
    assert found.names == {0: "background", 1: "skin"}


def test_custom_labels_need_a_table(hopper_face: Face) -> None:
    with pytest.raises(InvalidOption, match=r"label_table"):
        read(png(STRIPES), hopper_face, label_scheme="custom")


def test_a_table_that_contradicts_itself_is_refused(hopper_face: Face) -> None:
    with pytest.raises(InvalidOption, match=r"names 1 twice"):
        read(png(STRIPES), hopper_face, label_table=("1=skin", "1=hair"))


def test_another_shape_than_the_photos_is_warned_of(hopper_face: Face) -> None:
    found = read(png(STRIPES[:100]), hopper_face)

    assert "differ by more than 1 %" in found.warnings[0]


def test_a_map_too_large_is_refused_by_its_header(hopper_face: Face) -> None:
    with pytest.raises(TooManyPixels, match=r"the segmentation map is 20000x20000"):
        read(bomb(20_000), hopper_face)


@pytest.mark.parametrize(
    "data",
    [b"", b"x", png(STRIPES)[:-8], png(STRIPES)[:60] + png(STRIPES)[-12:]],
    ids=["empty", "text", "no end", "no pixels"],
)
def test_a_map_that_cannot_be_read_is_refused(data: bytes, hopper_face: Face) -> None:
    with pytest.raises(InvalidSegmentationMap):
        read(data, hopper_face)


def test_the_map_of_the_face_agrees_and_that_of_another_does_not(
    hopper_face: Face, hopper: Any, astronaut: Any
) -> None:
    own = read(hopper.segmentation_map, hopper_face)
    other = read(astronaut.segmentation_map, hopper_face)

    assert (agreement(own, hopper_face, SIZE) or 0) > 0.8
    assert agreement(other, hopper_face, SIZE) == pytest.approx(0, abs=0.05)


def test_a_map_without_nose_and_eyes_says_nothing_of_agreement(hopper_face: Face) -> None:
    found = read(png(STRIPES % 2), hopper_face)

    assert agreement(found, hopper_face, SIZE) is None


@pytest.mark.skipif(not SHARED.exists(), reason="the maps made of the first sample are not here")
@pytest.mark.parametrize(
    ("file", "least"),
    [
        ("seg_palette.png", 1.0),
        ("seg_rgb.png", 1.0),
        ("seg_16bit.png", 1.0),
        ("seg_scaled_x25.png", 1.0),
        ("seg_rgb_jpeg.jpg", 0.995),
    ],
)
def test_the_sample_reads_alike_in_every_dress(file: str, least: float, hopper_face: Face) -> None:
    plain = np.asarray(Image.open(SHARED / "qoves/segmentation_map.png"))

    found = read((SHARED / "edge" / file).read_bytes(), hopper_face, lossy_map=True)

    assert found.scheme == "lapa11"
    assert (found.labels == plain).mean() >= least


@given(st.binary(max_size=60), st.integers(8, 400), st.booleans())
def test_damage_raises_nothing_but_mask_errors(
    hopper_face: Face, noise: bytes, at: int, is_lossy: bool
) -> None:
    whole = jpeg(STRIPES) if is_lossy else png(STRIPES)
    data = whole[:at] + noise + whole[at + len(noise) :]

    try:
        found = read(data, hopper_face, lossy_map=is_lossy)
    except MaskError:
        return

    assert found.labels.ndim == 2
