"""Keeps a stack up in the background, and restarts what crashes.

    python -m deploy.local.supervisor ROOT [PART ...]

There is one for each root, which a lock sees to. When it is killed its parts go on, and the next
one adopts them.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from deploy.local import processes
from deploy.local.keeper import CRASHED, READY
from deploy.local.layout import REPOSITORY, Layout
from deploy.local.processes import MARK, Identity
from deploy.local.settings import Settings
from deploy.local.stack import PARTS, TICK_SECONDS, Stack

if TYPE_CHECKING:
    import subprocess

IDLE_SECONDS = 0.5
"""Between two looks at a stack that is well."""

NAME = "supervisor"

logger = logging.getLogger(NAME)


def launch(layout: Layout, settings: Settings, only: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start a supervisor that outlives this program; it ends at once if there is one already."""
    environment = {**settings.environment, **settings.ports.environment(), MARK: str(layout.root)}
    return processes.spawn(
        [sys.executable, "-m", "deploy.local.supervisor", str(layout.root), *only],
        environment=environment,
        log=layout.log(NAME),
        cwd=REPOSITORY,
    )


def main(root: Path, only: tuple[str, ...]) -> None:
    """Keep the stack up until SIGTERM, then stop it; until SIGHUP, then leave it to another."""
    stopping = threading.Event()
    received: set[int] = set()

    def note(number: int, _: object) -> None:
        received.add(number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, note)
    settings = Settings.from_env(os.environ)
    stack = Stack(root, settings, only=only, supervisor=Identity.of(os.getpid()))
    held = lock(stack.layout)
    if held is None:
        logger.info("another supervisor is at work")
        return
    with held:
        stack.adopt()
        stack.begin()
        keep(stack, stopping)
        if received != {signal.SIGHUP}:
            stack.stop()
            stack.layout.record.unlink(missing_ok=True)


def lock(layout: Layout) -> IO[bytes] | None:
    """Return the lock of a root, or None when another process holds it."""
    file = layout.lock.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def keep(stack: Stack, stopping: threading.Event) -> None:
    """Move the parts on until told to stop."""
    states: dict[str, str] = {}
    while not stopping.wait(IDLE_SECONDS if stack.is_ready() else TICK_SECONDS):
        stack.tick()
        now = {keeper.part.name: keeper.state for keeper in stack.keepers}
        for name, state in now.items():
            if state != states.get(name) and state in (READY, CRASHED):
                logger.info("%s is %s", name, state)
        states = now


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or PARTS)
