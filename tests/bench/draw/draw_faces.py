"""Measure how long a drawing takes, step by step.

    python tests/bench/draw/draw_faces.py [--rounds 15] [--preset zones27] [--out FILE.json]

Prints milliseconds of processor time for the sample faces, each step's best of all rounds: what
else the machine does changes them little. Faces take turns, so that none has a quieter machine.
They are added, as "steps", to the figures that `trace_maps.py` left in the file.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import pairwise
from pathlib import Path

import cv2
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent))

from samples import samples

from services.processor import masks
from services.processor.masks.steps import STEPS

Times = dict[str, float]
_OUT = Path(__file__).resolve().parents[3] / "out/bench-draw.json"


def main() -> None:
    """Draw each sample with and without its map, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--preset", default="zones27", help="or map, features, qoves5, ibug68")
    parser.add_argument("--trace", default="smooth", help="or polygon, exact")
    parser.add_argument("--out", type=Path, default=_OUT)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    options = masks.Options(preset=arguments.preset, trace=arguments.trace)
    best: dict[str, Times] = {}
    for _ in range(arguments.rounds):
        for name, inputs in samples().items():
            if options.preset == "map" and inputs.segmentation_map is None:
                continue
            times = timed(inputs, options)
            found = best.setdefault(name, times)
            best[name] = {step: min(found[step], times[step]) for step in times}
    Console().print(table(best, f"{options.preset}, {options.trace}"))
    out: Path = arguments.out
    out.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    known["steps"] = {
        name: {step: round(ms, 2) for step, ms in times.items()} for name, times in best.items()
    }
    out.write_text(json.dumps(known, indent=1), encoding="utf-8")


def timed(inputs: masks.Inputs, options: masks.Options) -> Times:
    """Return the milliseconds of processor time that each step and the whole drawing took."""
    marks: list[tuple[str, float]] = []
    masks.draw(inputs, options, progress=lambda step, _: marks.append((step, time.process_time())))
    marks.append(("", time.process_time()))
    steps = {step: (end - start) * 1e3 for (step, start), (_, end) in pairwise(marks)}
    return {**steps, "whole": (marks[-1][1] - marks[0][1]) * 1e3}


def table(best: dict[str, Times], title: str) -> Table:
    """Return the table of all steps and faces."""
    found = Table("step", *best, title=f"{title}: milliseconds of processor time, best of all")
    for step in (*(step.__name__ for step in STEPS), "whole"):
        found.add_row(step, *(f"{times[step]:.1f}" for times in best.values()))
    return found


if __name__ == "__main__":
    main()
