"""The whole suite on this machine, out of wheels: Postgres, Redis, three services, Envoy.

Settings are environment variables, or lines of a file `.env`; see `.env.example`. With DATABASE_URL
or REDIS_URL set, those servers are used and none is started.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from deploy.local import commands, console, record
from deploy.local.errors import StackError
from deploy.local.layout import REPOSITORY, Layout
from deploy.local.ports import Ports
from deploy.local.settings import Settings, dotenv
from deploy.local.stack import PARTS
from services.runtime.settings import Env, SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    layout = Layout(options.root.resolve())
    try:
        return dispatch(options, layout)
    except (StackError, SettingError, OSError) as error:
        console.err.print(f"[bold red]error[/] {escape(str(error))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def dispatch(options: argparse.Namespace, layout: Layout) -> int:
    """Call the command that the options name."""
    match options.command:
        case "up":
            return commands.up(layout, settings(options, layout), tuple(options.parts) or PARTS)
        case "down":
            return commands.down(layout)
        case "status":
            return commands.status(layout)
        case _:
            return commands.run(layout, options.program)


def settings(options: argparse.Namespace, layout: Layout) -> Settings:
    """Return the settings of this environment, on the ports that are asked for."""
    chosen = Settings.from_env({**dotenv(REPOSITORY / ".env"), **os.environ})
    if not options.free_ports:
        return chosen
    known = record.read(layout.record)
    if known.is_up:  # free when they were chosen: keep them
        return chosen.on(Ports.from_env(Env(known.environment)))
    return chosen.on(Ports.free())


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    whole = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument(
        "--root",
        type=Path,
        default=REPOSITORY / ".local",
        help="where data, logs and sockets lie (default: .local)",
    )
    verbs = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    starting = verbs.add_parser("up", help="start what does not run, and wait until it answers")
    starting.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    starting.add_argument("--free-ports", action="store_true", help="use any ports that are free")
    verbs.add_parser("down", help="stop everything, in reverse order")
    verbs.add_parser("status", help="show the parts; exit 0 when all are ready")
    running = verbs.add_parser("run", help="run a program with the stack's addresses set")
    running.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM")
    return whole


if __name__ == "__main__":
    sys.exit(main())
