"""Presets."""

from __future__ import annotations

import numpy as np
import pytest

from services.processor.masks import Limits, Options, UnknownRegion, presets
from services.processor.masks.atlas import presets as atlas
from services.processor.masks.atlas import zones27
from services.processor.masks.landmarks import face as faces
from services.processor.masks.landmarks.face import Face
from services.processor.masks.landmarks.schemes import SCHEMES
from services.processor.masks.options import CHOICES

SIZE = (512, 600)


@pytest.fixture
def ibug(ibug_landmarks: bytes) -> Face:
    return faces.read(ibug_landmarks, SIZE, Options(), Limits())


@pytest.fixture
def wflw(wflw_landmarks: bytes) -> Face:
    return faces.read(wflw_landmarks, SIZE, Options(), Limits())


def test_the_catalogue_has_every_preset_in_the_order_of_the_option() -> None:
    assert tuple(preset.name for preset in presets()) == CHOICES["preset"]


def test_every_region_of_the_catalogue_has_sides_and_a_colour() -> None:
    for region in (region for preset in presets() for region in preset.regions):
        assert {region.side, region.viewer_side} in ({"left", "right"}, {"center"})
        assert region.color.startswith("#")
        assert len(region.color) == 7


def test_the_first_services_sides_are_told_truly() -> None:
    [qoves5] = [preset for preset in presets() if preset.name == "qoves5"]

    found = {region.name: (region.side, region.viewer_side) for region in qoves5.regions}

    assert list(found) == ["forehead", "nose", "right_under_eye", "left_under_eye", "mouth"]
    assert found["left_under_eye"] == ("right", "left")
    assert found["right_under_eye"] == ("left", "right")


@pytest.mark.parametrize("preset", atlas.SETS)
def test_a_mesh_has_what_every_preset_promises(preset: str, hopper_face: Face) -> None:
    found = atlas.layout(preset, hopper_face, has_map=False)

    assert tuple(found.rings) == atlas.SETS[preset].regions
    assert all(0 <= n < len(found.points) for ring in found.rings.values() for n in ring)


def test_a_mesh_without_irises_has_none(hopper_face: Face) -> None:
    mesh = Face(hopper_face.points[:468], SCHEMES["mediapipe468"], "pixels")

    found = atlas.layout("features", mesh, has_map=False)

    assert set(atlas.SETS["features"].regions) - set(found.rings) == {"right_iris", "left_iris"}


@pytest.mark.parametrize("preset", ["zones27", "qoves5"])
def test_a_preset_of_the_mesh_is_refused_to_68_points(preset: str, ibug: Face) -> None:
    with pytest.raises(UnknownRegion, match=r"needs mediapipe478 or mediapipe468 landmarks, found"):
        atlas.layout(preset, ibug, has_map=False)


@pytest.mark.parametrize("preset", ["features", "ibug68"])
def test_fewer_points_give_what_they_have(preset: str, ibug: Face, wflw: Face) -> None:
    for face in (ibug, wflw):
        found = atlas.layout(preset, face, has_map=False)

        assert {"nose", "right_eye", "left_brow", "upper_lip"} <= set(found.rings)
        assert not found.extrapolated


def test_only_the_default_gives_way_where_points_are_few(ibug: Face, hopper_face: Face) -> None:
    assert atlas.fallback("zones27", ibug) == "ibug68"
    assert atlas.fallback("qoves5", ibug) == "qoves5"
    assert atlas.fallback("zones27", hopper_face) == "zones27"


def test_without_a_map_the_forehead_ends_at_a_guess_that_is_marked(hopper_face: Face) -> None:
    guessed = atlas.layout("zones27", hopper_face, has_map=False)
    plain = atlas.layout("zones27", hopper_face, has_map=True)

    assert guessed.extrapolated == {"forehead"}
    assert guessed.points[10, 1] < plain.points[10, 1] - 15
    assert plain.extrapolated == frozenset()


def test_the_brows_of_68_points_lie_on_those_of_the_mesh(hopper_face: Face) -> None:
    found = atlas.layout("ibug68", hopper_face, has_map=False)

    for name in ("right_brow", "left_brow"):
        brow = found.points[list(found.rings[name])]
        truth = hopper_face.points[list(zones27.ZONES[name])]
        length = np.ptp(truth[:, 0])
        assert np.abs(brow.mean(axis=0) - truth.mean(axis=0)).max() < 0.04 * length
