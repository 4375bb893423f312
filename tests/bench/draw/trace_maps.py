"""Measure the tracer against other programs: time, size and fidelity.

    python tests/bench/draw/trace_maps.py [--rounds 9] [--out out/bench-draw.json] [MAP.png ...]

Prints one table for each label map. Everybody traces in turns, in one run, so that the ratios hold
on a busy machine; times are medians, and ratios medians of each turn's. Ours include making the
path data; of the others, what they need as input is made beforehand. Maps are those of the sample
faces, zones composed at photo size, and whatever is given.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path as File
from statistics import median
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(File(__file__).resolve().parent))

from rivals import Contours, Potrace, Vtracer, missing
from score import Drawn, Path, score

from services.processor.masks.tracing import TRACE_MODES, path, scaling, trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOT = File(__file__).resolve().parents[3]
_FACES = {
    "hopper": _ROOT / "tests/data/faces/hopper/segmentation_map.png",
    "astronaut": _ROOT / "tests/data/faces/astronaut/segmentation_map.png",
    # May not be shipped: measured where it is present.
    "qoves": _ROOT.parent / "shared/data/qoves/segmentation_map.png",
}
_ANCHOR = "potrace -a 0"


class Ours:
    """The project's own tracer."""

    def __init__(self, labels: NDArray[np.integer], mode: str) -> None:
        self._labels = labels
        self._mode = mode

    def run(self) -> tuple[int, dict[int, str]]:
        """Return the grid and path data by label."""
        traced = trace(self._labels, mode=self._mode)
        outlines = [outline for label, outline in traced.outlines.items() if label]
        written = path.write_each(
            [[ring.chain for ring in outline.rings] for outline in outlines],
            matrix=scaling(traced.grid),
            decimals=0,
        )
        labels = [outline.label for outline in outlines]
        return traced.grid, dict(zip(labels, written, strict=True))

    def read(self, made: tuple[int, dict[int, str]]) -> Drawn:
        """Return what the paths draw."""
        grid, paths = made
        height, width = self._labels.shape
        view_box = f"0 0 {width * grid} {height * grid}"
        return Drawn(view_box, {label: [Path(data)] for label, data in paths.items()})


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("maps", nargs="*", type=File)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--out", type=File, default=_ROOT / "out/bench-draw.json")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    console = Console(width=120)
    for rival in missing():
        console.print(f"{rival} is not installed: its rows are missing")
    results = {}
    for name, labels in maps(arguments.maps).items():
        results[name] = measure(labels, arguments.rounds)
        console.print(table(name, results[name]))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(results, indent=1), encoding="utf-8")


def maps(given: list[File]) -> dict[str, NDArray[np.uint8]]:
    """Return the label maps by name: those given, or all that are here."""
    files = {file.stem: file for file in given} or _FACES
    found = {
        name: np.array(Image.open(file), np.uint8) for name, file in files.items() if file.exists()
    }
    return found if given else {**found, "mosaic": mosaic()}


def mosaic(*, height: int = 1100, width: int = 1101, regions: int = 40) -> NDArray[np.uint8]:
    """Return a map of zones with curved borders inside an oval, 0 outside: as faces are drawn."""
    rng = np.random.default_rng(27)
    y, x = np.indices((height, width)).astype(np.float32)
    bend = [cv2.GaussianBlur(rng.normal(0, 900, (height, width)), (0, 0), 30) for _ in range(2)]
    seeds = rng.uniform(0.15, 0.85, (regions, 2)) * (width, height)
    distance = [(x + bend[0] - cx) ** 2 + (y + bend[1] - cy) ** 2 for cx, cy in seeds]
    zones = np.argmin(distance, axis=0) + 1
    oval = ((x / width - 0.5) / 0.38) ** 2 + ((y / height - 0.5) / 0.46) ** 2 < 1
    return np.where(oval, zones, 0).astype(np.uint8)


def measure(
    labels: NDArray[np.uint8], rounds: int, *, is_scored: bool = True
) -> dict[str, dict[str, Any]]:
    """Return time, ratio and, which takes the longest, score by method."""
    methods: dict[str, Any] = {f"ours {mode}": Ours(labels, mode) for mode in TRACE_MODES}
    if "potrace" not in missing():
        methods |= {
            _ANCHOR: Potrace(labels, corners=True),
            "potrace": Potrace(labels, corners=False),
        }
    if "vtracer" not in missing():
        methods["vtracer cutout polygon"] = Vtracer(labels)
    methods["contours, simplified"] = Contours(labels)
    made = {name: method.run() for name, method in methods.items()}
    times: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(rounds):
        for name, method in methods.items():
            begin = time.perf_counter()
            method.run()
            times[name].append(time.perf_counter() - begin)
    anchor = times.get(_ANCHOR)
    return {
        name: {
            "ms": round(median(times[name]) * 1000, 1),
            "ratio": round(median(np.divide(times[name], anchor)), 2) if anchor else None,
            **(asdict(score(method.read(made[name]), labels)) if is_scored else {}),
        }
        for name, method in methods.items()
    }


def table(name: str, rows: dict[str, dict[str, Any]]) -> Table:
    """Return the table of one map."""
    heads = ["ms", f"of {_ANCHOR}", "mean IoU", "min IoU", "label", "gap", "overlap", "nodes", "B"]
    made = Table(title=name, title_justify="left")
    made.add_column("method")
    for head in heads:
        made.add_column(head, justify="right")
    for method, row in rows.items():
        made.add_row(method, *[str(value) for value in row.values()])
    return made


if __name__ == "__main__":
    main()
