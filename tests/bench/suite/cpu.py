"""Time that processes spent, by part."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.stack import Stack


@contextmanager
def spent(pids: dict[str, int]) -> Iterator[dict[str, float]]:
    """Fill a dictionary, by name, with the CPU seconds spent inside; the client is counted too."""
    pids = {**pids, "client": os.getpid()}
    before = {name: seconds(pid, alone=name == "client") for name, pid in pids.items()}
    used: dict[str, float] = {}
    yield used
    for name, pid in pids.items():
        used[name] = seconds(pid, alone=name == "client") - before[name]


def seconds(pid: int, *, alone: bool = False) -> float:
    """Return the CPU seconds of a process and, if not `alone`, of what it started, ended or not."""
    process = psutil.Process(pid)
    family = [process] if alone else [process, *process.children(recursive=True)]
    total = 0.0
    for member in family:
        with suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def of_stack(stack: Stack) -> dict[str, int]:
    """Return the process id of every part that runs."""
    found = {}
    for keeper in stack.keepers:
        if keeper.process is not None:
            found[keeper.part.name] = keeper.process.pid
    return found


def memory(pid: int) -> int:
    """Return the resident bytes of a process and of what it started."""
    process = psutil.Process(pid)
    total = 0
    for member in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += member.memory_info().rss
    return total
