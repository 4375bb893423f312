"""Colours of regions: one hue for each kind of region, a shade apart on the two sides.

Colours are made in OKLCH, where equal lightness looks equally light (Ottosson, "A perceptual
color space for image processing", 2020), so that no region shouts.
"""

import math
from collections.abc import Mapping
from functools import lru_cache

_HUES: Mapping[str, tuple[float, float]] = {
    # kind: hue in degrees, and how much lighter (or darker) than its theme
    "forehead": (300, 0.0),
    "glabella": (345, 0.02),
    "temple": (250, 0.01),
    "brow": (60, -0.10),
    "upper_eyelid": (185, 0.02),
    "eye": (225, 0.05),
    "iris": (255, -0.16),
    "under_eye": (95, 0.04),
    "crows_feet": (330, 0.04),
    "nose": (135, 0.01),
    "cheek": (35, 0.02),
    "upper_lip_skin": (265, 0.04),
    "upper_lip": (8, -0.04),
    "inner_mouth": (350, -0.18),
    "lower_lip": (28, 0.05),
    "marionette": (155, 0.04),
    "lower_lip_skin": (75, 0.05),
    "chin": (205, 0.0),
    "jawline": (295, 0.02),
    "chin_jaw": (205, 0.0),
    "mouth": (205, 0.0),
    "face_oval": (60, 0.06),
    "skin": (60, 0.06),
    "hair": (285, -0.12),
    "ear": (40, 0.0),
    "earring": (105, 0.05),
    "glasses": (215, -0.05),
    "neck": (85, 0.02),
    "necklace": (110, 0.05),
    "cloth": (170, -0.06),
    "hat": (240, -0.08),
}
_THEMES: Mapping[str, tuple[float, float]] = {
    # lightness and chroma
    "pastel": (0.82, 0.095),
    "vivid": (0.70, 0.165),
    "mono": (0.72, 0.0),
}
_PALE: Mapping[str, float] = {"face_oval": 0.6, "skin": 0.6, "hair": 0.8}
"""Large regions, part of whose chroma is enough."""
_LEFT_TURN, _LEFT_SHADE = 14.0, -0.025
_GOLDEN_ANGLE = 137.508
_MONO_HUE, _MONO_CHROMA, _MONO_SPREAD = 250.0, 0.015, 1.6


def color(name: str, *, theme: str, number: int) -> str:
    """Return the colour of a region as `#rrggbb`.

    Names without a hue of their own take turns about the colour circle by `number`.

    >>> color("nose", theme="vivid", number=1)
    '#72b744'
    """
    kind, is_left = _kind(name)
    hue, shade = _HUES.get(kind, (number * _GOLDEN_ANGLE % 360, 0.02))
    lightness, chroma = _THEMES[theme]
    if theme == "mono":
        step = (hue / 360 - 0.5) * 0.28
        return _hex(lightness + step + _MONO_SPREAD * shade, _MONO_CHROMA, _MONO_HUE)
    if is_left:
        hue, shade = hue + _LEFT_TURN, shade + _LEFT_SHADE
    return _hex(lightness + shade, chroma * _PALE.get(kind, 1.0), hue)


def _kind(name: str) -> tuple[str, bool]:
    for side in ("right_", "left_"):
        if name.startswith(side):
            return name.removeprefix(side), side == "left_"
    return name, False


@lru_cache(maxsize=1024)  # the few colours of the themes come again and again
def _hex(lightness: float, chroma: float, hue: float) -> str:
    """Return an OKLCH colour in sRGB, with as much of the chroma as sRGB holds."""
    turn = math.radians(hue)
    for step in range(21):
        part = chroma * (1 - step / 20)
        channels = _linear(lightness, part * math.cos(turn), part * math.sin(turn))
        if all(-1e-4 <= channel <= 1 + 1e-4 for channel in channels):  # noqa: PLR2004
            break
    return "#" + "".join(f"{round(255 * _gamma(min(max(c, 0.0), 1.0))):02x}" for c in channels)


def _linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _gamma(channel: float) -> float:
    """Return a linear channel, 0 to 1, as sRGB encodes it (IEC 61966-2-1)."""
    if channel <= 0.0031308:  # noqa: PLR2004
        return 12.92 * channel
    return float(1.055 * channel ** (1 / 2.4) - 0.055)
