"""What the suite takes when nobody asks, and how soon it is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import cpu
import targets
from figures import Figure, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTLE_SECONDS = 5.0
LOOK_SECONDS = 20.0


def measure(root: Path) -> Iterator[Figure]:
    """Yield start-up time with data that is there already, and the cost of idling."""
    with targets.suite(root):
        pass
    began = time.monotonic()
    with targets.suite(root) as stack:
        yield at_most(Figure("start", "warm, until ready", time.monotonic() - began, "s"), 10)
        time.sleep(SETTLE_SECONDS)
        pids = cpu.of_stack(stack)
        with cpu.spent(pids) as used:
            time.sleep(LOOK_SECONDS)
        used.pop("client")
        share = sum(used.values()) / LOOK_SECONDS * 100
        yield at_most(Figure("idle", "CPU of all parts", share, "% core"), 10)
        for part, seconds in used.items():
            yield Figure("idle", f"CPU of {part}", seconds / LOOK_SECONDS * 100, "% core")
            yield Figure("idle", f"memory of {part}", cpu.memory(pids[part]) / 2**20, "MiB")
