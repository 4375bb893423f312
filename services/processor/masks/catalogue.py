"""The catalogue: what can be drawn, for those who ask before they send a photo."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.processor.masks import palette
from services.processor.masks.atlas import presets as atlas
from services.processor.masks.labels import schemes

_VIEWER = {"left": "right", "right": "left", "center": "center"}


@dataclass(frozen=True)
class PresetRegion:
    """One region of a preset, its sides, and its colour in the default theme."""

    name: str
    side: str
    viewer_side: str
    color: str


@dataclass(frozen=True)
class Preset:
    """A named set of regions; `description` is one sentence."""

    name: str
    description: str
    regions: tuple[PresetRegion, ...]


def presets() -> tuple[Preset, ...]:
    """Return the presets, the default first; `map` with every name that a label can have."""
    drawn = [
        Preset(chosen.name, chosen.description, _regions(chosen.name, chosen.regions))
        for chosen in atlas.SETS.values()
    ]
    names = dict.fromkeys(name for scheme in schemes.SCHEMES.values() for name in scheme)
    names.pop("background")
    return (
        *drawn,
        Preset("map", "Every label of the segmentation map.", _regions("map", names)),
    )


def _regions(preset: str, names: Iterable[str]) -> tuple[PresetRegion, ...]:
    found = []
    for number, name in enumerate(names, 1):
        side = atlas.side(name, preset)
        color = palette.color(name, theme="pastel", number=number)
        found.append(PresetRegion(name, side, _VIEWER[side], color))
    return tuple(found)
