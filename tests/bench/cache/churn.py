"""A day of tasks that come, are drawn, are hit, expire: what tables and indexes grow to.

An hour is a round of so many lives; drawings expire after six. The last round is compared with the
twelfth, when as many go as come. VACUUM runs once a round, as autovacuum does more often.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from figures import Figure, at_most
from fixtures.postgres import database
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import House

from facesvg.v1 import cache_pb2 as pb
from services.cache import rollups

if TYPE_CHECKING:
    from collections.abc import Iterator

HOURS = 24
STEADY = 12
KEPT_HOURS = 6
LIVES = 60
CLIENTS = 4
MOST = 1.25

KIB = 1024
MIB = 1024 * 1024

SIZES = """
SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s)
"""
TABLES = ["task_results", "task_inputs", "blobs", "blob_chunks", "tallies", "tally_changes"]
EXPIRE = """
UPDATE task_results SET ttl_expires_at = now()
WHERE task_id = ANY(%s::uuid[]) AND ttl_expires_at > now()
"""


def life(house: House, seed: int) -> str:
    """Take one photo all the way, and find it twice."""
    photo = Photo(image=calls.noise(64 * KIB, seed), landmarks=str(seed).encode())
    svg = calls.noise(300 * KIB if seed % 10 == 0 else 6 * KIB, seed)
    task_id = calls.completed(house.stub, photo, svg)
    for _ in range(2):
        calls.find(house.stub, photo)
    return task_id


def sizes(house: House) -> dict[str, tuple[int, int]]:
    """Return the bytes of each table and of its indexes."""
    return {name: (table, index) for name, table, index in house.sql(SIZES, TABLES)}


def measure(server: str) -> Iterator[Figure]:
    """Yield what each table is at the end of the day, and how much it grew in the second half."""
    with database(server) as url, House(url, CACHE_CLEANUP_INTERVAL="100000") as house:
        rounds: list[list[str]] = []
        seen: list[dict[str, tuple[int, int]]] = []
        with ThreadPoolExecutor(CLIENTS) as threads:
            for hour in range(HOURS):
                seeds = range(hour * LIVES, (hour + 1) * LIVES)
                rounds.append(list(threads.map(lambda seed: life(house, seed), seeds)))
                house.flush_hits()
                if hour >= KEPT_HOURS:
                    house.sql(EXPIRE, rounds[hour - KEPT_HOURS])
                house.stub.Cleanup(pb.CleanupRequest())
                house.run(rollups.fold(house.cache.database))
                house.sql("VACUUM")
                seen.append(sizes(house))
        assert house.value("SELECT count(*) FROM task_results") == KEPT_HOURS * LIVES
    group = f"a day of {HOURS * LIVES} tasks"
    for index, what in enumerate(("tables", "indexes")):
        last = sum(each[index] for each in seen[-1].values())
        steady = sum(each[index] for each in seen[STEADY - 1].values())
        yield Figure(group, f"{what} at the end", last / MIB, "MiB")
        grown = Figure(group, f"{what}, hour {HOURS} to hour {STEADY}", last / steady, "x")
        yield at_most(grown, MOST)
