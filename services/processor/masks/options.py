"""How a face is drawn: the options, their defaults and their bounds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from services.processor.masks.errors import InvalidOption

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
"""What a region may be called."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """One field for each drawing option, with its default.

    Building one checks nothing: `validate` does.
    """

    preset: str = "zones27"
    regions: tuple[str, ...] = ()
    scheme: str = "auto"
    units: str = "auto"
    face_index: int = 0
    label_scheme: str = "auto"
    label_table: tuple[str, ...] = ()
    trace: str = "smooth"
    min_area: int = 0
    show_landmarks: bool = False
    show_labels: bool = False
    region_opacity: float = 0.7
    stroke_width: float = 2.0
    embed_image: bool = False
    upright: bool = False
    crop: str = "none"
    crop_margin: float = 0.1
    theme: str = "pastel"
    colors: tuple[str, ...] = ()
    id_prefix: str = ""
    lossy_map: bool = False
    ignore_exif: bool = False

    @property
    def needs_pixels(self) -> bool:
        """Whether the drawing needs more of the photo than its header."""
        return self.embed_image


CHOICES: Mapping[str, tuple[str, ...]] = {
    "preset": ("zones27", "features", "qoves5", "ibug68", "map"),
    "scheme": ("auto", "mediapipe478", "mediapipe468", "ibug68", "wflw98"),
    "units": ("auto", "pixels", "normalized"),
    "label_scheme": ("auto", "lapa11", "bisenet19", "celebamask19", "custom"),
    "trace": ("exact", "polygon", "smooth"),
    "crop": ("none", "face"),
    "theme": ("pastel", "vivid", "mono"),
}
RANGES: Mapping[str, tuple[float, float]] = {
    "face_index": (0, 99),
    "min_area": (0, 1_000_000),
    "region_opacity": (0, 1),
    "stroke_width": (0, 20),
    "crop_margin": (0, 1),
}
PATTERNS: Mapping[str, tuple[str, str, int]] = {
    "regions": (NAME.pattern, "a region's name", 128),
    "label_table": (
        rf"([0-9]{{1,5}}|#[0-9A-Fa-f]{{6}})={NAME.pattern}",
        "value=name or #rrggbb=name",
        256,
    ),
    "colors": (rf"{NAME.pattern}=#[0-9A-Fa-f]{{6}}", "name=#rrggbb", 128),
    "id_prefix": (
        r"([A-Za-z][A-Za-z0-9_-]{0,31})?",
        "a letter, then up to 31 letters, digits, _ or -",
        32,
    ),
}


def validate(options: Options) -> None:
    """Raise `InvalidOption` for the first option that is out of bounds, naming it."""
    for field in fields(options):
        name, value = field.name, getattr(options, field.name)
        if not _is_of_kind(value, field.default):
            _refuse(name, value, f"expected {_kind(field.default)}")
        if name in CHOICES and value not in CHOICES[name]:
            _refuse(name, value, f"expected one of {', '.join(CHOICES[name])}")
        if name in RANGES and not RANGES[name][0] <= value <= RANGES[name][1]:
            _refuse(name, value, f"expected {RANGES[name][0]:g} to {RANGES[name][1]:g}")
        if name in PATTERNS:
            _match(name, value)


def _match(name: str, value: str | tuple[str, ...]) -> None:
    pattern, meaning, most = PATTERNS[name]
    texts = (value,) if isinstance(value, str) else value
    if len(texts) > most:
        _refuse(name, len(texts), f"expected at most {most} elements")
    for text in texts:
        if not re.fullmatch(pattern, text):
            _refuse(name, text, f"expected {meaning}")


def _is_of_kind(value: Any, default: Any) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, int):
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(default, tuple):
        return isinstance(value, tuple) and all(isinstance(text, str) for text in value)
    return isinstance(value, str)


def _kind(default: Any) -> str:
    kinds = {bool: "true or false", float: "a number", int: "a whole number", tuple: "texts"}
    return kinds.get(type(default), "text")


def _refuse(option: str, value: object, right: str) -> None:
    shown = str(value)[:80]
    raise InvalidOption(f"{option} is {shown!r}: {right}", option=option, value=shown)
