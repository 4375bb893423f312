"""How the stack is shown to people."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.local.keeper import CRASHED, READY, STARTING, STOPPED, WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.local.record import Record

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

GLYPHS = {READY: "●", STARTING: "◐", WAITING: "○", CRASHED: "✗", STOPPED: "·"}
STYLES = {READY: "green", STARTING: "yellow", WAITING: "dim", CRASHED: "bold red", STOPPED: "dim"}

DAY, HOUR, MINUTE = 86_400, 3600, 60


def state(name: str) -> Text:
    """Return a state with its glyph and colour."""
    return Text(f"{GLYPHS.get(name, '?')} {name}", style=STYLES.get(name, ""))


def table(record: Record) -> Table:
    """Return the parts with pid, address, uptime and state."""
    shown = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    for heading in ("part", "state", "pid", "address", "up"):
        shown.add_column(heading, overflow="fold")
    for name, entry in record.parts.items():
        is_alive = entry.is_alive
        is_gone = entry.process is not None and not is_alive
        started = entry.process.started if entry.process is not None else time.time()
        shown.add_row(
            name,
            state(CRASHED if is_gone else entry.state),
            str(entry.process.pid) if entry.process is not None and is_alive else "",
            entry.address.removeprefix(f"{Path.cwd()}/"),
            duration(time.time() - started) if is_alive else "",
        )
    return shown


def progress(record: Record) -> Text:
    """Return one line: what is ready, and what is waited for."""
    return Text("  ").join(
        Text(f"{GLYPHS[entry.state]} {name}", style=STYLES[entry.state])
        for name, entry in record.parts.items()
    )


def health(service: Mapping[str, Any]) -> Text:
    """Return one line about a service: whether it can work, and what it depends on."""
    told = state(READY if service["healthy"] else CRASHED)
    told.append(f"  {service['service']:<10} {service.get('version', '')}", style="default")
    for name, detail in sorted(service.get("dependencies", {}).items()):
        told.append(f"   {name}: {detail}", style="dim")
    return told


def duration(seconds: float) -> str:
    """Return a time span as a person would say it.

    >>> duration(75)
    '1 min 15 s'
    """
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"
