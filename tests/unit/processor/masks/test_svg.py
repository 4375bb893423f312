"""The SVG document."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.processor.masks import Drawing, Inputs, Options, draw
from services.processor.masks.paths import number

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg)  # noqa: S314 - our own


def paths(drawing: Drawing) -> list[ET.Element]:
    return parsed(drawing).findall(f"{SVG}g[@class='regions']/{SVG}path")


def drawn(inputs: Inputs, *, with_map: bool = False, **options: Any) -> Drawing:
    found = inputs if with_map else Inputs(inputs.image, inputs.landmarks)
    return draw(found, Options(**options))


def test_the_page_has_the_photos_size_and_a_name(hopper: Inputs) -> None:
    root = parsed(drawn(hopper))

    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 512 600"
    assert (root.get("width"), root.get("height"), root.get("role")) == ("512", "600", "img")
    named = {root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")}  # type: ignore[union-attr]
    assert set((root.get("aria-labelledby") or "").split()) == named


def test_each_region_is_one_path_that_says_what_it_is(hopper: Inputs) -> None:
    drawing = drawn(hopper)

    found = paths(drawing)

    assert [path.get("data-region") for path in found] == [r.name for r in drawing.regions]
    for path, region in zip(found, drawing.regions, strict=True):
        assert path.get("id") == region.element_id
        assert path.get("data-side") == region.side
        assert path.get("data-source") == "landmarks"
        assert path.get("data-number") == str(region.id)
        assert path.get("data-label") is None
        assert float(path.get("data-area") or 0) == pytest.approx(region.area, abs=0.006)
        assert path.get("fill") == region.color
        assert path.find(f"{SVG}title") is not None


def test_regions_of_the_map_carry_its_values(hopper: Inputs) -> None:
    drawing = drawn(hopper, with_map=True, preset="map")

    assert [path.get("data-label") for path in paths(drawing)] == [str(k) for k in range(1, 11)]
    assert {path.get("data-source") for path in paths(drawing)} == {"map"}
    assert [region.label for region in drawing.regions] == list(range(1, 11))


def test_a_guessed_hairline_is_marked(hopper: Inputs) -> None:
    plain, with_map = drawn(hopper), drawn(hopper, with_map=True)

    marked = [p.get("data-region") for p in paths(plain) if p.get("data-extrapolated") == "true"]
    assert marked == ["forehead"]
    assert not any(path.get("data-extrapolated") for path in paths(with_map))


def test_ids_begin_with_the_prefix_and_are_unique(hopper: Inputs) -> None:
    root = parsed(
        drawn(hopper, id_prefix="me-", show_labels=True, show_landmarks=True, embed_image=True)
    )

    ids = [element.get("id") for element in root.iter() if element.get("id")]

    assert len(ids) > 30
    assert len(set(ids)) == len(ids)
    assert all((name or "").startswith("me-") for name in ids)


def test_the_default_prefix_differs_between_drawings(hopper: Inputs) -> None:
    first, second = drawn(hopper), drawn(hopper, theme="vivid")

    assert first.regions[0].element_id != second.regions[0].element_id


def test_opacity_and_dashes_are_as_asked(hopper: Inputs) -> None:
    root = parsed(drawn(hopper, region_opacity=0.25, stroke_width=1.5))

    assert root.find(f"{SVG}g[@class='regions']").get("opacity") == "0.25"  # type: ignore[union-attr]
    outlines = root.find(f"{SVG}g[@class='outlines']")
    assert outlines is not None
    assert outlines.get("stroke-width") == "1.5"
    assert outlines.get("stroke-dasharray")


def test_a_page_that_forbids_inline_styles_may_hold_the_document(hopper: Inputs) -> None:
    whole = drawn(hopper, show_labels=True, show_landmarks=True, embed_image=True)

    assert [element.tag for element in parsed(whole).iter() if "style" in element.attrib] == []
    assert "<style" not in whole.svg


def test_no_width_means_no_outlines(hopper: Inputs) -> None:
    assert parsed(drawn(hopper, stroke_width=0)).find(f"{SVG}g[@class='outlines']") is None


def test_labels_stand_inside_their_regions(hopper: Inputs) -> None:
    drawing = drawn(hopper, show_labels=True)

    texts = parsed(drawing).findall(f"{SVG}g[@class='labels']/{SVG}text")

    assert [text.text for text in texts] == [str(region.id) for region in drawing.regions]
    for text, region in zip(texts, drawing.regions, strict=True):
        x, y = float(text.get("x") or 0), float(text.get("y") or 0)
        left, top, width, height = region.bbox
        assert left <= x <= left + width
        assert top <= y <= top + height


def test_landmarks_are_dots(hopper: Inputs) -> None:
    dots = parsed(drawn(hopper, show_landmarks=True)).findall(
        f"{SVG}g[@class='landmarks']/{SVG}circle"
    )

    assert len(dots) == 478
    assert (dots[0].get("cx"), dots[0].get("cy")) == ("267.31", "272.3")


def test_the_photo_is_embedded_where_asked_for(hopper: Inputs) -> None:
    [image] = parsed(drawn(hopper, embed_image=True)).findall(f"{SVG}image")

    kind, _, data = (image.get("href") or "").partition(",")
    with Image.open(io.BytesIO(base64.b64decode(data))) as photo:
        assert photo.size == (512, 600)
        assert photo.format == "JPEG"
    assert kind == "data:image/jpeg;base64"
    assert parsed(drawn(hopper)).find(f"{SVG}image") is None


def test_colours_are_the_themes_or_the_callers(hopper: Inputs) -> None:
    chosen = drawn(hopper, colors=("nose=#ABCDEF",))
    by_theme = {theme: drawn(hopper, theme=theme) for theme in ("pastel", "vivid", "mono")}

    colours = {region.name: region.color for region in chosen.regions}
    assert colours["nose"] == "#abcdef"
    assert colours["chin"] == {r.name: r.color for r in by_theme["pastel"].regions}["chin"]
    assert len({drawing.regions[0].color for drawing in by_theme.values()}) == 3


NASTY = [
    '"/><script>alert(1)</script>',
    "]]>&amp;<!--",
    "' onload='x",
    "a\x00b\x1b\ud800",
    "\u202enose",
    "x" * 64,
    "../../etc",
]


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_names_from_outside_stay_text(name: str, hopper: Inputs) -> None:
    inputs = Inputs(hopper.image, hopper.landmarks, json.dumps({name: [10, 50, 200]}).encode())

    drawing = draw(inputs, Options(show_labels=True))

    root = parsed(drawing)
    [path] = paths(drawing)
    clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "\ufffd", name)
    assert path.get("data-region") == clean
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        *("svg", "title", "desc", "g", "path", "text")
    }
    assert not any(key.startswith("on") for element in root.iter() for key in element.attrib)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", path.get("id") or "")


@settings(max_examples=40)
@given(
    regions=st.dictionaries(
        st.text(min_size=1, max_size=20), st.just([10, 50, 200]), min_size=1, max_size=4
    )
)
def test_whatever_regions_are_called_the_document_is_xml(
    hopper: Inputs, regions: dict[str, list[int]]
) -> None:
    inputs = Inputs(hopper.image, hopper.landmarks, json.dumps(regions).encode())

    drawing = draw(inputs, Options())

    assert len(paths(drawing)) == len(regions)
    assert len({path.get("id") for path in paths(drawing)}) == len(regions)


@pytest.mark.parametrize("trace", ["exact", "polygon", "smooth"])
def test_numbers_are_plain_decimals(trace: str, hopper: Inputs) -> None:
    svg = drawn(
        hopper, with_map=True, trace=trace, upright=True, show_landmarks=True, show_labels=True
    ).svg

    for data in re.findall(r' d="([^"]*)"', svg):
        assert re.fullmatch(r"[MmLlHhVvCcZz0-9 .\-]*", data)
        assert not re.search(r"\.\d{3}", data)
        assert not re.search(r"-0(?![.\d])", data)
    assert "nan" not in svg.lower().replace("landmarks", "")


@given(st.floats(-1e6, 1e6))
def test_a_number_is_written_to_two_decimals(value: float) -> None:
    text = number(value)

    assert abs(float(text) - value) <= 0.005 + 1e-9 * abs(value)
    assert re.fullmatch(r"-?\d+(\.\d{1,2})?", text)
    assert text != "-0"
