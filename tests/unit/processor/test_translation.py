"""A drawing as the contract's message."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from google.protobuf import json_format

from facesvg.v1 import mask_pb2
from services.processor import masks
from services.processor.translation import drawing_to_proto, options_from_proto
from services.runtime.options import InvalidOption

FACE = Path(__file__).resolve().parents[2] / "data/faces/hopper"


@pytest.fixture(scope="module")
def drawing() -> masks.Drawing:
    inputs = masks.Inputs(
        image=io.BytesIO((FACE / "photo.jpg").read_bytes()),
        landmarks=(FACE / "landmarks.json").read_bytes(),
        segmentation_map=(FACE / "segmentation_map.png").read_bytes(),
    )
    return masks.draw(inputs, masks.Options())


def message_of(drawing: masks.Drawing) -> mask_pb2.Drawing:
    message = mask_pb2.Drawing()
    drawing_to_proto(drawing, message)
    return message


def test_every_region_comes_with_its_outline(drawing: masks.Drawing) -> None:
    message = message_of(drawing)

    assert [region.name for region in message.regions] == [r.name for r in drawing.regions]
    assert message.regions_detected == len(drawing.regions)
    assert all(region.rings and region.area > 0 for region in message.regions)


def test_contours_are_pairs_of_numbers_by_the_regions_number(drawing: masks.Drawing) -> None:
    shown = json_format.MessageToDict(message_of(drawing), preserving_proto_field_name=True)

    first = shown["mask_contours"]["1"]
    assert len(first) == len(drawing.contours[1])
    assert first[0] == list(drawing.contours[1][0])


def test_the_svg_travels_apart(drawing: masks.Drawing) -> None:
    assert message_of(drawing).svg == b""


def test_absent_options_have_their_defaults() -> None:
    options = options_from_proto(mask_pb2.DrawOptions(preset="features", regions=["nose"]))

    assert options == masks.Options(preset="features", regions=("nose",))


def test_an_option_out_of_bounds_is_refused() -> None:
    with pytest.raises(InvalidOption, match="region_opacity is 2"):
        options_from_proto(mask_pb2.DrawOptions(region_opacity=2))
