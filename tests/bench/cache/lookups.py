"""Lookups among a thousand, a hundred thousand and a million entries.

They take turns: what disturbs the machine disturbs all of them alike.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from figures import Figure, at_most, p50, p99
from fixtures.postgres import database
from integration.cache.house import House

from facesvg.v1 import cache_pb2 as pb
from services.cache.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZES = (1_000, 100_000, 1_000_000)
CALLS = 3000
WARM = 300
BURSTS = 3
BURST_CALLS = 800
CLIENTS = 8
MOST = 2.0

# Rows as long as those of true drawings, whose bytes lie outside of them.
ENTRIES = """
INSERT INTO task_results (
    task_id, input_hash, status, progress, submitted_at, last_used_at, completed_at, ttl_expires_at,
    drawing, drawing_size, result_data, svg_data, svg_size, svg_sha256, regions_detected
)
SELECT
    md5(n::text)::uuid, encode(sha256(n::text::bytea), 'hex'), 'SUCCESS', 100,
    now() - make_interval(secs => n / 12.0), now() - make_interval(secs => n / 12.0), now(),
    now() + interval '1 day', sha256(n::text::bytea), 3075, '{"regions": [], "warnings": []}',
    sha256(n::text::bytea), 6144, sha256(n::text::bytea), 27
FROM generate_series(1, %s) AS n
"""
# Two rows a task, of the last day.
METRICS = """
INSERT INTO processing_metrics
SELECT name, value, 'unit', 'cache', 'test', NULL, now() - make_interval(secs => n / 12.0)
FROM generate_series(1, least(%s, 1000000)) AS n,
    (VALUES ('cache_miss', 1), ('processing_time', 40)) AS kinds (name, value)
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'task_results' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
TALLY = """
INSERT INTO tallies
SELECT status, date_trunc('hour', submitted_at, 'UTC'), count(*),
    sum(row_bytes(drawing_size, svg_blob, svg_size))
FROM task_results GROUP BY 1, 2
"""


def fill(url: str, entries: int) -> None:
    """Make so many entries, the indexes last."""
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        indexes = connection.execute(INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        connection.execute("ALTER TABLE task_results DISABLE TRIGGER USER")
        connection.execute(ENTRIES, (entries,))
        connection.execute("ALTER TABLE task_results ENABLE TRIGGER USER")
        connection.execute(TALLY)
        for _, statement in indexes:
            connection.execute(statement.encode())
        for ago in range(-1, 3):
            day = f"(now() AT TIME ZONE 'UTC')::date - {ago}"
            connection.execute(f"SELECT make_history_day({day})".encode())
        connection.execute(METRICS, (entries,))
        connection.execute("UPDATE metrics_rolled SET until = now() - interval '3 minutes'")
        connection.execute("SELECT roll_up_metrics('-infinity', now())")
        connection.execute("VACUUM ANALYZE")


def timed(call: Callable[[], object]) -> float:
    """Return how long a call takes, in milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def find(house: House, key: str) -> None:
    """Look a key up; it must be there."""
    assert house.stub.FindResult(pb.FindResultRequest(input_hash=key)).HasField("task")


def keys(house: House, entries: int) -> list[str]:
    """Return some keys that are present, in no order."""
    numbers = random.Random(1).choices(range(1, entries + 1), k=CALLS)  # noqa: S311
    query = "SELECT encode(sha256(n::text::bytea), 'hex') FROM unnest(%s::integer[]) AS n"
    return [key for (key,) in house.sql(query, numbers)]


def throughput(house: House, found: list[str]) -> float:
    """Return lookups a second of eight clients."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        seconds = timed(lambda: list(threads.map(partial(find, house), found[:BURST_CALLS]))) / 1000
    return BURST_CALLS / seconds


def measure(server: str) -> Iterator[Figure]:
    """Yield the figures of each size, and the ratio that matters."""
    with ExitStack() as stack:
        houses, known = {}, {}
        for size in SIZES:
            url = stack.enter_context(database(server))
            fill(url, size)
            houses[size] = stack.enter_context(House(url, CACHE_MAX_SIZE_MB="1000000"))
            known[size] = keys(houses[size], size)
            for key in known[size][:WARM]:
                find(houses[size], key)
        times: dict[int, list[float]] = {size: [] for size in SIZES}
        for turn in range(CALLS):
            for size in SIZES:
                times[size].append(timed(partial(find, houses[size], known[size][turn])))
        rates: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(BURSTS):
            for size in SIZES:
                rates[size].append(throughput(houses[size], known[size]))
        for size in SIZES:
            group, stub = f"lookup, {size:,} entries", houses[size].stub
            yield Figure(group, "FindResult p50", p50(times[size]), "ms")
            yield Figure(group, "FindResult p99", p99(times[size]), "ms")
            yield Figure(group, f"FindResult, {CLIENTS} clients", p50(rates[size]), "/s")
            stats = [timed(partial(stub.GetStats, pb.GetStatsRequest())) for _ in range(20)]
            yield Figure(group, "GetStats p50", p50(stats), "ms")
            pages = [timed(partial(stub.ListTasks, pb.ListTasksRequest())) for _ in range(20)]
            yield Figure(group, "ListTasks p50", p50(pages), "ms")
    first, last = SIZES[0], SIZES[-1]
    for name, of in (("p50", p50), ("p99", p99)):
        ratio = of(times[last]) / of(times[first])
        yield at_most(
            Figure("lookup, a million to a thousand", f"FindResult {name}", ratio, "x"), MOST
        )
