"""What the drawing alone takes, by the photo's size and by step."""

from __future__ import annotations

import io
import json
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from figures import Figure
from photos import FACE
from PIL import Image

from services.processor import masks

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGAPIXELS = (0.25, 1, 4, 12, 24)
ROUNDS = 5
WITH_MAP = "with a map"
WAYS = {
    "landmarks alone": masks.Options(),
    WITH_MAP: masks.Options(),
    "photo embedded": masks.Options(embed_image=True),
}
QUALITY = 90


def measure() -> Iterator[Figure]:
    """Yield the CPU of each size, what a megapixel more costs, and the steps of least and most."""
    for way, options in WAYS.items():
        group = f"drawing by size, {way}"
        steps = {megapixels: median_steps(way, options, megapixels) for megapixels in MEGAPIXELS}
        total = {megapixels: sum(spent.values()) for megapixels, spent in steps.items()}
        for megapixels in MEGAPIXELS:
            yield Figure(group, f"{megapixels:g} MP: CPU", total[megapixels], "ms")
        least, most = MEGAPIXELS[0], MEGAPIXELS[-1]
        more = (total[most] - total[least]) / (most - least)
        yield Figure(group, "a megapixel more: CPU", more, "ms")
        for megapixels in (least, most):
            for step, spent in steps[megapixels].items():
                yield Figure(group, f"{megapixels:g} MP: {step}", spent, "ms")


def median_steps(way: str, options: masks.Options, megapixels: float) -> dict[str, float]:
    """Return the milliseconds of CPU of each step."""
    inputs = face_of(megapixels, with_map=way == WITH_MAP)
    steps_of(inputs, options)
    rounds = [steps_of(inputs, options) for _ in range(ROUNDS)]
    return {step: statistics.median(one[step] for one in rounds) for step in rounds[0]}


def face_of(megapixels: float, *, with_map: bool) -> masks.Inputs:
    """Return the sample face as a JPEG of a size, and its map in the same size."""
    photo = Image.open(FACE / "photo.png").convert("RGB")
    scale = (megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
    size = (round(photo.width * scale), round(photo.height * scale))
    jpeg, labels = io.BytesIO(), io.BytesIO()
    photo.resize(size).save(jpeg, "JPEG", quality=QUALITY)
    label_map = Image.open(FACE / "segmentation_map.png")
    label_map.resize(size, Image.Resampling.NEAREST).save(labels, "PNG")
    points = json.loads((FACE / "landmarks.json").read_text())
    landmarks = [{"x": point["x"] * scale, "y": point["y"] * scale} for point in points]
    return masks.Inputs(
        image=jpeg,
        landmarks=json.dumps(landmarks).encode(),
        segmentation_map=labels.getvalue() if with_map else None,
    )


def steps_of(inputs: masks.Inputs, options: masks.Options) -> dict[str, float]:
    """Return the milliseconds of CPU of each step of one drawing."""
    spent: dict[str, float] = defaultdict(float)
    current, since = "check", time.process_time()

    def progress(step: str, _: float) -> None:
        nonlocal current, since
        now = time.process_time()
        spent[current] += (now - since) * 1000
        current, since = step, now

    masks.draw(inputs, options, progress=progress)
    progress("", 1.0)
    return dict(spent)
