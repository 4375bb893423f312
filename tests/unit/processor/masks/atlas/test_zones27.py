"""The 27 zones."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from services.processor.masks.atlas import zones27
from services.processor.masks.atlas.zones27 import OVAL, ZONES

if TYPE_CHECKING:
    from services.processor.masks.landmarks.face import Face


def edges(ring: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(ring, (*ring[1:], ring[0]), strict=True))


def test_there_are_27() -> None:
    assert len(ZONES) == 27


def test_they_divide_the_oval_without_gap_or_overlap() -> None:
    walked = Counter(edge for ring in ZONES.values() for edge in edges(ring))

    rim = [edge for edge in walked if edge[::-1] not in walked]

    assert set(walked.values()) == {1}
    assert sorted(rim) == sorted(edges(OVAL))


def mirrored(name: str) -> str:
    swap = {"right": "left", "left": "right"}
    side, _, rest = name.partition("_")
    return f"{swap[side]}_{rest}" if side in swap else name


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_borders_on_the_mirror_images_of_what_its_mirror_image_borders_on(name: str) -> None:
    owner = {edge: zone for zone, ring in ZONES.items() for edge in edges(ring)}

    def borders(zone: str) -> Counter[str]:
        return Counter(owner.get(edge[::-1], "outside") for edge in edges(ZONES[zone]))

    there = borders(mirrored(name))

    assert borders(name) == Counter({mirrored(zone): count for zone, count in there.items()})


def test_right_is_on_the_viewers_left(hopper_face: Face) -> None:
    x = hopper_face.points[:, 0]

    for name, ring in ZONES.items():
        if name.startswith("right_"):
            left = ZONES[name.replace("right_", "left_")]
            assert x[list(ring)].mean() < x[list(left)].mean()


def test_features_are_zones() -> None:
    assert set(zones27.FEATURES) <= set(ZONES)
