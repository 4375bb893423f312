"""Other programs that turn a label map into SVG paths, each called as its makers mean it to be.

What they need as input is made beforehand and not timed. The background, label 0, is left out.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import cv2
import numpy as np
from score import Drawn, Path

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Labels = NDArray[np.integer]
    Prepared = Callable[[], str | list[str]]
    Read = Callable[[str | list[str]], Drawn]

_POTRACE = ["potrace", "-b", "svg", "--flat", "-u", "10", "-t", "2", "-O", "0.2"]
_VTRACER = {
    "img_format": "png",
    "hierarchical": "cutout",
    "mode": "polygon",
    "filter_speckle": 4,
    "color_precision": 8,
    "layer_difference": 0,
    "path_precision": 1,
}


def missing() -> list[str]:
    """Return the rivals that are not installed."""
    absent = [] if shutil.which("potrace") else ["potrace"]
    return absent + ([] if importlib.util.find_spec("vtracer") else ["vtracer"])


class Potrace:
    """Potrace, one run for each label."""

    def __init__(self, labels: Labels, *, corners: bool) -> None:
        height, width = labels.shape
        self._view_box = f"0 0 {width} {height}"
        self._command = [*_POTRACE, *(["-a", "0"] if corners else []), "-o", "-", "-"]
        self._bitmaps = {
            label: b"P4\n%d %d\n" % (width, height) + np.packbits(labels == label, axis=1).tobytes()
            for label in np.unique(labels[labels > 0]).tolist()
        }

    def run(self) -> dict[int, str]:
        """Return one SVG file by label."""
        return {
            label: subprocess.run(
                self._command, input=bitmap, capture_output=True, check=True
            ).stdout.decode()
            for label, bitmap in self._bitmaps.items()
        }

    def read(self, files: dict[int, str]) -> Drawn:
        """Return what the files draw."""
        paths = {}
        for label, svg in files.items():
            transform = re.search(r'<g transform="([^"]*)"', svg)
            data = re.findall(r'<path d="([^"]*)"', svg)
            paths[label] = [Path(one, transform[1] if transform else "") for one in data]
        return Drawn(self._view_box, paths)


class Vtracer:
    """Vtracer, cutting regions out of one another, on a map coloured for it."""

    def __init__(self, labels: Labels) -> None:
        height, width = labels.shape
        self._view_box = f"0 0 {width} {height}"
        values = np.unique(labels).tolist()
        # Colours as far apart as they can be: vtracer joins like ones.
        hues = np.linspace(0, 179, len(values), endpoint=False)
        shades = 255 - 90 * (np.arange(len(values)) % 2)
        hsv = np.stack([hues, np.full(len(values), 255), shades], axis=-1).astype(np.uint8)
        spread = cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0]
        self._colors = spread.astype(int)
        self._values = values
        colors = np.zeros((values[-1] + 1, 3), np.uint8)
        colors[values] = spread
        self._png = cv2.imencode(".png", colors[labels][..., ::-1])[1].tobytes()

    def run(self) -> str:
        """Return the SVG file."""
        import vtracer  # noqa: PLC0415 - may not be installed

        svg: str = vtracer.convert_raw_image_to_svg(self._png, **_VTRACER)
        return svg

    def read(self, svg: str) -> Drawn:
        """Return what the file draws, by the nearest colour: vtracer averages them a little."""
        paths: dict[int, list[Path]] = {}
        found = re.findall(r'<path d="([^"]*)" fill="#([^"]*)" transform="([^"]*)"', svg)
        for data, color, transform in found:
            difference = np.abs(self._colors - list(bytes.fromhex(color))).sum(axis=1)
            label = self._values[int(difference.argmin())]
            if label:
                paths.setdefault(label, []).append(Path(data.strip(), transform))
        return Drawn(self._view_box, paths)


class Contours:
    """OpenCV's contours through pixel centres, simplified by a pixel: what most programs do."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def run(self) -> dict[int, str]:
        """Return path data by label."""
        paths = {}
        for label in np.unique(self._labels[self._labels > 0]).tolist():
            mask = (self._labels == label).astype(np.uint8)
            contours, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
            rings = [cv2.approxPolyDP(ring, 1.0, closed=True)[:, 0].tolist() for ring in contours]
            paths[label] = "".join(
                "M" + "L".join(f"{x} {y}" for x, y in ring) + "z" for ring in rings
            )
        return paths

    def read(self, paths: dict[int, str]) -> Drawn:
        """Return the paths; the centre of the first pixel is half a pixel from the corner."""
        height, width = self._labels.shape
        return Drawn(f"-.5 -.5 {width} {height}", {k: [Path(v)] for k, v in paths.items()})
