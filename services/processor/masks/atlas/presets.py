"""The presets: named sets of regions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.processor.masks import hairline
from services.processor.masks.atlas import features, ibug68, qoves5, zones27
from services.processor.masks.atlas.layout import Layout
from services.processor.masks.errors import UnknownRegion
from services.processor.masks.landmarks.face import Face

_MESH = ("mediapipe478", "mediapipe468")
_ANY = (*_MESH, "wflw98", "ibug68")


@dataclass(frozen=True)
class Set:
    """One preset: its regions in drawing order, and the schemes of landmarks that hold them."""

    name: str
    description: str
    regions: tuple[str, ...]
    schemes: tuple[str, ...]
    layout: Callable[[Face], Layout]


def _zones27(face: Face) -> Layout:
    return Layout(face.points, zones27.ZONES, is_dense=True, follows_features=True)


def _qoves5(face: Face) -> Layout:
    return Layout(face.points, qoves5.ZONES)


SETS: Mapping[str, Set] = {
    chosen.name: chosen
    for chosen in (
        Set(
            "zones27",
            "Divides the face into 27 zones without gap or overlap.",
            (*zones27.ZONES,),
            _MESH,
            _zones27,
        ),
        Set(
            "features",
            "Brows, eyes, irises, nose and lips, and the face around them.",
            features.NAMES,
            _ANY,
            features.layout,
        ),
        Set(
            "qoves5",
            "Five zones; left and right in their names are the viewer's.",
            (*qoves5.ZONES,),
            _MESH,
            _qoves5,
        ),
        Set(
            "ibug68",
            "What 68 landmarks allow: the face below the brows.",
            ibug68.NAMES,
            _ANY,
            ibug68.layout,
        ),
    )
}


def layout(preset: str, face: Face, *, has_map: bool) -> Layout:
    """Return the regions of `preset` on `face`; without a map foreheads end at a guess.

    Raises:
        UnknownRegion: the landmarks do not have what the preset needs.
    """
    chosen = SETS[preset]
    if face.scheme.name not in chosen.schemes:
        raise UnknownRegion(
            f"preset {preset} needs {' or '.join(chosen.schemes)} landmarks, found "
            f"{face.scheme.name}: expected preset features or ibug68",
            preset=preset,
            scheme=face.scheme.name,
        )
    found = chosen.layout(face)
    is_mesh = face.scheme.name in _MESH and preset != "ibug68"
    return hairline.lifted(found) if is_mesh and not has_map else found


def fallback(preset: str, face: Face) -> str:
    """Return the preset to draw: the default's nearest kin where landmarks are too few for it."""
    return "ibug68" if preset == "zones27" and face.scheme.name not in _MESH else preset


def side(name: str, preset: str) -> str:
    """Return the subject's side of a region: left, right or center."""
    if preset == "qoves5" and name in qoves5.SIDES:
        return qoves5.SIDES[name]
    return next((side for side in ("right", "left") if name.startswith(f"{side}_")), "center")
