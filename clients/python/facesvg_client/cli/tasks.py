"""The commands about tasks."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from facesvg_client.cli import printing
from facesvg_client.cli.door import Door, with_door
from facesvg_client.cli.exits import Exit
from facesvg_client.cli.sections import Option, Sectioned
from facesvg_client.nouns import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from facesvg_client import Delivery, Task, TaskSummary


WATCHED = ("progress", "step", "error")
"""What a line shows of a task under way, and the last of one that failed."""


@click.command(cls=Sectioned)
@click.argument("task")
@with_door
def status(door: Door, task: str) -> None:
    """Show a task."""
    with door.client() as client:
        show(client.status(task), door)


@click.command(cls=Sectioned)
@click.argument("task")
@with_door
def watch(door: Door, task: str) -> None:
    """Follow a task to its end; fails where the task does."""
    last = None
    with door.client() as client:
        for last in client.watch(task, read_mask=() if door.as_json else WATCHED):
            if door.as_json:
                printing.record(last)
                continue
            step = last.step.replace("_", " ")
            printing.out.print(printing.status(last.status), f"{last.progress:3} %", step)
    if last is not None and last.status is not Status.SUCCESS:
        if last.error:
            printing.notes.print(f"{last.error.message} ({last.error.type})", soft_wrap=True)
        sys.exit(Exit.FAILED)


@click.command(cls=Sectioned)
@click.argument("task")
@click.option(
    "-o",
    "--output",
    default="-",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Where to; stdout by default.",
)
@with_door
def svg(door: Door, task: str, output: Path) -> None:
    """Fetch the SVG of a finished task."""
    with door.client() as client:
        document = client.svg(task)
    if output == Path("-"):
        sys.stdout.write(document)
    else:
        output.write_text(document, encoding="utf-8")


@click.command(cls=Sectioned)
@click.argument("task")
@with_door
def cancel(door: Door, task: str) -> None:
    """Cancel a task that is not final."""
    with door.client() as client:
        show(client.cancel(task), door)


@click.command(cls=Sectioned)
@click.argument("task")
@with_door
def delete(door: Door, task: str) -> None:
    """Erase a task, its inputs and its drawing."""
    with door.client() as client:
        client.delete(task)
    if door.as_json:
        printing.record({"task_id": task, "deleted": True})
    else:
        printing.out.print(f"{task} is erased", highlight=False)


@click.command(cls=Sectioned)
@click.option(
    "--limit",
    cls=Option,
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="At most so many.",
)
@with_door
def recent(door: Door, limit: int) -> None:
    """List the newest tasks."""
    with door.client() as client:
        listed(client.recent(limit), door)


@click.command(cls=Sectioned)
@click.option(
    "--limit",
    cls=Option,
    type=click.IntRange(min=1),
    metavar="N",
    help="At most so many; all by default.",
)
@with_door
def tasks(door: Door, limit: int | None) -> None:
    """List every task, newest first."""
    with door.client() as client:
        listed(islice(client.tasks(), limit), door)


def show(task: Task, door: Door) -> None:
    """Print a task."""
    if door.as_json:
        printing.record(task)
        return
    drawing = task.result
    printing.facts(
        (
            ("task", task.task_id),
            ("status", printing.status(task.status)),
            ("progress", f"{task.progress} % {task.step.replace('_', ' ')}".rstrip()),
            ("error", f"{task.error.message} ({task.error.type})" if task.error else None),
            ("submitted", printing.moment(task.submitted_at)),
            ("completed", printing.moment(task.completed_at)),
            ("kept until", printing.moment(task.expires_at)),
            ("drawn in", f"{task.processing_time_ms} ms" if drawing else None),
            ("regions", len(drawing.regions) if drawing else None),
            ("size", f"{drawing.width:g} x {drawing.height:g}" if drawing else None),
            ("cache hits", drawing.cache_hits if drawing else None),
            ("input hash", task.input_hash),
            *(("warning", warning) for warning in (drawing.warnings if drawing else ())),
            *(("callback", told(delivery)) for delivery in task.deliveries),
        )
    )


def told(delivery: Delivery) -> str:
    """Return one line on a callback: whom it is for, and what became of it."""
    tries = f"after {delivery.attempts}" if delivery.attempts > 1 else ""
    why = f"({delivery.error})" if delivery.error else ""
    return " ".join(filter(None, (delivery.host, delivery.state.lower(), tries, why)))


def listed(tasks: Iterable[TaskSummary], door: Door) -> None:
    """Print a list of tasks."""
    if door.as_json:
        for task in tasks:
            printing.record(task)
        return
    printing.table(
        ("task", "status", "#age", "#regions", "#ms", "#hits"),
        (
            (
                Text.assemble(task.task_id, (f"\n  {task.error_type}".rstrip(), "red")),
                printing.status(task.status),
                printing.age(task.submitted_at),
                task.regions_detected or "",
                task.processing_time_ms or "",
                task.cache_hits,
            )
            for task in tasks
        ),
    )
