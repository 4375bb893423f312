"""What the command line does: each command is one function and returns the exit status."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, NoReturn

from rich.live import Live

from deploy.local import console, guard, processes, record, supervisor
from deploy.local.errors import NotRunning, PartFailed
from deploy.local.keeper import READY
from deploy.local.stack import Stack

if TYPE_CHECKING:
    import subprocess

    from deploy.local.layout import Layout
    from deploy.local.record import Record
    from deploy.local.settings import Settings

START_SECONDS = 120.0
STOP_SECONDS = 120.0
POLL_SECONDS = 0.1
CRASHES = 3
"""So often may a part end by itself before `up` gives up on it."""


def up(layout: Layout, settings: Settings, only: tuple[str, ...]) -> int:
    """Start what does not run, wait until every part answers, and say where."""
    if not record.read(layout.record).is_supervised:
        stack = Stack(layout.root, settings, only=only)
        stack.adopt()
        stack.check()
        launched = supervisor.launch(layout, settings, only)
        began = time.monotonic()
        wait_for_supervisor(layout, launched)
        shown = wait_until_ready(layout)
        console.out.print(console.table(shown))
        console.out.print(f"\nready in {time.monotonic() - began:.1f} s", style="dim")
    else:
        console.out.print(console.table(wait_until_ready(layout)))
    return 0


def wait_for_supervisor(layout: Layout, launched: subprocess.Popen[bytes]) -> None:
    """Wait until a supervisor has written its first record; raises `PartFailed` if none does."""
    while not record.read(layout.record).is_supervised:
        if launched.poll():
            raise PartFailed(supervisor.NAME, "ended", layout.log(supervisor.NAME))
        time.sleep(POLL_SECONDS)


def wait_until_ready(layout: Layout) -> Record:
    """Show the parts as they come up; raises `PartFailed` for one that does not."""
    deadline = time.monotonic() + START_SECONDS
    with Live(console=console.err, transient=True, refresh_per_second=10) as live:
        while True:
            seen = record.read(layout.record)
            if not seen.is_supervised:
                raise PartFailed(supervisor.NAME, "ended", layout.log(supervisor.NAME))
            live.update(console.progress(seen))
            if all(entry.state == READY and entry.is_alive for entry in seen.parts.values()):
                return seen
            for name, entry in seen.parts.items():
                if entry.crashes >= CRASHES:
                    raise PartFailed(name, "ends by itself again and again", layout.log(name))
                if time.monotonic() > deadline and entry.state != READY:
                    raise PartFailed(name, "does not answer", layout.log(name))
            time.sleep(POLL_SECONDS)


def down(layout: Layout) -> int:
    """Stop every part in reverse order; again is no error."""
    running = record.read(layout.record)
    if not running.is_up:
        layout.record.unlink(missing_ok=True)
        console.out.print(f"nothing runs in {layout.root}")
        return 0
    with console.err.status("stopping"):
        if running.supervisor is not None:
            running.supervisor.send(signal.SIGTERM)
            if not processes.wait(running.supervisor, STOP_SECONDS):
                running.supervisor.send(signal.SIGKILL)
        guard.end_recorded(layout)  # what a supervisor that was killed left behind
    layout.record.unlink(missing_ok=True)
    console.out.print("stopped")
    return 0


def status(layout: Layout) -> int:
    """Show the parts; 0 when all are ready, 1 when one is not, 3 when nothing runs."""
    running = record.read(layout.record)
    if not running.is_up:
        console.out.print(f"nothing runs in {layout.root}; `make up` starts the stack")
        return 3
    console.out.print(console.table(running))
    if not running.is_supervised:
        console.out.print("\nnothing restarts what crashes; `make up` sees to it", style="yellow")
    is_well = all(entry.state == READY and entry.is_alive for entry in running.parts.values())
    return 0 if is_well else 1


def run(layout: Layout, command: list[str]) -> NoReturn:
    """Become a program that finds the stack by its environment."""
    running = record.read(layout.record)
    if not running.is_up:
        raise NotRunning(layout.root)
    os.execvpe(command[0], command, {**os.environ, **running.environment})  # noqa: S606
