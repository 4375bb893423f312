"""The pictures and tables of the documentation are those of the code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from deploy.pictures import origins, portraits, tables
from deploy.pictures.__main__ import DOCS, REGIONS
from services.processor import masks
from services.processor.masks.atlas.presets import SETS
from services.processor.masks.landmarks.schemes import SCHEMES

if TYPE_CHECKING:
    from pathlib import Path

PAGE = REGIONS.read_text(encoding="utf-8")


def test_the_tables_say_what_the_code_does() -> None:
    assert tables.filled(PAGE) == PAGE, "write them anew: make pictures"


def test_a_table_that_drifts_is_noticed() -> None:
    assert tables.filled(PAGE.replace("| `nose` | center |", "| `nose` | left |", 1)) == PAGE


@pytest.mark.parametrize("preset", masks.presets(), ids=lambda preset: preset.name)
def test_every_preset_has_its_picture_and_tables(preset: masks.Preset) -> None:
    assert f"](images/{preset.name}.jpg)" in PAGE
    assert f"<!-- table: {preset.name} regions -->" in PAGE
    assert all(f"| `{region.name}` |" in PAGE for region in preset.regions)


@pytest.mark.parametrize(
    "path", sorted((DOCS / "images").glob("*.jpg")), ids=lambda path: path.name
)
def test_a_picture_is_light_and_can_be_seen(path: Path) -> None:
    assert path.stat().st_size <= portraits.MAX_BYTES
    with Image.open(path) as picture:
        assert picture.width >= 2 * portraits.PANEL_PX


@pytest.mark.parametrize("preset", SETS)
def test_landmarks_are_told_for_every_scheme_that_a_preset_takes(preset: str) -> None:
    for scheme in SCHEMES:
        told = origins.landmarks(preset, scheme)

        assert bool(told) == (scheme in SETS[preset].schemes)
        assert all(len(numbers) > 2 for numbers in told.values())


def test_what_the_atlas_makes_is_told_by_what_it_is_made_from() -> None:
    assert origins.landmarks("features", "mediapipe478")["left_iris"] == (473, 474, 475, 476, 477)
    assert origins.landmarks("features", "ibug68")["right_brow"] == (17, 18, 19, 20, 21)


def test_a_picture_that_weighs_too_much_is_refused() -> None:
    noise = Image.effect_noise((1600, 1600), 200).convert("RGB")

    with pytest.raises(ValueError, match="expected 60000"):
        portraits.smallest(noise)


def test_drawings_stand_side_by_side() -> None:
    panel = Image.new("RGB", (40, 50))

    row = Image.open(io.BytesIO(portraits.beside(panel, panel, panel_px=80)))

    assert row.size == (80 * 2 + portraits.GAP_PX, 100)
