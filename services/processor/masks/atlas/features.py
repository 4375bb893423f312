"""The features of a face: brows, eyes, irises, nose and lips, and the face around them."""

from collections.abc import Mapping

from services.processor.masks.atlas import brows, iris
from services.processor.masks.atlas.layout import Layout
from services.processor.masks.atlas.zones27 import OVAL, ZONES
from services.processor.masks.landmarks.face import Face

NAMES = (
    *("face_oval", "right_brow", "left_brow", "right_eye", "left_eye", "right_iris", "left_iris"),
    *("nose", "upper_lip", "inner_mouth", "lower_lip"),
)
_INSIDE_FACE = (
    *("right_brow", "left_brow", "right_eye", "left_eye", "nose"),
    *("upper_lip", "inner_mouth", "lower_lip"),
)
_NO_IRIS = 468
"""Points of the mesh without irises."""

_MESH: Mapping[str, tuple[int, ...]] = {
    "face_oval": OVAL,
    **{name: ZONES[name] for name in NAMES if name in ZONES},
}
_WFLW: Mapping[str, tuple[int, ...]] = {
    "face_oval": (*range(32, -1, -1), 33, 34, 35, 36, 37, 42, 43, 44, 45, 46),
    "right_brow": (*range(33, 42),),
    "left_brow": (*range(42, 51),),
    "right_eye": (*range(60, 68),),
    "left_eye": (*range(68, 76),),
    "nose": (51, 68, 59, 58, 57, 56, 55, 64),
    "upper_lip": (*range(76, 83), 92, 91, 90, 89, 88),
    "inner_mouth": (*range(88, 96),),
    "lower_lip": (76, 88, 95, 94, 93, 92, *range(82, 88)),
}
_IBUG: Mapping[str, tuple[int, ...]] = {
    "right_eye": (*range(36, 42),),
    "left_eye": (*range(42, 48),),
    "nose": (42, 35, 34, 33, 32, 31, 39, 27),
    "upper_lip": (*range(48, 55), 64, 63, 62, 61, 60),
    "inner_mouth": (*range(60, 68),),
    "lower_lip": (48, 60, 67, 66, 65, 64, *range(54, 60)),
}


def layout(face: Face) -> Layout:
    """Return the features that the scheme of `face` has: irises need 478 points."""
    if face.scheme.count == len(_WFLW_POINTS):
        return _cut(Layout(face.points, dict(_WFLW), follows_features=True))
    if face.scheme.name == "ibug68":
        points, right, left = brows.ribbons(face.points, (17, 18, 19, 20, 21), (22, 23, 24, 25, 26))
        jaw = tuple(range(16, -1, -1))
        rings = {
            "face_oval": (*jaw, *right[:5], *left[:5]),
            "right_brow": right,
            "left_brow": left,
            **_IBUG,
        }
        return _cut(Layout(points, rings, follows_features=True))
    whole = _cut(Layout(face.points, dict(_MESH), follows_features=True))
    if face.scheme.count == _NO_IRIS:
        return whole
    return iris.add(
        iris.add(whole, "right", (468, 469, 470, 471, 472)), "left", (473, 474, 475, 476, 477)
    )


_WFLW_POINTS = range(98)


def _cut(whole: Layout) -> Layout:
    """Return the layout in drawing order, with the features taken out of the face."""
    return Layout(
        whole.points,
        {name: whole.rings[name] for name in NAMES if name in whole.rings},
        {"face_oval": tuple(name for name in _INSIDE_FACE if name in whole.rings)},
        follows_features=whole.follows_features,
    )
