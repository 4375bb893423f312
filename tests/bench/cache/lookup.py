# ruff: noqa: T201 - a script that prints a table
"""Times lookups with few and with many entries: `python tests/bench/cache/lookup.py [entries...]`.

Starts a Postgres and a cache of its own. Ratios within one run say something; milliseconds say how
busy the machine was.
"""

from __future__ import annotations

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fixtures.postgres import database, serving
from integration.cache.house import House

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = 1000

# Three KiB of drawing (as the field `svg` of its message) and six of SVG, which do not compress.
ENTRIES = """
INSERT INTO task_results (
    task_id, input_hash, status, progress, submitted_at, last_used_at, completed_at, ttl_expires_at,
    drawing, drawing_size, result_data, svg_data, svg_size, svg_sha256, regions_detected
)
SELECT
    gen_random_uuid(), encode(sha256(n::text::bytea), 'hex'), 'SUCCESS', 100,
    now() - make_interval(secs => n), now() - make_interval(secs => n), now(),
    now() + interval '1 day', decode('0a8018', 'hex') || noise, 3075,
    '{"regions": [], "warnings": []}',
    noise || noise, 6144, sha256(noise || noise), 27
FROM generate_series(1, %s) AS n, LATERAL (
    SELECT string_agg(sha256((n * 96 + i)::text::bytea), '') AS noise
    FROM generate_series(1, 96) AS i
) AS noises
"""

PLANS = {
    "find by input hash": """
        SELECT task_id FROM task_results
        WHERE input_hash = encode(sha256('7'), 'hex') AND tenant = '' AND is_live
    """,
    "a page of tasks": """
        SELECT task_id FROM task_results
        WHERE tenant = '' AND (submitted_at, task_id) < (now(), gen_random_uuid())
        ORDER BY submitted_at DESC, task_id DESC LIMIT 51
    """,
    "pending": "SELECT count(*) FROM task_results WHERE status = 'PENDING'",
    "lapsed": """
        SELECT task_id FROM task_results
        WHERE status = 'PROGRESS' AND lease_until <= now() ORDER BY lease_until LIMIT 100
    """,
    "expired": """
        SELECT task_id FROM task_results WHERE ttl_expires_at <= now()
        ORDER BY ttl_expires_at LIMIT 500
    """,
}


def hashes(house: House) -> list[str]:
    """Return some keys that are present."""
    query = "SELECT input_hash FROM task_results ORDER BY random() LIMIT %s"
    return [found for (found,) in house.sql(query, CALLS)]


def timed(call: Callable[[], object]) -> float:
    """Return how long a call takes, in milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def row(name: str, times: list[float]) -> str:
    """Return a line of the table."""
    ordered = sorted(times)
    p99 = ordered[int(len(ordered) * 0.99)]
    return f"  {name:<24} p50 {statistics.median(ordered):7.2f}   p99 {p99:7.2f} ms"


def measure(url: str, entries: int, *, plans: bool) -> None:
    """Print the times with so many entries."""
    with House(url, CACHE_MAX_SIZE_MB="100000") as house:
        began = time.perf_counter()
        house.sql(ENTRIES, entries)
        house.sql("VACUUM ANALYZE")
        print(f"{entries} entries, made in {time.perf_counter() - began:.0f} s")
        keys = hashes(house)

        def find(key: str) -> None:
            house.stub.FindResult(pb.FindResultRequest(input_hash=key))

        for key in keys[:200]:
            find(key)
        times = [timed(partial(find, key)) for key in keys]
        print(row("FindResult, hit", times))
        times = [timed(partial(find, "0" * 64)) for _ in keys]
        print(row("FindResult, miss", times))
        with ThreadPoolExecutor(8) as threads:
            began = time.perf_counter()
            list(threads.map(find, keys))
            print(
                f"  {'FindResult, 8 clients':<24} {len(keys) / (time.perf_counter() - began):.0f}/s"
            )
        ids = house.sql("SELECT task_id::text FROM task_results LIMIT 200")
        get = house.stub.GetTask
        requests = [pb.GetTaskRequest(task_id=task_id, with_result=True) for (task_id,) in ids]
        print(
            row("GetTask with its result", [timed(partial(get, request)) for request in requests])
        )
        for name, call in {
            "ListTasks": lambda: house.stub.ListTasks(pb.ListTasksRequest()),
            "GetStats": lambda: house.stub.GetStats(pb.GetStatsRequest()),
            "Cleanup": lambda: house.stub.Cleanup(pb.CleanupRequest()),
            "flush of hits": house.flush_hits,
        }.items():
            print(row(name, [timed(call) for _ in range(5)]))
        if plans:
            for name, query in PLANS.items():
                print(f"\n  {name}")
                for (line,) in house.sql(f"EXPLAIN (ANALYZE, COSTS off, SUMMARY off) {query}"):
                    print(f"    {line}")


def main() -> None:
    """Measure with each number of entries."""
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 100_000]
    with serving() as server:
        for size in sizes:
            with database(server) as url:
                measure(url, size, plans=size == sizes[-1])


if __name__ == "__main__":
    main()
