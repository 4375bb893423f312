"""What 68 points allow: everything below the brows, the brows as ribbons along their line."""

from collections.abc import Mapping

from services.processor.masks.atlas import brows
from services.processor.masks.atlas.layout import Layout
from services.processor.masks.drawing import Points
from services.processor.masks.landmarks.face import Face
from services.processor.masks.landmarks.schemes import MESH_AS_IBUG, WFLW_AS_IBUG

_ZONES: Mapping[str, tuple[int, ...]] = {
    "glabella": (21, 22, 42, 27, 39),
    "right_upper_eyelid": (17, 18, 19, 20, 21, 39, 38, 37, 36),
    "left_upper_eyelid": (45, 44, 43, 42, 22, 23, 24, 25, 26),
    "right_eye": (36, 37, 38, 39, 40, 41),
    "left_eye": (42, 43, 44, 45, 46, 47),
    "nose": (42, 35, 34, 33, 32, 31, 39, 27),
    "right_cheek": (36, 41, 40, 39, 31, 48, 4, 3, 2, 1, 0),
    "left_cheek": (16, 15, 14, 13, 12, 54, 35, 42, 47, 46, 45),
    "upper_lip_skin": (31, 32, 33, 34, 35, 54, 53, 52, 51, 50, 49, 48),
    "upper_lip": (48, 49, 50, 51, 52, 53, 54, 64, 63, 62, 61, 60),
    "inner_mouth": (60, 61, 62, 63, 64, 65, 66, 67),
    "lower_lip": (48, 60, 67, 66, 65, 64, 54, 55, 56, 57, 58, 59),
    "chin_jaw": (48, 59, 58, 57, 56, 55, 54, 12, 11, 10, 9, 8, 7, 6, 5, 4),
}
NAMES = ("right_brow", "left_brow", *_ZONES)
_RIGHT_LINE, _LEFT_LINE = (17, 18, 19, 20, 21), (22, 23, 24, 25, 26)
_BELOW_THE_LINES: Mapping[str, tuple[int, ...]] = {
    "mediapipe": (46, 53, 52, 65, 55, 285, 295, 282, 283, 276),
    "wflw98": (33, 41, 40, 39, 38, 50, 49, 48, 47, 46),
}
"""Points of a brow's lower edge, each below one of 17 to 26. What schemes with more points have for
those lies on the upper edge; 33 and 46 of WFLW are the tips, on both."""


def layout(face: Face) -> Layout:
    """Return the zones of `face`, any of whose schemes holds the 68 points."""
    points = _as_ibug(face)
    points, right, left = brows.ribbons(points, _RIGHT_LINE, _LEFT_LINE)
    # The brow's lower edge stands for its line wherever a zone ends at the brow.
    line = dict(zip((*_RIGHT_LINE, *_LEFT_LINE), (*right[:4:-1], *left[:4:-1]), strict=True))
    rings = {
        "right_brow": right,
        "left_brow": left,
        **{name: tuple(line.get(k, k) for k in ring) for name, ring in _ZONES.items()},
    }
    return Layout(points, rings, follows_features=True)


def _as_ibug(face: Face) -> Points:
    """Return the 68 points of `face`, lines of brows along their middle."""
    if face.scheme.name == "ibug68":
        return face.points
    is_wflw = face.scheme.name == "wflw98"
    points = face.points[list(WFLW_AS_IBUG if is_wflw else MESH_AS_IBUG)]
    below = face.points[list(_BELOW_THE_LINES["wflw98" if is_wflw else "mediapipe"])]
    line = [*_RIGHT_LINE, *_LEFT_LINE]
    points[line] = (points[line] + below) / 2
    return points
