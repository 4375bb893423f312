"""How a snapshot is drawn: at 80 columns and wider, in colours or plainly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Group
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from deploy.local.console import GLYPHS, STYLES, duration
from deploy.local.keeper import CRASHED, READY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from deploy.monitor.figures import Figures, Mistake, Usage
    from deploy.monitor.watch import Service, Snapshot

WIDTH = 110
"""Columns beyond which a line is hard to follow."""
AROUND = 12
"""Lines that are there whatever happens."""
FEWEST, MOST_MISTAKES = 2, 3
WATCHED = ("/metrics", "/health", "/api/v1/cache/recent")
NOTHING = "–"  # noqa: RUF001 - what stands in an empty cell
GOOD, BAD, FAINT = "green", "bold red", "dim"
OUTCOMES = {"SUCCESS": GOOD, "FAILURE": BAD, "CANCELLED": FAINT}


def drawn(snapshot: Snapshot, now: datetime, lines: int) -> RenderableType:
    """Return a snapshot as it is shown on so many lines, if it can be had in so few."""
    figures = snapshot.figures
    told = len(snapshot.services) + bool(snapshot.trouble) + lines_of(figures.mistakes)
    most = max(FEWEST, (lines - AROUND - told) // 2)  # routes and tasks share what is left
    shown: list[RenderableType] = [heading(snapshot, now)]
    if snapshot.trouble:
        shown.append(Text(snapshot.trouble, style=BAD))
    shown += [
        Text(),
        services(snapshot.services, figures.usage),
        Text(),
        queue(figures),
        pace(figures),
        cache(figures),
        Text(),
        routes(figures, most),
        Text(),
        tasks(snapshot, now, most),
        Text(),
        mistakes(figures),
    ]
    return Constrain(Group(*shown), WIDTH)


def heading(snapshot: Snapshot, now: datetime) -> Table:
    """Return the first line: which suite, over which time, when."""
    line = Table.grid(expand=True)
    line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    line.add_column(justify="right", no_wrap=True)
    clock = now.astimezone().strftime("%H:%M:%S")
    line.add_row(
        Text.assemble(("facesvg", "bold"), f"  {snapshot.url}"),
        Text(f"last {snapshot.figures.seconds:.0f} s   {clock}", style=FAINT),
    )
    return line


def services(states: Sequence[Service], usage: Mapping[str, Usage]) -> Table:
    """Return a line for each service."""
    shown = columns("service", "version", ">cpu", ">memory", "tells")
    for service in states:
        state = READY if service.is_healthy else CRASHED
        own = usage.get(service.name)
        shown.add_row(
            Text(f"{GLYPHS[state]} {service.name}", style=STYLES[state]),
            service.version or NOTHING,
            f"{own.cpu_percent:.0f} %" if own else NOTHING,
            size(own.memory_bytes) if own else NOTHING,
            Text(service.told, style=FAINT if service.is_healthy else BAD),
        )
    return shown


def queue(figures: Figures) -> Text:
    """Return the line about what waits, and for whom."""
    work = figures.work
    busy = f"{work.busy} of {work.workers}" if work.workers else str(work.busy)
    waits = f"{work.waiting} waiting"
    if work.waiting:
        waits += f", the oldest for {duration(work.oldest_seconds)}"
    return Text.assemble(("queue  ", FAINT), f"{waits}; {busy} workers busy")


def pace(figures: Figures) -> Text:
    """Return the line about what is drawn."""
    work = figures.work
    told = Text.assemble(("drawn  ", FAINT), f"{work.drawn_per_second:.1f} per s")
    if work.p50_seconds is not None:
        told.append(f", p50 {span(work.p50_seconds)}, p95 {span(work.p95_seconds)}")
    if work.failed:
        told.append(f"; {work.failed} failed", style=BAD)
    return told


def cache(figures: Figures) -> Text:
    """Return the line about the cache."""
    kept = figures.cache
    now = NOTHING if kept.hit_ratio is None else f"{kept.hit_ratio:.0%}"
    return Text.assemble(
        ("cache  ", FAINT),
        f"{now} hits, {kept.hit_ratio_since_start:.0%} since the start; ",
        f"{kept.entries} drawings, {size(kept.size_bytes)}",
    )


def routes(figures: Figures, most: int) -> Table:
    """Return a line for each of the busiest routes; those that watchers ask come last."""
    shown = columns("request", ">per s", ">p50", ">p95", ">4xx", ">5xx", ">total")
    for route in sorted(figures.routes, key=lambda route: route.endpoint in WATCHED)[:most]:
        shown.add_row(
            f"{route.method} {short(route.endpoint)}",
            f"{route.per_second:.1f}",
            span(route.p50_seconds),
            span(route.p95_seconds),
            count(route.refused, "yellow"),
            count(route.broken, BAD),
            str(route.total),
        )
    return shown


def tasks(snapshot: Snapshot, now: datetime, most: int) -> Table:
    """Return a line for each of the newest tasks."""
    shown = columns("task", "state", ">age", ">took", ">regions", ">hits", "error")
    for task in snapshot.recent[:most]:
        age = (now - datetime.fromisoformat(task["submitted_at"])).total_seconds()
        took = task["processing_time_ms"]
        shown.add_row(
            task["task_id"].partition("-")[0],
            Text(task["status"], style=OUTCOMES.get(task["status"], "")),
            duration(max(age, 0)),
            span(took / 1000) if took else NOTHING,
            str(task["regions_detected"]),
            str(task["cache_hits"]),
            task["error_type"],
        )
    return shown


def mistakes(figures: Figures) -> RenderableType:
    """Return a line for each kind of error of our own."""
    if not figures.mistakes:
        return Text("no errors of our own since the start", style=FAINT)
    shown = columns("errors of our own", "part", ">new", ">total")
    for mistake in figures.mistakes[:MOST_MISTAKES]:
        shown.add_row(
            mistake.type, mistake.component, count(mistake.count, BAD), str(mistake.total)
        )
    return shown


def lines_of(found: Sequence[Mistake]) -> int:
    """Return how many lines errors take."""
    return 1 + min(len(found), MOST_MISTAKES)


def columns(*headings: str) -> Table:
    """Return an empty table; a heading that begins with `>` is of figures."""
    shown = Table(box=None, pad_edge=False, header_style=FAINT, padding=(0, 2, 0, 0))
    for number, heading in enumerate(headings):
        is_figure = heading.startswith(">")
        shown.add_column(
            heading.removeprefix(">"),
            justify="right" if is_figure else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=24 if number == 0 and ">p50" in headings else None,
        )
    return shown


def short(endpoint: str) -> str:
    """Return a route without what all of them have.

    >>> short("/api/v1/frontal/crop/submit"), short("/facesvg.v1.GatewayService/Submit")
    ('frontal/crop/submit', 'Submit')
    """
    for start in ("/api/v1/", "/facesvg.v1.GatewayService/"):
        endpoint = endpoint.removeprefix(start)
    return endpoint


def span(seconds: float | None) -> str:
    """Return a short time.

    >>> span(0.0356), span(1.24), span(None)
    ('36 ms', '1.2 s', '–')
    """  # noqa: RUF002 - as it is shown
    if seconds is None:
        return NOTHING
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def size(count: float) -> str:
    """Return a number of bytes.

    >>> size(50_786_304)
    '51 MB'
    """
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= bytes_:
            value = count / bytes_
            return f"{value:.1f} {unit}" if unit == "GB" else f"{value:.0f} {unit}"
    return f"{count:.0f} B"


def count(number: int, style: str) -> Text:
    """Return a number that is loud unless it is nothing."""
    return Text(str(number), style=style if number else FAINT)


def clock() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
