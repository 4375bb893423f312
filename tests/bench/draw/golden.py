"""Write the outlines that drawings of the sample faces are compared with.

    python tests/bench/draw/golden.py

Run it when drawings are meant to change, look at `report.py`'s pictures, and commit both.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent))

from samples import samples

from services.processor import masks

_FOLDER = Path(__file__).resolve().parents[2] / "unit/processor/masks/golden"
_PRESETS = ("zones27", "features", "qoves5", "ibug68", "map")
_TOLERANCE_PX = 0.35


def main() -> None:
    """Write one file for each sample that the project ships."""
    _FOLDER.mkdir(exist_ok=True)
    for name, inputs in samples().items():
        if name.startswith("qoves"):
            continue
        found = {
            preset: outlines(masks.draw(inputs, masks.Options(preset=preset)))
            for preset in _PRESETS
            if preset != "map" or inputs.segmentation_map is not None
        }
        path = _FOLDER / f"{name.replace(' ', '_')}.json"
        path.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
        Console().print(path)


def outlines(drawing: masks.Drawing) -> dict[str, list[list[float]]]:
    """Return the largest outline of each region, with no more corners than it takes."""
    return {
        region.name: np.round(
            cv2.approxPolyDP(
                drawing.contours[region.id].astype(np.float32), _TOLERANCE_PX, closed=True
            )[:, 0].astype(np.float64),
            1,
        ).tolist()
        for region in drawing.regions
    }


if __name__ == "__main__":
    main()
