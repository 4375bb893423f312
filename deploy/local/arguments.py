"""The command line: what can be asked, and which command answers."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local import commands, logs, record
from deploy.local.layout import REPOSITORY, Layout
from deploy.local.ports import Ports
from deploy.local.settings import Settings, dotenv
from deploy.local.stack import PARTS
from services.runtime.settings import Env

if TYPE_CHECKING:
    from collections.abc import Callable

DESCRIPTION = """\
The whole suite on this machine, out of wheels: Postgres, Redis, three services, Envoy.

Settings are environment variables, or lines of a file `.env`; see `.env.example`. With DATABASE_URL
or REDIS_URL set, those servers are used and none is started.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser; each command sets `call`, from the options to the exit status."""
    whole = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument(
        "--root",
        type=lambda text: Layout(Path(text).resolve()),
        default=Layout(REPOSITORY / ".local"),
        dest="layout",
        metavar="DIR",
        help="where data, logs and sockets lie (default: .local)",
    )
    verbs = Verbs(whole)
    for add in (add_starting, add_looking, add_beside, add_calling):
        add(verbs)
    return whole


class Verbs:
    """The commands of a parser."""

    def __init__(self, whole: argparse.ArgumentParser) -> None:
        self._added = whole.add_subparsers(required=True, metavar="COMMAND")

    def add(
        self, name: str, call: Callable[[argparse.Namespace], int], sentence: str
    ) -> argparse.ArgumentParser:
        """Add a command and return its parser, for its options."""
        added = self._added.add_parser(name, help=sentence, description=sentence)
        added.set_defaults(call=call)
        return added


def add_starting(verbs: Verbs) -> None:
    """Add what starts the stack and what ends it."""
    starting = verbs.add("up", up, "Start what does not run, and wait until it answers.")
    starting.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    starting.add_argument(
        "--follow", action="store_true", help="stay and show the logs; Ctrl-C stops everything"
    )
    drawing = verbs.add(
        "demo",
        lambda o: commands.demo(o.layout, settings(o), o.out),
        "Start what does not run, and draw a face.",
    )
    drawing.add_argument(
        "--out",
        type=Path,
        default=REPOSITORY / "out",
        metavar="DIR",
        help="where demo.svg and demo.png go (default: out)",
    )
    for added in (starting, drawing):
        added.add_argument("--free-ports", action="store_true", help="use any ports that are free")
    verbs.add("down", lambda o: commands.down(o.layout), "Stop everything, in reverse order.")
    verbs.add("erase", lambda o: commands.erase(o.layout), "Stop everything and delete its data.")


def add_looking(verbs: Verbs) -> None:
    """Add what tells how the stack is."""
    verbs.add("status", lambda o: commands.status(o.layout), "Show the parts; 0 if all are ready.")
    verbs.add("health", lambda o: commands.health(o.layout), "Ask every service, through Envoy.")
    reading = verbs.add("logs", show_logs, "Show the logs of all parts, by time.")
    reading.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    reading.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    reading.add_argument("-n", "--lines", type=int, default=100, help="how many (default: 100)")


def add_beside(verbs: Verbs) -> None:
    """Add what runs beside the stack until Ctrl-C."""
    working = verbs.add(
        "worker",
        lambda o: commands.worker(o.layout, settings(o), o.processes),
        "Run one more worker here, until Ctrl-C.",
    )
    working.add_argument("-p", "--processes", type=int, default=1, help="how many (default: 1)")
    scraping = verbs.add(
        "monitoring",
        lambda o: commands.monitoring(o.layout, o.port or settings(o).prometheus_port),
        "Run Prometheus on the running stack, until Ctrl-C.",
    )
    scraping.add_argument(
        "--port", type=int, help="where it listens (default: $PROMETHEUS_PORT, or 9090)"
    )


def add_calling(verbs: Verbs) -> None:
    """Add what asks the stack something, or lets others ask it."""
    calling = verbs.add(
        "api",
        lambda o: commands.api(o.layout, o.method, o.path),
        "Call a REST method of the running stack and print the answer.",
    )
    calling.add_argument("method", metavar="METHOD", help="GET, POST or DELETE")
    calling.add_argument("path", metavar="PATH", help="such as /api/v1/cache/stats")
    running = verbs.add(
        "run",
        lambda o: commands.run(o.layout, o.program),
        "Run a program that finds the stack: DATABASE_URL, CACHE_ADDRESS and so on are set.",
    )
    running.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM")
    verbs.add(
        "db-shell", lambda o: commands.db_shell(o.layout), "Open psql on the stack's database."
    )


def up(options: argparse.Namespace) -> int:
    """Start the stack; stay with it if told to."""
    start = partial(commands.up, options.layout, settings(options), tuple(options.parts) or PARTS)
    return commands.staying(options.layout, start) if options.follow else start()


def show_logs(options: argparse.Namespace) -> int:
    """Show logs; the end of following them is no failure."""
    with suppress(KeyboardInterrupt):
        logs.show(options.layout, options.parts, lines=options.lines, follow=options.follow)
    return 0


def settings(options: argparse.Namespace) -> Settings:
    """Return the settings of this environment, on the ports that are asked for."""
    chosen = Settings.from_env({**dotenv(REPOSITORY / ".env"), **os.environ})
    if not getattr(options, "free_ports", False):
        return chosen
    known = record.read(options.layout.record)
    if known.is_up:  # free when they were chosen: keep them
        return chosen.on(Ports.from_env(Env(known.environment)))
    return chosen.on(Ports.free())
