"""The pictures of the documentation: the faces that the project ships, drawn."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import resvg_py
from PIL import Image

from deploy.local.layout import REPOSITORY
from services.processor import masks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FACES = REPOSITORY / "tests" / "data" / "faces"
MAX_BYTES = 60_000
"""What a picture may weigh, so that a page with all of them opens at once."""
PANEL_PX = 400
"""Width of one drawing on screen."""
GAP_PX = 8
SLATE = (30, 41, 59)
"""Behind drawings without a photo: read as well on a light page as on a dark one."""
OUTLINE = 'stroke-width="2" stroke-dasharray="6 4"'
OUTLINE_PX = 1.4, 4.5, 3.0
"""Width of the outlines, length of their dashes and of the gaps between, on screen."""

ALONE: Mapping[str, Any] = {"region_opacity": 0.95}
OVER: Mapping[str, Any] = {"embed_image": True, "region_opacity": 0.55}
POINTS: Mapping[str, Any] = {
    "embed_image": True,
    "region_opacity": 0.0,
    "stroke_width": 0.0,
    "show_landmarks": True,
}


def pictures() -> Mapping[str, bytes]:
    """Return every picture as JPEG, by its name in `docs/images`."""
    made = {
        f"{preset.name}.jpg": beside(
            portrait("hopper", preset=preset.name, **OVER),
            portrait("hopper", preset=preset.name, show_labels=True, **ALONE),
        )
        for preset in masks.presets()
    }
    made["steps.jpg"] = beside(
        portrait("hopper", **POINTS),
        portrait("hopper", preset="map", theme="vivid", **ALONE),
        portrait("hopper", **OVER),
        panel_px=300,
    )
    made["themes.jpg"] = beside(
        *(portrait("astronaut", theme=theme, **OVER) for theme in ("pastel", "vivid", "mono")),
        panel_px=300,
    )
    return made


def portrait(name: str, **options: Any) -> Image.Image:
    """Return a face of `tests/data/faces`, upright and cropped, drawn as `options` say."""
    folder = FACES / name
    drawing = masks.draw(
        masks.Inputs(
            io.BytesIO(next(folder.glob("photo.*")).read_bytes()),
            (folder / "landmarks.json").read_bytes(),
            (folder / "segmentation_map.png").read_bytes(),
        ),
        masks.Options(upright=True, crop="face", crop_margin=0.12, **options),
    )
    # The renderer knows no strokes that keep their width, as a browser does.
    width, dash, gap = (length * drawing.width / PANEL_PX for length in OUTLINE_PX)
    drawn_outline = f'stroke-width="{width:.3f}" stroke-dasharray="{dash:.3f} {gap:.3f}"'
    svg = drawing.svg.replace(OUTLINE, drawn_outline)
    png = resvg_py.svg_to_bytes(svg_string=svg, width=2 * PANEL_PX)
    drawn = Image.open(io.BytesIO(bytes(png))).convert("RGBA")
    behind = Image.new("RGBA", drawn.size, SLATE)
    return Image.alpha_composite(behind, drawn).convert("RGB")


def beside(*panels: Image.Image, panel_px: int = PANEL_PX) -> bytes:
    """Return pictures in a row as one JPEG."""
    height = round(min(panel_px * panel.height / panel.width for panel in panels))
    shown = [panel.resize((panel_px, height), Image.Resampling.LANCZOS) for panel in panels]
    width = panel_px * len(shown) + GAP_PX * (len(shown) - 1)
    row = Image.new("RGB", (width, height), SLATE)
    for number, panel in enumerate(shown):
        row.paste(panel, (number * (panel_px + GAP_PX), 0))
    return smallest(row)


def smallest(picture: Image.Image, qualities: Sequence[int] = (88, 80, 72, 64)) -> bytes:
    """Return a JPEG of the best quality that is small enough."""
    for quality in qualities:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= MAX_BYTES:
            return out.getvalue()
    raise ValueError(f"a picture of {picture.size} has {out.tell()} bytes: expected {MAX_BYTES}")
