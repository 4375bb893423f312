"""Connections that break at any moment leave nothing open behind them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest
from faults.traffic import flowing
from faults.ways import between

if TYPE_CHECKING:
    from faults.proxy import Proxy
    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

WAYS = (("worker", "cache"), ("processor", "cache"), ("gateway", "cache"))
PARTS = ("gateway", "processor", "cache", "worker")
BREAKS = 8
SLACK = 7
"""What may be open more or less at any moment, fewer than there are breaks."""

OTHERS = """
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
"""


def is_open(suite: Suite) -> dict[str, int]:
    """Return how many files and sockets each part has open, spools included, and Postgres."""
    counts = {}
    for part in PARTS:
        process = suite.process(part)
        family = [process, *process.children(recursive=True)]
        counts[part] = sum(member.num_fds() for member in family)
    with psycopg.connect(suite.stack.environment["DATABASE_URL"]) as database:
        [counts["postgres"]] = database.execute(f"SELECT count(*) {OTHERS}").fetchone() or (0,)
    return counts


def end_connections(suite: Suite) -> None:
    """Break every connection to Postgres."""
    with psycopg.connect(suite.stack.environment["DATABASE_URL"]) as database:
        database.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")


def test_connections_that_break_leave_nothing_open(suite: Suite) -> None:
    with ExitStack() as held:
        proxies = [held.enter_context(between(suite, *way)) for way in WAYS]
        # Pools are full, and every kind of error was met once.
        with flowing(suite) as traffic:
            break_all(suite, proxies)
            traffic.flows(1)
        before = is_open(suite)

        with flowing(suite) as traffic:
            for _ in range(BREAKS):
                break_all(suite, proxies)
                traffic.history.blows += 1  # a lease whose answer was lost runs out
                accepted = traffic.history.size
                suite.until(lambda: traffic.history.size, accepted.__lt__)
        traffic.history.check(suite)

        suite.until(
            lambda: {part: count - before[part] for part, count in is_open(suite).items()},
            lambda more: max(more.values()) <= SLACK,
        )
        assert all(proxy.connections for proxy in proxies)


def break_all(suite: Suite, proxies: list[Proxy]) -> None:
    for proxy in proxies:
        proxy.reset()
    end_connections(suite)
