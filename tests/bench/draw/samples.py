"""The sample faces, with and without their label maps."""

from __future__ import annotations

import io
from pathlib import Path

from services.processor import masks

_ROOT = Path(__file__).resolve().parents[3]
_FOLDERS = {
    "hopper": _ROOT / "tests/data/faces/hopper",
    "astronaut": _ROOT / "tests/data/faces/astronaut",
    # The first service's sample: may not be shipped, measured where it is present.
    "qoves": _ROOT.parent / "shared/data/qoves",
}


def samples() -> dict[str, masks.Inputs]:
    """Return the inputs of every sample that is here, by its name."""
    found: dict[str, masks.Inputs] = {}
    for name, folder in _FOLDERS.items():
        if not folder.exists():
            continue
        photo = next(
            path for stem in ("photo", "original_image") for path in folder.glob(f"{stem}.*")
        )
        landmarks = next(folder.glob("landmarks.*")).read_bytes()
        label_map = (folder / "segmentation_map.png").read_bytes()
        image = io.BytesIO(photo.read_bytes())
        found[name] = masks.Inputs(image, landmarks)
        found[f"{name} with map"] = masks.Inputs(image, landmarks, label_map)
    return found
