"""Drawing: the steps, one after the other."""

from collections.abc import Callable

from services.processor.masks import regions
from services.processor.masks._opencv import is_out_of_memory
from services.processor.masks.drawing import Drawing
from services.processor.masks.errors import TooManyPixels
from services.processor.masks.inputs import Inputs, Limits
from services.processor.masks.options import Options
from services.processor.masks.sketch import Sketch
from services.processor.masks.steps import STEPS

Progress = Callable[[str, float], None]

_DEFAULT = Limits()


def ignore(step: str, fraction: float) -> None:
    """Take note of no progress."""


def draw(
    inputs: Inputs, options: Options, *, limits: Limits = _DEFAULT, progress: Progress = ignore
) -> Drawing:
    """Return the drawing of one face: a pure function of `inputs` and `options`.

    `progress` is called with a step's name and the fraction done, 0 to 1, as each step begins; it
    may raise to stop the drawing.

    Raises:
        MaskError: whatever `check` raises, what only pixels tell, and `TooManyPixels` where the
            process may not have the memory.
    """
    sketch = Sketch(inputs, options, limits)
    for number, step in enumerate(STEPS):
        progress(step.__name__, number / len(STEPS))
        try:
            sketch = step(sketch)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise TooManyPixels(
                "the drawing takes more memory than one task may have: send a smaller photo",
                step=step.__name__,
            ) from error
    (a, c, e), (b, d, f) = sketch.pose.matrix.tolist()
    found = tuple(placed.region for placed in sketch.regions)
    return Drawing(
        svg=sketch.svg,
        width=sketch.pose.width,
        height=sketch.pose.height,
        image_width=sketch.header.width,
        image_height=sketch.header.height,
        landmarks_count=len(sketch.face.points),
        scheme=sketch.face.scheme.name,
        units=sketch.face.units,
        label_scheme=sketch.label_map.scheme if sketch.label_map is not None else "",
        regions=found,
        contours={region.id: regions.contour(region) for region in found},
        transform=(a, c, e, b, d, f),
        warnings=sketch.warnings,
    )
