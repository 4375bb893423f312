"""What the command prints: tables for people on a terminal, JSON for scripts."""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from facesvg_client.errors import FacesvgError

COLOURS = {
    "SUCCESS": "green",
    "FAILURE": "red",
    "CANCELLED": "yellow",
    "PROGRESS": "cyan",
    "PENDING": "dim",
}
out = Console()
notes = Console(stderr=True)
"""Everything that is not the answer."""


def record(value: Any) -> None:
    """Print one record as a line of JSON."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """Return a noun as JSON has it; times in ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def table(columns: Iterable[str], rows: Iterable[Iterable[Any]], *, title: str = "") -> None:
    """Print a table; columns whose names begin with `#` hold numbers."""
    shown = Table(
        box=SIMPLE_HEAD,
        title=title or None,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    names = list(columns)
    for name in names:
        shown.add_column(
            name.lstrip("#"),
            justify="right" if name.startswith("#") else "left",
            no_wrap=name != names[-1],  # only the last gives way
            overflow="fold",
        )
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else str(cell) for cell in row))
    out.print(shown)


def facts(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, one a line; without those that are empty."""
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="dim")
    shown.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, ""):
            shown.add_row(name, value if isinstance(value, Text) else str(value))
    out.print(shown)


def bar() -> BarColumn:
    """Return a progress bar; rich's own begins in the red of a failure."""
    return BarColumn(complete_style="cyan", finished_style="green")


def status(name: str) -> Text:
    """Return a status in its colour."""
    return Text(name, COLOURS.get(name, ""))


def moment(time: datetime | None) -> str:
    """Return a time as a person reads it, in the local zone."""
    return "" if time is None else f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def age(time: datetime | None) -> str:
    """Return how long ago a time was, in its largest unit."""
    if time is None:
        return ""
    seconds = max(0, int((datetime.now(UTC) - time).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def trouble(error: FacesvgError) -> None:
    """Print an error, with what helps to put it right."""
    notes.print(Text.assemble(("facesvg: ", "bold red"), error.message), soft_wrap=True)
    for field, description in error.violations.items():
        if description != error.message:
            notes.print(Text(f"  {field}: {description}"), soft_wrap=True)
    tags = [error.reason or error.code]
    if error.retry_after:
        tags.append(f"again in {error.retry_after:g} s")
    if error.request_id:
        tags.append(f"request {error.request_id}")
    notes.print(Text("  " + ", ".join(filter(None, tags)), "dim"), soft_wrap=True)
