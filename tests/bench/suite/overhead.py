"""What metrics and traces cost a hit: CPU an answer, of suites that take turns."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import cpu
import hits
import load
import targets
from figures import Figure, at_most

from deploy.local.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from photos import Form

SPANS = Path(__file__).with_name("spans.py")
GOAL = 1.05
"""What each may cost, of a hit without it."""

ROUNDS = 32
SECONDS = 0.8
"""Of one turn: long beside a tick of the clock that CPU is counted by, short beside the machine's
moods."""
CONNECTIONS = 2

PARTS = ("envoy", "gateway", "cache", "postgres")
"""What a hit goes through; nothing is to be said of others' idling."""

NEITHER, METRICS, TRACES = "neither", "metrics", "metrics and traces"


@contextmanager
def suites(root: Path) -> Iterator[Mapping[str, targets.Target]]:
    """Run a suite for each of the ways to be seen, and what takes their spans."""
    with ExitStack() as stack:
        with ExitStack() as held:
            port = free_port(held)
        sink = stack.enter_context(subprocess.Popen([sys.executable, SPANS, str(port)]))
        stack.callback(sink.kill)
        chosen = {
            NEITHER: {"ENABLE_METRICS": "false"},
            METRICS: {"ENABLE_METRICS": "true"},
            TRACES: {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"},
        }
        yield {
            name: targets.of_suite(
                stack.enter_context(targets.suite(root / str(number), **settings))
            )
            for number, (name, settings) in enumerate(chosen.items())
        }


def measure(seen: Mapping[str, targets.Target], form: Form, input_hash: str) -> Iterator[Figure]:
    """Yield the figures of a photo that is sent and of one that is looked up, both known."""
    asked: dict[str, Callable[[int], load.Request]] = {
        "known photo": lambda _: hits.form_request(form, 0),
        "lookup by hash": lambda _: load.get(hits.LOOKUP + input_hash),
    }
    for way, request in asked.items():
        spent: dict[str, list[float]] = defaultdict(list)
        for number in range(ROUNDS):
            # Nobody always comes first: whoever does finds the caches of the machine cold.
            names = sorted(seen, reverse=number % 2 == 1)
            for name in names:
                spent[name].append(milliseconds(seen[name], request))
        yield from figures(f"cost of being seen, {way}", spent)


def milliseconds(target: targets.Target, request: Callable[[int], load.Request]) -> float:
    """Return the CPU that an answer took in one turn."""
    pids = {name: pid for name, pid in target.pids.items() if name in PARTS}
    with cpu.spent(pids) as used:
        turn = load.drive(target.address, request, connections=CONNECTIONS, seconds=SECONDS)
    if turn.refused:
        raise SystemExit(f"{turn.refused} of {len(turn.times)} hits were none")
    return sum(used[name] for name in pids) / len(turn.times) * 1000


def figures(group: str, spent: Mapping[str, Sequence[float]]) -> Iterator[Figure]:
    """Yield what the turns say; a ratio is the middle one of those within each round."""
    for name, turns in spent.items():
        yield Figure(group, f"{name}: CPU", statistics.median(turns), "ms")
    yield at_most(
        Figure(group, "metrics / neither", ratio(spent[METRICS], spent[NEITHER]), ""), GOAL
    )
    yield at_most(Figure(group, "traces / metrics", ratio(spent[TRACES], spent[METRICS]), ""), GOAL)


def ratio(more: Sequence[float], less: Sequence[float]) -> float:
    """Return the median of the ratios of turns that lay side by side."""
    return statistics.median(one / other for one, other in zip(more, less, strict=True))
