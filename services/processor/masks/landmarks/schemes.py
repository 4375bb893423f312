"""Schemes: which landmark has which number.

Numbers count from 0 and sides are the subject's. MediaPipe: `face_mesh_connections.py` of
google-ai-edge/mediapipe. iBUG: the 68-point markup of 300-W, as dlib numbers it. WFLW: the
98-point markup, as its flip pairs define it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """A scheme and what of it the library needs to find its way about a face.

    `eyes` holds the corners of the right and of the left eye; `nose_and_eyes` the areas that a
    segmentation map is compared with; `nose_tip` lies on the nose.
    """

    name: str
    count: int
    eyes: tuple[tuple[int, int], tuple[int, int]]
    nose_and_eyes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    nose_tip: int


_MESH_EYES = ((33, 133), (362, 263))
_MESH_AREAS = (
    # The nose as face parsers draw it: narrower between the eyes than the mesh's own.
    (
        *(168, 193, 245, 188, 174, 217, 126, 129, 64, 98, 97, 2, 326, 327, 294, 358, 355, 437),
        *(399, 412, 465, 417),
    ),
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
_SCHEMES = (
    Scheme("mediapipe478", 478, _MESH_EYES, _MESH_AREAS, 1),
    Scheme("mediapipe468", 468, _MESH_EYES, _MESH_AREAS, 1),
    Scheme(
        "wflw98",
        98,
        ((60, 64), (68, 72)),
        ((51, 64, 55, 56, 57, 58, 59, 68), tuple(range(60, 68)), tuple(range(68, 76))),
        54,
    ),
    Scheme(
        "ibug68",
        68,
        ((36, 39), (42, 45)),
        ((27, 39, 31, 32, 33, 34, 35, 42), tuple(range(36, 42)), tuple(range(42, 48))),
        30,
    ),
)
SCHEMES: Mapping[str, Scheme] = {scheme.name: scheme for scheme in _SCHEMES}
COUNTS: Mapping[int, Scheme] = {scheme.count: scheme for scheme in _SCHEMES}
ACCEPTED = "478, 468, 98 or 68"

MESH_AS_IBUG: tuple[int, ...] = (
    *(127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356),
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),
    *(168, 197, 5, 4, 98, 97, 2, 326, 327),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)
"""The mesh point nearest to each iBUG point. Inner lips: mirror pairs, so 82/312 and 317/87."""

WFLW_AS_IBUG: tuple[int, ...] = (
    *range(0, 33, 2),
    *range(33, 38),
    *range(42, 47),
    *range(51, 60),
    *(60, 61, 63, 64, 65, 67, 68, 69, 71, 72, 73, 75),
    *range(76, 96),
)
"""The WFLW point at the place of each iBUG point."""
