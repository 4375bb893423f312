# ruff: noqa: T201 - a script that prints a table
"""Times the search for similar photos: `python tests/bench/cache/similarity.py [photos...]`.

Starts a Postgres and a cache of its own. The hashes are random; `skewed` ones have one bit in four
set, so that some quarters are a thousand times as frequent as others, which is worse than photos
are. Ratios within one run say something; milliseconds say how busy the machine was.
"""

from __future__ import annotations

import random
import statistics
import struct
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg
from fixtures.postgres import database, serving
from integration.cache.house import House

from services.cache import likenesses
from services.cache.likeness import HASH_BITS, Likeness

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.cache.likeness import Near

CALLS = 300
TASKS_MOST = 100_000
"""Tasks: one is looked up for each photo that is near, so they cost the same however many."""
SIMILARITIES = (3, 4, 8, 10)
FAR = 24
"""Bits in which a photo differs that is another."""
SCOPE = bytes(32)
LANDMARKS = struct.pack("<2f", 0.5, 0.5)
"""One point: as in life, the row is small. The 478 of a face are kept out of it."""

# Made without their indexes, which are built once all is there; references are true by the making.
BEFORE = """
SET session_replication_role = replica;
DROP INDEX task_results_live, task_results_newest, task_results_expiring;
DROP INDEX likenesses_quarter_1, likenesses_quarter_2, likenesses_quarter_3, likenesses_quarter_4;
"""
TASKS = """
INSERT INTO task_results (
    task_id, input_hash, status, progress, completed_at, ttl_expires_at,
    drawing, result_data, svg_data, svg_size, svg_sha256
)
SELECT
    md5(n::text)::uuid, repeat(md5(n::text), 2), 'SUCCESS', 100, now(), now() + interval '1 day',
    '', '{}', '', 0, sha256('')
FROM generate_series(1, %s) AS n
"""
HASHES = {
    "random": "('x' || md5(n::text))::bit(64)::bigint",
    "skewed": "('x' || md5(n::text))::bit(64)::bigint & ('x' || md5('x' || n))::bit(64)::bigint",
}
LIKENESSES = """
INSERT INTO likenesses (task_id, scope, perceptual_hash, image_width, image_height, landmarks)
SELECT md5(n::text)::uuid, %b, {}, 640, 480, %b FROM generate_series(1, %s) AS n
"""
AFTER = """
CREATE INDEX likenesses_quarter_1 ON likenesses (scope, quarter_1)
    INCLUDE (perceptual_hash, task_id);
CREATE INDEX likenesses_quarter_2 ON likenesses (scope, quarter_2)
    INCLUDE (perceptual_hash, task_id);
CREATE INDEX likenesses_quarter_3 ON likenesses (scope, quarter_3)
    INCLUDE (perceptual_hash, task_id);
CREATE INDEX likenesses_quarter_4 ON likenesses (scope, quarter_4)
    INCLUDE (perceptual_hash, task_id);
"""
SIZES = """
SELECT pg_size_pretty(pg_table_size('likenesses')), pg_size_pretty(pg_indexes_size('likenesses'))
"""


def timed(call: Callable[[], object]) -> float:
    """Return how long a call takes, in milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def row(name: str, times: list[float], found: int) -> str:
    """Return a line of the table."""
    ordered = sorted(times)
    p99 = ordered[int(len(ordered) * 0.99)]
    middle = statistics.median(ordered)
    return f"  {name:<24} p50 {middle:7.2f}   p99 {p99:7.2f} ms   found {found} of {len(times)}"


def photo(perceptual_hash: int) -> Likeness:
    """Return a photo with this hash."""
    return Likeness(SCOPE, perceptual_hash, LANDMARKS, 640, 480)


def altered(perceptual_hash: int, bits: int, chance: random.Random) -> int:
    """Return a hash that differs in so many bits."""
    for place in chance.sample(range(HASH_BITS), bits):
        perceptual_hash ^= 1 << place
    return perceptual_hash


def measure(url: str, photos: int, hashes: str) -> None:
    """Print the times with so many photos."""
    chance = random.Random(7)  # noqa: S311 - pictures, not secrets
    with House(url, CACHE_MAX_SIZE_MB="100000") as house:
        began = time.perf_counter()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(BEFORE)
            connection.execute(TASKS, (min(photos, TASKS_MOST),))
            connection.execute(LIKENESSES.format(HASHES[hashes]), (SCOPE, LANDMARKS, photos))
            connection.execute(AFTER)
            connection.execute("VACUUM ANALYZE task_results, likenesses")
        table, indexes = house.sql(SIZES)[0]
        print(f"{photos} photos, {hashes} hashes, made in {time.perf_counter() - began:.0f} s")
        print(f"  table {table}, indexes {indexes}")
        query = """
            SELECT perceptual_hash FROM task_results JOIN likenesses USING (task_id)
            ORDER BY random() LIMIT %s
        """
        present = [found % (1 << HASH_BITS) for (found,) in house.sql(query, CALLS)]

        async def nearest(likeness: Likeness, most: int) -> Near | None:
            async with house.cache.database.reading() as view:
                return await view.likenesses.nearest(likeness, most)

        def find(looks: Likeness, most: int) -> Near | None:
            return house.run(nearest(looks, most))

        for most in SIMILARITIES:
            asked = [photo(altered(found, most, chance)) for found in present]
            hits = [find(looks, most) is not None for looks in asked]
            times = [timed(partial(find, looks, most)) for looks in asked]
            print(row(f"similarity={most}", times, sum(hits)))
        strangers = [photo(altered(found, FAR, chance)) for found in present]
        hits = [find(looks, 10) is not None for looks in strangers]
        times = [timed(partial(find, looks, 10)) for looks in strangers]
        print(row("similarity=10, a miss", times, sum(hits)))
        with psycopg.connect(url, autocommit=True) as connection:
            explain = f"EXPLAIN (ANALYZE, COSTS off, SUMMARY off) {likenesses.NEAREST}"
            print()
            for (line,) in connection.execute(explain, likenesses.asked(photo(present[0]), 8)):
                print(f"    {line[:140]}")


def main() -> None:
    """Measure with each number of photos."""
    sizes = [int(size) for size in sys.argv[1:]] or [100_000, 1_000_000]
    with serving() as server:
        for size in sizes:
            with database(server) as url:
                measure(url, size, "random")
        with database(server) as url:
            measure(url, sizes[0], "skewed")


if __name__ == "__main__":
    main()
