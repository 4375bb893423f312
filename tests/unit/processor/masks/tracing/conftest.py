"""What the tests of tracing draw with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
import resvg_py
from PIL import Image

from services.processor.masks.tracing import scaling

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from services.processor.masks.tracing import Outline, Tracing


@pytest.fixture(scope="session")
def raster() -> Callable[[Tracing, Outline, int], NDArray[np.bool_]]:
    """Return which pixel centres an outline covers, `scale` times enlarged."""
    return _raster


def _raster(traced: Tracing, outline: Outline, scale: int) -> NDArray[np.bool_]:
    width, height = traced.width * scale, traced.height * scale
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 '
        f'{traced.width * traced.grid} {traced.height * traced.grid}">'
        f'<path d="{outline.path(scaling(traced.grid), decimals=0)}"/></svg>'
    )
    png = resvg_py.svg_to_bytes(
        svg_string=svg, width=width, height=height, shape_rendering="crisp_edges"
    )
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA"))[..., 3] > 127
