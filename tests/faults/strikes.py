"""What is done to the parts of a running stack."""

from __future__ import annotations

import shutil
import signal
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploy.local.stack import Stack

STOPPED_SECONDS = 1.0


@dataclass(frozen=True)
class Strike:
    """One fault of a part. `is_deadly` is whether work in progress may be lost by it."""

    name: str
    act: Callable[[Stack, str], None]
    is_deadly: bool = True


def kill(stack: Stack, part: str) -> None:
    """End a part at once, and start it again."""
    stack.part(part).kill()
    stack.restart(part)


def restart(stack: Stack, part: str) -> None:
    """Tell a part to end, and start it again."""
    stack.restart(part)


def pause(stack: Stack, part: str) -> None:
    """Stop a part for a while; it does not know."""
    with paused(stack, part):
        time.sleep(STOPPED_SECONDS)  # the fault itself


def empty(stack: Stack, part: str) -> None:
    """End Redis at once, and start another that knows nothing."""
    stack.part(part).kill()
    for kept in stack.layout.redis.iterdir():
        if kept.is_dir():
            shutil.rmtree(kept)
    stack.restart(part)


def crash(stack: Stack, part: str) -> None:
    """End Postgres as `pg_ctl stop -m immediate` does: it has to recover afterwards."""
    process = stack.part(part).process
    assert process is not None
    process.send(signal.SIGQUIT)
    psutil.wait_procs([psutil.Process(process.pid)], timeout=10)
    stack.restart(part)


@contextmanager
def paused(stack: Stack, part: str) -> Iterator[None]:
    """Stop a part and all that it started within the block."""
    identity = stack.part(part).process
    assert identity is not None
    parent = psutil.Process(identity.pid)
    family = [parent, *parent.children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    try:
        yield
    finally:
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.resume()


KILLED = Strike("killed", kill)
STOPPED = Strike("stopped for a while", pause)
RESTARTED = Strike("restarted", restart, is_deadly=False)
EMPTIED = Strike("killed and emptied", empty)
CRASHED = Strike("crashed", crash)

# The services are restarted gracefully in test_leaving.py.
STRIKES = {
    "gateway": (KILLED, STOPPED),
    "processor": (KILLED, STOPPED),
    "cache": (KILLED, STOPPED),
    "worker": (KILLED, STOPPED),
    "envoy": (KILLED, STOPPED, RESTARTED),
    "redis": (EMPTIED, STOPPED),
    "postgres": (CRASHED, STOPPED),
}
