# ruff: noqa: T201 - a script that prints a table
"""Measures the whole suite beside a sink and a peer: `make bench`, out/bench.json.

Everything runs on this machine at once, clients too: ratios within one run say something,
milliseconds say how busy the machine was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cache"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "draw"))

import growth
import hits
import idle
import load
import misses
import native
import overhead
import peers
import sizes
import storing
import targets
import tracers
import uploads
from figures import Figure, show, write
from photos import Form

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "out" / "bench.json"
PARTS = (
    *("misses", "hits", "native", "uploads", "overhead"),
    *("sizes", "tracers", "storing", "idle", "growth", "peer"),
)
FEW = 200


def main() -> None:
    """Measure what was asked for and tell."""
    chosen = parts(sys.argv[1:])
    began = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)  # Postgres runs as an account of its own
        figures += served(root, chosen)
        if "overhead" in chosen:
            figures += seen(root / "seen")
        if "sizes" in chosen:
            figures += sizes.measure()
        if "tracers" in chosen:
            figures += tracers.measure()
        if "storing" in chosen:
            figures += storing.measure(root)
        if "idle" in chosen:
            figures += idle.measure(root / "idle")
        if "growth" in chosen:
            figures += growth.measure()
        if "peer" in chosen:
            figures += peers.measure(root / "peer", figures)
    show(figures)
    write(figures, OUT)
    print(f"\n{time.monotonic() - began:.0f} s; all figures are in {OUT.relative_to(ROOT)}")


def parts(arguments: Sequence[str]) -> Sequence[str]:
    """Return which parts are asked for: all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them by default")
    asked: Sequence[str] = parser.parse_args(arguments).parts
    for name in asked:
        if name not in PARTS:
            parser.error(f"there is no part {name!r}; there are {', '.join(PARTS)}")
    return asked or PARTS


def served(root: Path, chosen: Sequence[str]) -> list[Figure]:
    """Return what is measured on one running suite."""
    if not {"misses", "hits", "native", "uploads"} & set(chosen):
        return []
    figures: list[Figure] = []
    form, with_map = Form.of_face(), Form.of_face(with_map=True)
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(targets.suite(root / "suite"))
        suite = targets.of_suite(running)
        if "misses" in chosen:
            figures += misses.one_by_one(suite, with_map, first=1_000_000)
            figures += misses.together(suite, with_map, count=FEW, first=2_000_000)
        if "hits" in chosen:
            known(suite, form, hits.DISTINCT)
            asking = stack.enter_context(targets.asking(root / "asking", running))
            sink = stack.enter_context(targets.sink(root / "sink"))
            figures += hits.measure(suite, asking, sink, form, input_hash(suite, form))
        if "native" in chosen:
            known(suite, form, 1)
            figures += native.measure(suite, form)
        if "uploads" in chosen:
            figures += uploads.measure(suite, first=3_000_000)
    return figures


def seen(root: Path) -> list[Figure]:
    """Return what metrics and traces cost, of suites beside one another."""
    form = Form.of_face()
    with overhead.suites(root) as suites:
        for suite in suites.values():
            known(suite, form, 1)
        return [*overhead.measure(suites, form, input_hash(suite, form))]


def known(suite: targets.Target, form: Form, count: int) -> None:
    """Have the first so many photos drawn."""
    drawn = load.drive(
        suite.address,
        lambda number: load.post(misses.RENDER, hits.FORM_TYPE, form.pieces(number)),
        connections=8,
        count=count,
    )
    if drawn.refused:
        raise SystemExit(f"{drawn.refused} of {count} photos were not drawn")


def input_hash(suite: targets.Target, form: Form) -> str:
    """Return the key of photo 0."""
    with socket.create_connection(suite.address) as connection:
        answer = load.exchange(connection, hits.form_request(form, 0))[1]
    key: str = json.loads(answer)["input_hash"]
    return key


if __name__ == "__main__":
    main()
