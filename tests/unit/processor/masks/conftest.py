"""Faces for the tests of the mask library."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from faces import SHARED, face

from services.processor import masks
from services.processor.masks.landmarks import face as faces

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.processor.masks.landmarks.face import Face

SIZE = (512, 600)
"""Width and height of the photo of hopper."""


@pytest.fixture(scope="session")
def hopper() -> masks.Inputs:
    """A portrait with a label map, upright, 512x600."""
    found = face("hopper")
    return masks.Inputs(io.BytesIO(found.photo), found.landmarks, found.label_map)


@pytest.fixture(scope="session")
def astronaut() -> masks.Inputs:
    """A small face, with hair on the forehead, 512x512."""
    found = face("astronaut")
    return masks.Inputs(io.BytesIO(found.photo), found.landmarks, found.label_map)


@pytest.fixture(scope="session")
def qoves() -> masks.Inputs:
    """A face tilted by 22 degrees whose map is smaller than its photo, 1101x1100."""
    folder = SHARED / "qoves"
    if not folder.exists():
        pytest.skip("the sample of the first service may not be shipped and is not here")
    return masks.Inputs(
        io.BytesIO((folder / "original_image.png").read_bytes()),
        (folder / "landmarks.txt").read_bytes(),
        (folder / "segmentation_map.png").read_bytes(),
    )


@pytest.fixture(scope="session")
def hopper_face(hopper: masks.Inputs) -> Face:
    """The landmarks of hopper, in pixels."""
    return faces.read(hopper.landmarks, SIZE, masks.Options(), masks.Limits())


@pytest.fixture(scope="session")
def without_map() -> Callable[[masks.Inputs], masks.Inputs]:
    """Leave the label map out."""
    return lambda inputs: masks.Inputs(inputs.image, inputs.landmarks)


@pytest.fixture(scope="session")
def ibug_landmarks(hopper_face: Face) -> bytes:
    """68 landmarks of hopper, as JSON."""
    from services.processor.masks.landmarks.schemes import MESH_AS_IBUG  # noqa: PLC0415

    return json.dumps(hopper_face.points[list(MESH_AS_IBUG)].tolist()).encode()


@pytest.fixture(scope="session")
def wflw_landmarks(hopper_face: Face) -> bytes:
    """98 landmarks of hopper, as JSON; those between the 68 are put half way."""
    from services.processor.masks.landmarks.schemes import (  # noqa: PLC0415
        MESH_AS_IBUG,
        WFLW_AS_IBUG,
    )

    points = np.full((98, 2), np.nan)
    points[list(WFLW_AS_IBUG)] = hopper_face.points[list(MESH_AS_IBUG)]
    # What 68 points do not say: every other point of the jaw, the backs of the brows, lids, pupils.
    points[1:32:2] = (points[0:31:2] + points[2:33:2]) / 2
    down = np.array([0.0, 5.0])
    points[38:42] = points[[37, 36, 35, 34]] + down
    points[47:51] = points[[46, 45, 44, 43]] + down
    for lid, a, b in ((62, 61, 63), (66, 65, 67), (70, 69, 71), (74, 73, 75)):
        points[lid] = (points[a] + points[b]) / 2
    points[96], points[97] = points[60:68].mean(axis=0), points[68:76].mean(axis=0)
    return json.dumps(points.tolist()).encode()
