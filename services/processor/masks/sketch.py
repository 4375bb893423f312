"""A sketch: what is known of a drawing so far. Each step returns one that knows more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from services.photo import Header
from services.processor.masks.atlas.layout import Layout
from services.processor.masks.drawing import Points
from services.processor.masks.inputs import Inputs, Limits
from services.processor.masks.labels.label_map import LabelMap
from services.processor.masks.landmarks.face import Face
from services.processor.masks.options import Options
from services.processor.masks.pose import Pose
from services.processor.masks.regions import Placed
from services.processor.masks.shapes import Shapes

_LATER: Any = None
"""Found by a step before any other asks for it."""


@dataclass(frozen=True, eq=False)
class Sketch:
    """What goes in, and below it what each step has found, in the order of the steps."""

    inputs: Inputs
    options: Options
    limits: Limits
    warnings: tuple[str, ...] = ()

    header: Header = _LATER
    face: Face = _LATER
    label_map: LabelMap | None = None
    layout: Layout | None = None
    preset: str = ""
    sides: Mapping[str, str] = field(default_factory=dict)
    shapes: Shapes = _LATER
    pose: Pose = _LATER
    id_prefix: str = ""
    places: int = 2
    regions: Sequence[Placed] = ()
    landmarks: Points = field(default_factory=lambda: np.empty((0, 2)))
    photo: bytes | None = None
    svg: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Return the upright photo's width and height in pixels."""
        return self.header.width, self.header.height

    def knowing(self, *, warnings: Sequence[str] = (), **found: Any) -> "Sketch":
        """Return this sketch with `found`, and `warnings` behind those it has."""
        return replace(self, warnings=(*self.warnings, *warnings), **found)
