"""Draw every preset over the sample faces, for a reviewer's eye.

    python tests/bench/draw/report.py [--out out/report]

Writes `index.html` with each drawing as SVG over its photo, and a PNG of each beside it.
"""

from __future__ import annotations

import argparse
import html
import sys
from pathlib import Path

import resvg_py
from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent))

from samples import samples

from services.processor import masks
from services.processor.masks.options import CHOICES

_WIDTH_PX = 900
_STROKE_PX = 2.0, 6.0, 4.0
"""Width of the outlines, length of their dashes and of the gaps between."""
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; }
section { display: grid; gap: 1.5rem; }
section { grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); }
figure { margin: 0; } figure img { width: 100%; border-radius: 6px; }
figcaption { color: #4b5563; } .warning { color: #b45309; }
"""


def main() -> None:
    """Write the report and say where."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("out/report"))
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    sections = []
    for preset in CHOICES["preset"]:
        figures = [
            figure(out, preset, name, inputs)
            for name, inputs in samples().items()
            if preset != "map" or inputs.segmentation_map is not None
        ]
        sections.append(f"<h2>{preset}</h2><section>{''.join(figures)}</section>")
    themes = [
        figure(out, "zones27", f"{name}", inputs, theme=theme)
        for theme in CHOICES["theme"]
        for name, inputs in samples().items()
        if name == "hopper with map"
    ]
    sections.append(f"<h2>themes</h2><section>{''.join(themes)}</section>")
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Drawings</title>'
        f"<style>{_STYLE}</style><h1>Drawings</h1>{''.join(sections)}</html>\n"
    )
    (out / "index.html").write_text(page, encoding="utf-8")
    Console().print(out / "index.html")


def figure(out: Path, preset: str, name: str, inputs: masks.Inputs, theme: str = "pastel") -> str:
    """Draw one face, write its SVG and PNG, and return what shows them."""
    drawing = masks.draw(
        inputs,
        masks.Options(
            preset=preset,
            theme=theme,
            embed_image=True,
            upright=True,
            crop="face",
            crop_margin=0.12,
            show_labels=True,
        ),
    )
    stem = f"{preset}-{name}-{theme}".replace(" ", "-")
    (out / f"{stem}.svg").write_text(drawing.svg, encoding="utf-8")
    (out / f"{stem}.png").write_bytes(raster(drawing))
    names = ", ".join(f"{region.id}&nbsp;{html.escape(region.name)}" for region in drawing.regions)
    warnings = "".join(f'<p class="warning">{html.escape(text)}</p>' for text in drawing.warnings)
    return (
        f'<figure><img src="{stem}.svg" alt=""><figcaption><b>{html.escape(name)}</b>, {theme}, '
        f"{len(drawing.svg) / 1024:.0f} KiB ({names}){warnings}</figcaption></figure>"
    )


def raster(drawing: masks.Drawing) -> bytes:
    """Return the drawing as a PNG of the width that a screen gives it.

    The renderer knows no strokes that keep their width, as a browser does: theirs is set here.
    """
    width, dash, gap = (size * drawing.width / _WIDTH_PX for size in _STROKE_PX)
    svg = drawing.svg.replace(
        'stroke-width="2" stroke-dasharray="6 4"',
        f'stroke-width="{width:.3f}" stroke-dasharray="{dash:.3f} {gap:.3f}"',
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=_WIDTH_PX))


if __name__ == "__main__":
    main()
