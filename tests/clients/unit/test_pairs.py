"""Which landmarks and which map belong to which photo."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from facesvg_client.cli.pairs import NotPaired, pair, photos

if TYPE_CHECKING:
    from pathlib import Path


def lay(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_a_folder_has_photos_in_order_and_maps_are_none(tmp_path: Path) -> None:
    lay(tmp_path, "b.jpg", "a.PNG", "a.map.png", "a.json", "b.svg", "c.mask.png")

    assert [path.name for path in photos([tmp_path])] == ["a.PNG", "b.jpg"]


@pytest.mark.parametrize("ending", [".landmarks.json", ".json", ".pts", ".csv"])
def test_landmarks_and_map_are_found_beside_the_photo(tmp_path: Path, ending: str) -> None:
    lay(tmp_path, "a.jpg", f"a{ending}", "a.map.png", "b.json")

    found = pair(tmp_path / "a.jpg", None, None, None)

    assert found.landmarks.name == f"a{ending}"
    assert found.segmentation_map == tmp_path / "a.map.png"
    assert found.drawing == tmp_path / "a.svg"


def test_each_kind_may_have_a_folder_of_its_own(tmp_path: Path) -> None:
    photo = lay(tmp_path / "photos", "a.png") / "a.png"
    landmarks = lay(tmp_path / "landmarks", "a.json")
    maps = lay(tmp_path / "maps", "a.png")

    found = pair(photo, landmarks, maps, tmp_path / "out")

    assert found.landmarks == landmarks / "a.json"
    assert found.segmentation_map == maps / "a.png"
    assert found.drawing == tmp_path / "out" / "a.svg"


def test_neither_a_photo_nor_its_landmarks_are_its_map(tmp_path: Path) -> None:
    lay(tmp_path, "a.png", "a.json")

    assert pair(tmp_path / "a.png", None, tmp_path, None).segmentation_map is None


def test_a_photo_without_landmarks_says_what_was_looked_for(tmp_path: Path) -> None:
    lay(tmp_path, "a.jpg")

    with pytest.raises(NotPaired, match=r"a\.jpg has no landmarks .* a\.landmarks\.json, a\.json"):
        pair(tmp_path / "a.jpg", None, None, None)


def test_a_drawing_is_done_while_it_is_newer_than_its_parts(tmp_path: Path) -> None:
    lay(tmp_path, "a.jpg", "a.json")
    found = pair(tmp_path / "a.jpg", None, None, None)
    states = [found.is_drawn]

    lay(tmp_path, "a.svg")
    for at in (2, 0):
        os.utime(found.drawing, (at, at))
        for part in (found.photo, found.landmarks):
            os.utime(part, (1, 1))
        states.append(found.is_drawn)

    assert states == [False, True, False]
