"""Drawing one photo, with a progress bar."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from facesvg_client.cli import printing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facesvg_client import Client, Drawing, Task
    from facesvg_client.cli.door import Door
    from facesvg_client.cli.pairs import Pair

STDOUT = Path("-")


def draw_one(client: Client, pair: Pair, options: Mapping[str, Any], door: Door) -> None:
    """Draw a photo, write its SVG, and say what came of it."""
    with bar() as progress:
        task_id = progress.add_task("looking for a drawing", total=100)

        def follow(task: Task) -> None:
            step = (task.step or task.status.lower()).replace("_", " ")
            progress.update(task_id, completed=task.progress, description=step, refresh=True)

        drawing = client.draw(
            pair.photo, pair.landmarks, pair.segmentation_map, progress=follow, **options
        )
    if pair.drawing == STDOUT:
        sys.stdout.write(drawing.svg)
    else:
        drawing.save(pair.drawing)
    if door.as_json and pair.drawing != STDOUT:
        printing.record(report(pair, drawing))
    else:
        printing.notes.print(summary(pair, drawing))
        for warning in drawing.warnings:
            printing.notes.print(Text(f"  {warning}", "yellow"))


def bar() -> Progress:
    """Return a progress bar that leaves nothing behind; off a terminal, none."""
    return Progress(
        # The words last, so that the bar stays where it is while they change.
        printing.bar(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.description}", style="dim"),
        console=printing.notes,
        transient=True,
        disable=not printing.notes.is_terminal,
    )


def summary(pair: Pair, drawing: Drawing) -> Text:
    """Return one line on a drawing."""
    place = "stdout" if pair.drawing == STDOUT else str(pair.drawing)
    how = (
        f"from the cache ({drawing.cache_match.lower()})"
        if drawing.cache_hit
        else f"drawn in {drawing.processing_time_ms} ms"
    )
    size = f"{drawing.width:g} x {drawing.height:g}"
    return Text.assemble((place, "bold"), f": {len(drawing.regions)} regions, {size}, {how}")


def report(pair: Pair, drawing: Drawing) -> dict[str, Any]:
    """Return what a script is told of a drawing: all but its document and outlines."""
    regions = [
        {"name": region.name, "side": region.side, "area": region.area}
        for region in drawing.regions
    ]
    return {
        "photo": str(pair.photo),
        "drawing": str(pair.drawing),
        "task_id": drawing.task_id,
        "input_hash": drawing.input_hash,
        "cache_match": drawing.cache_match,
        "processing_time_ms": drawing.processing_time_ms,
        "width": drawing.width,
        "height": drawing.height,
        "warnings": list(drawing.warnings),
        "regions": regions,
    }
