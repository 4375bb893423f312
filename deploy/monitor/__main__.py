"""Shows the running suite on a terminal: `python -m deploy.monitor --help`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from contextlib import nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.markup import escape

from deploy.local import commands
from deploy.local.console import err
from deploy.local.errors import StackError
from deploy.local.layout import REPOSITORY, Layout
from deploy.local.rest import Rest
from deploy.monitor import screen
from deploy.monitor.watch import Snapshot, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

DESCRIPTION = """\
Shows how the running suite is: its services, requests by route, the queue, the cache, the newest
tasks, and errors. It asks what anyone may ask at the door, once every interval; its own
questions are counted there like all others.

Ends with 0 when all is well (or on Ctrl-C), 1 when a service cannot do its work, 3 when the suite
does not answer or refuses.
"""
UNWELL = 1
ABSENT = 3
ANSWER_SECONDS = 10.0
"""A door that takes longer is away as far as a watcher is concerned."""
PLAIN_LINES = 50
"""Where nothing says how high the paper is."""


def main(words: Sequence[str] | None = None) -> int:
    """Watch until interrupted, or once; return the exit status."""
    options = parser().parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # leaves the screen
    try:
        watch = Watch(door(options), options.window)
        time.sleep(options.interval)
        if options.once:
            return once(watch, is_json=options.json)
        return live(watch, options.interval, is_json=options.json)
    except BrokenPipeError:  # whoever reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (StackError, OSError) as error:
        err.print(f"[bold red]error[/] {escape(str(error))}", soft_wrap=True)
        return ABSENT
    except KeyboardInterrupt:
        return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    whole = argparse.ArgumentParser(
        prog="python -m deploy.monitor",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--url", help="the door of the suite (default: the stack of `make up`)")
    whole.add_argument(
        "--key",
        default=os.environ.get("API_KEY", ""),
        help="an API key with the scope `admin`, where keys are asked for (default: $API_KEY)",
    )
    whole.add_argument(
        "--certificate",
        default=os.environ.get("DOOR_CERTIFICATE", ""),
        metavar="FILE",
        help="the certificate that the door shows (default: $DOOR_CERTIFICATE)",
    )
    whole.add_argument(
        "--interval", type=seconds, default=2.0, metavar="SECONDS", help="between looks: 2"
    )
    whole.add_argument(
        "--window", type=seconds, default=60.0, metavar="SECONDS", help="that rates are over: 60"
    )
    whole.add_argument("--once", action="store_true", help="look twice, print, and end")
    whole.add_argument("--json", action="store_true", help="one JSON object a line, for programs")
    whole.add_argument(
        "--root",
        type=lambda text: Layout(Path(text).resolve()),
        default=Layout(REPOSITORY / ".local"),
        metavar="DIR",
        help="where the stack of `make up` lies (default: .local)",
    )
    return whole


def seconds(text: str) -> float:
    """Return a time span; raises what argparse shows."""
    with suppress(ValueError):
        if 0 < (value := float(text)) < float("inf"):
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")


def door(options: argparse.Namespace) -> Rest:
    """Return the door that is to be watched; raises `NotRunning`."""
    if options.url:
        url = options.url if "://" in options.url else f"http://{options.url}"
        return Rest(url.rstrip("/"), options.key, options.certificate, ANSWER_SECONDS)
    own = commands.door_of(options.root)
    return Rest(
        own.url, options.key or own.key, options.certificate or own.certificate, ANSWER_SECONDS
    )


def once(watch: Watch, *, is_json: bool) -> int:
    """Print one snapshot."""
    snapshot = watch.snapshot()
    show(snapshot, is_json=is_json)
    return 0 if snapshot.is_well else UNWELL


def live(watch: Watch, interval: float, *, is_json: bool) -> int:
    """Show snapshots until interrupted; a suite that goes away may come back."""
    console = Console(highlight=False)
    is_screen = console.is_terminal and not is_json
    with (
        Live(console=console, screen=True, auto_refresh=False) if is_screen else nullcontext() as on
    ):
        while True:
            try:
                snapshot = watch.snapshot()
            except StackError as error:
                snapshot = watch.stale(error)
            if on is None:
                show(snapshot, is_json=is_json)
            else:
                on.update(screen.drawn(snapshot, screen.clock(), console.height), refresh=True)
            time.sleep(interval)


def show(snapshot: Snapshot, *, is_json: bool) -> None:
    """Print one snapshot below what was printed before."""
    if is_json:
        print(json.dumps({**asdict(snapshot), "is_well": snapshot.is_well}), flush=True)
        return
    console = Console(highlight=False)
    console.print(screen.drawn(snapshot, screen.clock(), PLAIN_LINES))
    console.print()


if __name__ == "__main__":
    sys.exit(main())
