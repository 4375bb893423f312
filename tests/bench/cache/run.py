# ruff: noqa: T201 - a script that prints a table
"""Measures the cache: `python tests/bench/cache/run.py [PART...]`, some minutes for all of it.

Starts a Postgres of its own, without fsync: the code is measured, not the disk. Ratios within one
run say something; milliseconds say how busy the machine was. Memory is had as the services have it;
from one arena, since the cache's loop is a thread of this process, and the main one of its own.
"""

from __future__ import annotations

import argparse
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
PARTS = {part.__name__: part for part in (transfers, churn, lookups)}
MEMORY = {**PROCESS, "MALLOC_ARENA_MAX": "1"}


def main() -> None:
    """Measure what was asked for and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them by default")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name!r}; there are {', '.join(PARTS)}")
    began = time.monotonic()
    figures: list[Figure] = []
    with serving() as server:
        for name in arguments.parts or PARTS:
            part_began = time.monotonic()
            figures += PARTS[name].measure(server)
            print(f"{name}: {time.monotonic() - part_began:.0f} s", file=sys.stderr, flush=True)
    show(figures)
    write(figures, arguments.out)
    print(f"\n{time.monotonic() - began:.0f} s; all figures are in {arguments.out}")


if __name__ == "__main__":
    if not MEMORY.items() <= os.environ.items():  # it is heeded when a process begins
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **MEMORY})  # noqa: S606
    main()
