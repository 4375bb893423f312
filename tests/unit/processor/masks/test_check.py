"""Checking inputs before they are accepted."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from faces import bomb
from PIL import Image

from services.processor import masks
from services.processor.masks import Facts, Header, Inputs, Options, check, errors

if TYPE_CHECKING:
    from services.processor.masks.landmarks.face import Face


class Watched(io.BytesIO):
    """A file that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_facts_tell_what_was_found(hopper: Inputs) -> None:
    found = check(hopper, Options())

    photo = Header("jpeg", 512, 600, 1, 8, 3, is_palette=False)
    assert found == Facts(512, 600, "jpeg", 478, "mediapipe478", "pixels", photo)


def test_the_photo_is_hardly_read() -> None:
    out = io.BytesIO()
    Image.effect_noise((1500, 1500), 80).save(out, "PNG", compress_level=0)
    file = Watched(out.getvalue())
    landmarks = json.dumps([[500 + 3 * k, 500 + (k * k) % 400] for k in range(68)]).encode()

    check(Inputs(file, landmarks), Options())

    assert file.taken < 10_000


def test_a_preset_of_the_map_needs_a_map(hopper: Inputs) -> None:
    with pytest.raises(errors.InvalidOption, match=r"there is no segmentation map"):
        check(Inputs(hopper.image, hopper.landmarks), Options(preset="map"))


def test_an_unknown_region_is_refused_with_the_known_ones(hopper: Inputs) -> None:
    with pytest.raises(
        errors.UnknownRegion, match=r"no region 'nostril': expected face_oval, right_brow"
    ) as caught:
        check(hopper, Options(preset="features", regions=("nose", "nostril")))

    assert caught.value.facts["region"] == "nostril"
    assert caught.value.facts["preset"] == "features"


def test_regions_of_an_object_are_known_by_its_names(hopper: Inputs) -> None:
    inputs = Inputs(hopper.image, hopper.landmarks, b'{"spot": [1, 2, 3]}')

    check(inputs, Options(regions=("spot",)))
    with pytest.raises(errors.UnknownRegion, match=r"expected spot"):
        check(inputs, Options(regions=("nose",)))


@pytest.mark.parametrize(
    ("changes", "options", "kind"),
    [
        ({"image": b"GIF89a"}, {}, errors.NotAnImage),
        ({"image": b"\x89PNG\r\n\x1a\n"}, {}, errors.TruncatedImage),
        ({"image": bomb(20_000)}, {}, errors.TooManyPixels),
        ({"landmarks": b"{}"}, {}, errors.UnreadableLandmarks),
        ({"landmarks": b"[[1,2],[3,4]]"}, {}, errors.LandmarkCount),
        ({"landmarks": json.dumps([[None, 1]] * 68).encode()}, {}, errors.InvalidLandmark),
        ({"landmarks": b"[]"}, {}, errors.NoFace),
        ({}, {"preset": "features", "regions": ("beard",)}, errors.UnknownRegion),
        ({"segmentation_map": b"GIF89a"}, {}, errors.InvalidSegmentationMap),
        ({"segmentation_map": b'{"a": [1, 2, 478]}'}, {}, errors.InvalidSegmentationMap),
        ({"segmentation_map": bomb(20_000)}, {}, errors.TooManyPixels),
        ({}, {"theme": "dark"}, errors.InvalidOption),
        ({}, {"label_scheme": "custom"}, errors.InvalidOption),
        ({}, {"label_table": ("1=a", "1=b")}, errors.InvalidOption),
        ({}, {"face_index": 1}, errors.InvalidOption),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_check_and_draw_refuse_alike(
    changes: dict[str, Any], options: dict[str, Any], kind: type[masks.MaskError], hopper: Inputs
) -> None:
    image = io.BytesIO(changes["image"]) if "image" in changes else hopper.image
    inputs = Inputs(
        image,
        changes.get("landmarks", hopper.landmarks),
        changes.get("segmentation_map", hopper.segmentation_map),
    )

    with pytest.raises(kind) as checked:
        check(inputs, Options(**options))
    with pytest.raises(kind) as drawn:
        masks.draw(inputs, Options(**options))

    assert str(checked.value) == str(drawn.value)
    assert checked.value.facts == drawn.value.facts


def test_every_value_of_a_message_is_a_fact(hopper: Inputs) -> None:
    inputs = Inputs(hopper.image, b"[[1,2],[3,4]]")

    with pytest.raises(errors.LandmarkCount) as caught:
        check(inputs, Options())

    assert all(value in str(caught.value) for value in caught.value.facts.values())


@pytest.mark.parametrize(
    "value",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"a": 1}',
        b'{"a": [1, 2]}',
        b'{"a": [1, 1, 2, 2]}',
        b'{"a": [1, 2, -1]}',
        b'{"a": [1, 2, 3.0]}',
        b'{"a": [1, 2, true]}',
        b'{"a": [1, 2, "3"]}',
        b'{"": [1, 2, 3]}',
        json.dumps({"n" * 65: [1, 2, 3]}).encode(),
        json.dumps({str(k): [1, 2, 3] for k in range(129)}).encode(),
        json.dumps({"a": [1, 2, 3] * 400}).encode(),
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda data: data[:20].decode(),
)
def test_an_object_that_is_no_set_of_regions_is_refused(value: bytes, hopper: Inputs) -> None:
    with pytest.raises(errors.InvalidSegmentationMap):
        check(Inputs(hopper.image, hopper.landmarks, value), Options())


def test_the_face_is_read_as_the_photo_is_seen(hopper_face: Face) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (600, 512)).save(out, "JPEG", exif=exif)
    landmarks = json.dumps(hopper_face.points.tolist()).encode()

    turned = check(Inputs(out, landmarks), Options())
    ignored = check(Inputs(out, landmarks), Options(ignore_exif=True))

    assert (turned.image_width, turned.image_height) == (512, 600)
    assert (ignored.image_width, ignored.image_height) == (600, 512)
