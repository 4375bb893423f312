"""What the command line does: each command is one function and returns the exit status."""

from __future__ import annotations

import os
import shutil
import signal
import time
from typing import TYPE_CHECKING, NoReturn

from rich.live import Live
from rich.spinner import Spinner

from deploy.local import (
    console,
    guard,
    logs,
    postgres,
    processes,
    prometheus,
    record,
    rest,
    services,
    supervisor,
    tools,
)
from deploy.local import demo as drawing
from deploy.local.errors import NotRunning, PartFailed
from deploy.local.keeper import READY
from deploy.local.layout import REPOSITORY
from deploy.local.ports import Ports
from deploy.local.rest import Refused, Rest
from deploy.local.settings import Settings, dotenv
from deploy.local.stack import PARTS, Stack
from services.runtime.settings import Env

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from deploy.local.layout import Layout
    from deploy.local.processes import Identity
    from deploy.local.record import Record

START_SECONDS = 120.0
STOP_SECONDS = 120.0
HAND_OVER_SECONDS = 5.0
SUPERVISOR_SECONDS = 30.0
POLL_SECONDS = 0.1
CRASHES = 3
"""So often may a part end by itself before `up` gives up on it."""


def up(layout: Layout, settings: Settings, only: tuple[str, ...]) -> int:
    """Start what does not run, wait until every part answers, and say where."""
    began = time.monotonic()
    running = record.read(layout.record)
    wanted = tuple(name for name in PARTS if name in only or name in running.parts)
    stack = Stack(layout.root, settings, only=wanted)
    if running.is_supervised and running.environment != stack.environment:
        console.out.print("runs with other settings; `make down` first to change them\n")
    elif not running.is_supervised or stack.names - running.parts.keys():
        if running.supervisor is not None:
            hand_over(running.supervisor)
        stack.adopt()
        stack.check()
        wait_for_supervisor(layout, supervisor.launch(layout, settings, wanted))
    console.out.print(console.table(wait_until_ready(layout)))
    console.out.print(f"\nready in {time.monotonic() - began:.1f} s", style="dim")
    return 0


def hand_over(leaving: Identity) -> None:
    """Have a supervisor leave its parts to the next one."""
    leaving.send(signal.SIGHUP)
    if not processes.wait(leaving, HAND_OVER_SECONDS):
        leaving.send(signal.SIGKILL)  # what it knows is written down


def staying(layout: Layout, start: Callable[[], int]) -> int:
    """Start the stack, show its logs until interrupted, then stop everything."""
    try:
        start()
        logs.show(layout, (), lines=0, follow=True)
    except KeyboardInterrupt:
        return down(layout)
    return 0


def wait_for_supervisor(layout: Layout, launched: subprocess.Popen[bytes]) -> None:
    """Wait until a supervisor has written its first record; raises `PartFailed` if none does."""
    deadline = time.monotonic() + SUPERVISOR_SECONDS
    while not record.read(layout.record).is_supervised:
        if launched.poll() or time.monotonic() > deadline:
            raise PartFailed(supervisor.NAME, "ended", layout.log(supervisor.NAME))
        time.sleep(POLL_SECONDS)


def wait_until_ready(layout: Layout) -> Record:
    """Show the parts as they come up; raises `PartFailed` for one that does not."""
    deadline = time.monotonic() + START_SECONDS
    spinner = Spinner("dots")
    with Live(spinner, console=console.err, transient=True):
        while True:
            seen = record.read(layout.record)
            if not seen.is_supervised:
                raise PartFailed(supervisor.NAME, "ended", layout.log(supervisor.NAME))
            spinner.update(text=console.progress(seen))
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


def health(layout: Layout) -> int:
    """Ask the suite how it is, through its door; 0 when it can draw."""
    try:
        told = door_of(layout).json("/health")
    except Refused as refused:
        console.out.print(console.state("crashed"), str(refused))
        for detail in refused.told.get("details", []):
            for name, value in detail.get("metadata", {}).items():
                if name != "request_id":
                    console.out.print(f"  {name:<12} {value}")
        return 1
    for service in told.get("services", []):
        console.out.print(console.health(service))
    return 0


def api(layout: Layout, method: str, path: str) -> int:
    """Call a REST method and print the answer."""
    body = door_of(layout).send(method, path)
    told = rest.as_json(body)
    if told:
        console.out.print_json(data=told.get("items", told))
    else:
        console.out.print(body.decode(errors="replace"), markup=False)
    return 0


def door_of(layout: Layout) -> Rest:
    """Return the door of the running stack; raises `NotRunning`."""
    running = record.read(layout.record)
    if "envoy" not in running.parts or not running.is_up:
        raise NotRunning(layout.root)
    chosen = Settings.from_env({**dotenv(REPOSITORY / ".env"), **os.environ})
    return Rest(running.parts["envoy"].address, chosen.api_key, next(iter(chosen.door.tls), ""))


def worker(layout: Layout, settings: Settings, count: int) -> NoReturn:
    """Become one more worker of the running stack, in the foreground."""
    os.environ.update(services.WORKER)
    run(layout, services.worker_command(count, settings.shutdown_grace))


def run(layout: Layout, command: Sequence[str]) -> NoReturn:
    """Become a program that finds the stack by its environment."""
    running = record.read(layout.record)
    if not running.is_up:
        raise NotRunning(layout.root)
    os.execvpe(command[0], list(command), {**os.environ, **running.environment})  # noqa: S606


def monitoring(layout: Layout, port: int) -> NoReturn:
    """Become Prometheus, which scrapes the running stack until interrupted."""
    running = record.read(layout.record)
    if not running.is_up:
        raise NotRunning(layout.root)
    used = Ports.from_env(Env(running.environment))
    runbooks = os.environ.get("RUNBOOKS_URL") or f"{door_of(layout).url}/static/runbook.html"
    command = prometheus.prepared(layout.root / "prometheus", used, port, runbooks)
    console.out.print(
        f"Prometheus at http://{prometheus.HOST}:{port} until Ctrl-C; its alerts at /alerts. "
        "deploy/METRICS.md has what to ask.",
        soft_wrap=True,
    )
    os.execv(command[0], command)  # noqa: S606


def db_shell(layout: Layout) -> NoReturn:
    """Become psql on the stack's database."""
    running = record.read(layout.record)
    psql = tools.postgres() / "bin" / "psql"
    run(layout, (str(psql), running.environment.get("DATABASE_URL", "")))


def demo(layout: Layout, settings: Settings, out: Path) -> int:
    """Start what does not run and draw a face."""
    up(layout, settings, PARTS)
    console.out.print()
    drawing.show(door_of(layout), out)
    console.out.print(
        f"\nThe stack stays up at {door_of(layout).url}; `make down` stops it.", style="dim"
    )
    return 0


def erase(layout: Layout) -> int:
    """Stop everything and delete what it kept."""
    down(layout)
    postgres.erase(layout)
    shutil.rmtree(layout.root, ignore_errors=True)
    return 0
