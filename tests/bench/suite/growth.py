"""What a task costs as more are stored, watched, or waiting.

The cache in this process, before a Postgres of its own without fsync: the door costs the same
whatever lies behind it. Sizes take turns, so that what disturbs the machine disturbs all of them.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import grpc
import lookups
from figures import Figure, at_most, p50
from fixtures.postgres import database
from fixtures.servers import serving
from integration.cache import calls
from integration.cache.house import House, until

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import cache_pb2_grpc as rpc

if TYPE_CHECKING:
    from collections.abc import Iterator

HISTORY = (1_000, 100_000, 1_000_000)
WATCHERS = (1, 1_000)
WAITING = (10, 10_000)

ROUNDS = 40
WARM = 5
LOOK_SECONDS = 5.0
PER_CHANNEL = 500
"""Watches over one connection, which takes 1000."""
MOST = 2.0

QUEUED = """
INSERT INTO task_results (task_id, input_hash, enqueued_at)
SELECT md5(n::text)::uuid, encode(sha256(n::text::bytea), 'hex'), now()
FROM generate_series(1, %s) AS n
"""


def measure() -> Iterator[Figure]:
    """Yield the cost of a task's life among more and more of each."""
    with serving() as server:
        yield from grown(server.url, "tasks stored", HISTORY)
        yield from grown(server.url, "tasks watched", WATCHERS)
        yield from idle(server.url, "tasks watched", WATCHERS)
        yield from grown(server.url, "tasks waiting", WAITING)


def grown(server: str, what: str, sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Yield what a life and its parts take at each size, and the last beside the first."""
    with ExitStack() as stack:
        houses = {size: stack.enter_context(house(server, what, size)) for size in sizes}
        times: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
        for turn in range(WARM + ROUNDS):
            for size, running in houses.items():
                taken = life(running)
                if turn >= WARM:
                    times[size].append(taken)
        for size in sizes:
            group = f"growth, {size:,} {what}"
            for step in times[size][0]:
                yield Figure(group, f"{step}, p50", p50([t[step] for t in times[size]]), "ms")
        first, last = (
            p50([sum(taken.values()) for taken in times[size]]) for size in (sizes[0], sizes[-1])
        )
        name = f"a task's life, {sizes[-1]:,} to {sizes[0]:,} {what}"
        yield at_most(Figure("growth", name, last / first, "x"), MOST)


def idle(server: str, what: str, sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Yield what the cache and its watchers take when nothing happens, at each size."""
    for size in sizes:
        with house(server, what, size):
            began = time.process_time()
            time.sleep(LOOK_SECONDS)
            share = (time.process_time() - began) / LOOK_SECONDS * 100
        yield Figure(f"growth, {size:,} {what}", "CPU, nothing happens", share, "% core")


@contextmanager
def house(server: str, what: str, size: int) -> Iterator[House]:
    """Yield a cache with so many tasks that are stored, watched, or waiting."""
    with ExitStack() as stack:
        url = stack.enter_context(database(server))
        if what == "tasks stored":
            lookups.fill(url, size)
        limits = {"CACHE_MAX_SIZE_MB": "1000000", "QUEUE_LIMIT": "1000000"}
        running = stack.enter_context(House(url, **limits))
        if what != "tasks stored":
            running.sql(QUEUED, size)
            running.sql("VACUUM ANALYZE")
        if what == "tasks watched":
            watch(stack, running, size)
        yield running


def watch(stack: ExitStack, running: House, count: int) -> None:
    """Watch so many waiting tasks, until the block ends."""
    ids = [str(task_id) for (task_id,) in running.sql("SELECT task_id FROM task_results")]
    watches = []
    for start in range(0, count, PER_CHANNEL):
        options = [("grpc.use_local_subchannel_pool", 1)]
        address = f"127.0.0.1:{running.port}"
        channel = stack.enter_context(grpc.insecure_channel(address, options))
        stub = rpc.CacheServiceStub(channel)
        for task_id in ids[start : start + PER_CHANNEL]:
            watches.append(stub.WatchTask(pb.WatchTaskRequest(task_id=task_id)))
            stack.callback(watches[-1].cancel)
    for one in watches:
        next(one)


def life(running: House) -> dict[str, float]:
    """Return the milliseconds that each call of one task's life took."""
    photo, stub = calls.Photo(), running.stub
    taken: dict[str, float] = {}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        taken[step] = (time.perf_counter() - began) * 1000

    with timed("lookup in vain"):
        assert calls.find(stub, photo) is None
    with timed("begin"):
        task_id = calls.begun(stub, photo)
    with timed("lease"):
        token = calls.leased(stub, task_id)
    watch = stub.WatchTask(pb.WatchTaskRequest(task_id=task_id))
    next(watch)
    with timed("complete, until its watcher knows"):
        stub.CompleteTask(calls.completion(task_id, token))
        until(lambda: next(watch).task.status == "SUCCESS")
    with timed("lookup"):
        assert calls.find(stub, photo) is not None
    with timed("list"):
        stub.ListTasks(pb.ListTasksRequest())
    return taken
