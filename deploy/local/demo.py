"""Draws one face through the whole stack and leaves the result to look at."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import resvg_py
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local import console
from deploy.local.errors import StackError
from deploy.local.layout import REPOSITORY

if TYPE_CHECKING:
    from deploy.local.rest import Rest

FACE = REPOSITORY / "tests" / "data" / "faces" / "hopper"
SUBMIT = "/api/v1/frontal/crop/submit?embed_image=true"
PNG_WIDTH = 1024


class DrawingFailed(StackError):
    """The suite could not draw the face."""

    def __init__(self, task: dict[str, Any]) -> None:
        error = task.get("error") or {}
        super().__init__(
            f"the drawing ended in {task.get('status')}: {error.get('message', 'no reason given')}",
            task_id=task.get("task_id"),
            status=task.get("status"),
        )


def show(rest: Rest, out: Path) -> None:
    """Submit the face, follow the drawing, write `demo.svg` and `demo.png` into `out`."""
    files = {
        "image": FACE / "photo.jpg",
        "landmarks": FACE / "landmarks.json",
        "segmentation_map": FACE / "segmentation_map.png",
    }
    began = time.perf_counter()
    accepted = rest.submit(SUBMIT, files)
    submitted = time.perf_counter()
    task = accepted if accepted["cache_hit"] else followed(rest, accepted["task_id"])
    drawn = time.perf_counter()
    svg = rest.get(f"/api/v1/frontal/crop/svg/{accepted['task_id']}")
    ended = time.perf_counter()

    out.mkdir(parents=True, exist_ok=True)
    (out / "demo.svg").write_bytes(svg)
    (out / "demo.png").write_bytes(picture(svg))
    for name in ("demo.svg", "demo.png"):
        size = (out / name).stat().st_size / 1000
        console.out.print(f"{shown(out / name)}  [dim]{size:.0f} kB[/]")
    console.out.print(
        f"\nsubmit {ms(submitted - began)}, "
        + (
            "a [green]cache hit[/]: drawn before"
            if accepted["cache_hit"]
            else f"draw {task.get('processing_time_ms', 0)} ms, done after {ms(drawn - began)}"
        )
        + f", SVG in hand after {ms(ended - began)}"
    )


def followed(rest: Rest, task_id: str) -> dict[str, Any]:
    """Show a task's progress until it is final, and return it; raises `DrawingFailed`."""
    task: dict[str, Any] = {}
    columns = (TextColumn("drawing"), BarColumn(), TextColumn("{task.fields[step]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console.err, transient=True) as bar:
        shown_task = bar.add_task("", total=100, step="")
        for task in rest.events(f"/api/v1/frontal/crop/watch/{task_id}"):
            bar.update(shown_task, completed=task["progress"], step=task["step"])
    if task.get("status") != "SUCCESS":
        raise DrawingFailed(task)
    return task


def picture(svg: bytes) -> bytes:
    """Return an SVG as a PNG."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg.decode(), width=PNG_WIDTH))


def shown(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def ms(seconds: float) -> str:
    """Return a time span in milliseconds."""
    return f"{seconds * 1000:.0f} ms"
