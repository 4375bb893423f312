"""Small photos without end, no two alike, and what a run without faults makes of them."""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache

from faces import face, heavy_png
from PIL import Image

from services.gateway.form.canonical import compact
from services.processor import masks

HOPPER = face("hopper")
SHRINK = 4
"""So small that what is tested is the suite, not the drawing."""


def files(number: int) -> dict[str, bytes]:
    """Return the parts of a form whose landmarks lie a hair's breadth from any other's."""
    landmarks = json.loads(HOPPER.landmarks)
    for point in landmarks:
        point.update({axis: round(value / SHRINK, 3) for axis, value in point.items()})
    landmarks[0]["x"] += number / 1e4
    return {"image": photo(), "landmarks": json.dumps(landmarks).encode()}


def heavy(number: int) -> dict[str, bytes]:
    """Return the same with a map so large that it takes a second to draw."""
    return files(number) | {"segmentation_map": large_map()}


def embedding(number: int) -> dict[str, bytes]:
    """Return a photo that makes a drawing of several MB when it is embedded."""
    return files(number) | {"image": heavy_png(20)}


@cache
def large_map() -> bytes:
    """Return the map in the largest size that keeps it a small file."""
    image = Image.open(io.BytesIO(HOPPER.label_map))
    out = io.BytesIO()
    image.resize((6000, 7000), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


@cache
def photo() -> bytes:
    """Return the one photo of them all."""
    image = Image.open(io.BytesIO(HOPPER.photo))
    out = io.BytesIO()
    image.resize((image.width // SHRINK, image.height // SHRINK)).save(out, "JPEG")
    return out.getvalue()


def clean_digest(number: int) -> str:
    """Return the SHA-256 of what one process draws, with no queue and no network."""
    parts = files(number)
    # The gateway hands JSON on in its one form, and ids in a drawing come of these bytes.
    inputs = masks.Inputs(io.BytesIO(parts["image"]), compact(parts["landmarks"]))
    drawing = masks.draw(inputs, masks.Options(), limits=masks.Limits())
    return hashlib.sha256(drawing.svg.encode()).hexdigest()
