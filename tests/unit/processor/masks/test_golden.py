"""Drawings stay what they were, as geometry; `tests/bench/draw/golden.py` writes anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from services.processor.masks import Inputs, Options, draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOLDEN = Path(__file__).resolve().parent / "golden"
SCALE = 4
CASES = [
    (path.stem, preset)
    for path in sorted(GOLDEN.glob("*.json"))
    for preset in json.loads(path.read_text(encoding="utf-8"))
]


def filled(outline: Any) -> NDArray[np.uint8]:
    canvas = np.zeros((700 * SCALE, 560 * SCALE), np.uint8)
    placed = np.rint((np.asarray(outline) * SCALE + 20 * SCALE - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(canvas, [placed], 1, cv2.LINE_8, 4)
    return canvas


@pytest.mark.parametrize(("face", "preset"), CASES, ids=["-".join(case) for case in CASES])
def test_every_outline_is_the_golden_one(
    face: str, preset: str, hopper: Inputs, astronaut: Inputs
) -> None:
    golden = json.loads((GOLDEN / f"{face}.json").read_text(encoding="utf-8"))[preset]
    whole = {"hopper": hopper, "astronaut": astronaut}[face.partition("_")[0]]
    has_map = face.endswith("with_map")
    inputs = whole if has_map else Inputs(whole.image, whole.landmarks)

    drawing = draw(inputs, Options(preset=preset))

    assert [region.name for region in drawing.regions] == list(golden)
    for region in drawing.regions:
        here, there = filled(drawing.contours[region.id]), filled(golden[region.name])
        apart = int((here ^ there).sum()) / SCALE**2
        length = float(cv2.arcLength(np.asarray(golden[region.name], np.float32), closed=True))
        assert apart <= 0.45 * length + 1, region.name  # half a pixel along the outline
