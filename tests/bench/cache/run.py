# ruff: noqa: T201 - a script that prints a table
"""Measures the cache: `python tests/bench/cache/run.py`, some minutes, out/bench-cache.json.

Starts a Postgres of its own, without fsync: the code is measured, not the disk. Ratios within one
run say something; milliseconds say how busy the machine was. Memory is had as the services have it;
from one arena, since the cache's loop is a thread of this process, and the main one of its own.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import churn
import lookups
import transfers
from figures import Figure, show, write
from fixtures.postgres import serving

from deploy.local.services import PROCESS

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "out" / "bench-cache.json"
MEMORY = {**PROCESS, "MALLOC_ARENA_MAX": "1"}


def main() -> None:
    """Measure all and tell."""
    began = time.monotonic()
    figures: list[Figure] = []
    with serving() as server:
        for part in (transfers, churn, lookups):
            part_began = time.monotonic()
            figures += part.measure(server)
            name = part.__name__
            print(f"{name}: {time.monotonic() - part_began:.0f} s", file=sys.stderr, flush=True)
    show(figures)
    write(figures, OUT)
    print(f"\n{time.monotonic() - began:.0f} s; all figures are in {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    if not MEMORY.items() <= os.environ.items():  # it is heeded when a process begins
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **MEMORY})  # noqa: S606
    main()
