"""Killed at any moment: what was accepted is there whole, what was not has left nothing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import grpc
import psycopg
import pytest
from fixtures.postgres import database
from fixtures.servers import Server, homes, stopping
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import PATIENCE, House, until
from integration.cache.test_running import running

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import cache_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from facesvg.v1.cache_pb2_grpc import CacheServiceStub

pytestmark = pytest.mark.integration

MIB = 1024 * 1024
TABLES = ("task_results", "task_inputs", "blobs", "blob_chunks")

# Bytes that are not what their row says, and rows that say nothing of bytes.
PARTIAL = """
SELECT count(*) FROM blobs LEFT JOIN LATERAL (
    SELECT sha256(string_agg(data, '' ORDER BY seq)) AS digest, sum(octet_length(data)) AS size
    FROM blob_chunks WHERE blob_chunks.digest = blobs.digest
) AS stored ON true
WHERE (stored.digest, stored.size) IS DISTINCT FROM (blobs.digest, blobs.size)
"""

MANY = range(6)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Return a server that may be killed; it loses no commit when it is."""
    with homes() as (home,):
        server = Server(home).initialise()
        server.start(synchronous_commit="on")
        with stopping(server):
            yield server


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with database(server.url) as made:
        yield made


def value(url: str, query: Any) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        ((found,),) = connection.execute(query).fetchall()
        return found


def rows(url: str) -> dict[str, int]:
    counts = {name: value(url, f"SELECT count(*) FROM {name}") for name in TABLES}  # noqa: S608
    return {name: count for name, count in counts.items() if count}


@contextmanager
def stuck_while_storing(url: str, stub: CacheServiceStub) -> Iterator[Any]:
    """Yield a submission that has stored its task and waits to store its bytes."""
    with closing(psycopg.connect(url)) as rival, ThreadPoolExecutor(1) as thread:
        rival.execute("LOCK TABLE blob_chunks IN SHARE MODE")
        submission = thread.submit(calls.begin, stub, Photo(image=calls.noise(MIB)))
        waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'blob_chunks'::regclass"
        until(lambda: value(url, f"{waiting} AND NOT granted"))
        yield submission


@contextmanager
def half_sent(stub: CacheServiceStub) -> Iterator[Any]:
    """Yield a submission of which half has come."""
    is_over = Event()

    def half() -> Iterator[pb.BeginTaskRequest]:
        messages = list(Photo(image=calls.noise(4 * MIB)).messages(calls.new_id()))
        yield from messages[: len(messages) // 2]
        is_over.wait(PATIENCE)

    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(stub.BeginTask, half())
        finally:
            is_over.set()


def submit_until(stub: CacheServiceStub, is_over: Event, seed: int) -> dict[str, Photo]:
    """Submit photos one after another, and return those that were accepted."""
    accepted: dict[str, Photo] = {}
    number = 0
    while not is_over.is_set():
        number += 1
        photo = Photo(image=calls.noise(MIB, seed), landmarks=f"{seed} {number}".encode())
        try:
            accepted[calls.begin(stub, photo).task.task_id] = photo
        except grpc.RpcError:
            time.sleep(0.01)
    return accepted


def crashed_under_load(stub: CacheServiceStub, crash: Callable[[], None]) -> dict[str, Photo]:
    """Crash while photos come, and return those that were accepted."""
    is_over = Event()
    with ThreadPoolExecutor(len(MANY)) as threads:
        runs = [threads.submit(submit_until, stub, is_over, seed) for seed in MANY]
        try:
            until(lambda: stub.GetStats(pb.GetStatsRequest()).stats.pending_tasks >= 10)
            crash()
        finally:
            is_over.set()
    return {task_id: photo for run in runs for task_id, photo in run.result().items()}


def assert_whole(stub: CacheServiceStub, url: str, accepted: dict[str, Photo]) -> None:
    assert value(url, PARTIAL) == 0
    assert len(accepted) >= 10
    for task_id, photo in accepted.items():
        assert calls.opened(stub, task_id)[1] == photo.parts


def test_a_cache_killed_while_bytes_come_leaves_nothing(url: str) -> None:
    with running(url) as cache, half_sent(cache_pb2_grpc.CacheServiceStub(cache.channel)) as call:
        cache.process.kill()
        assert isinstance(call.exception(PATIENCE), grpc.RpcError)

    assert rows(url) == {}


def test_a_cache_killed_while_bytes_are_stored_leaves_nothing(url: str) -> None:
    with running(url) as cache:
        stub = cache_pb2_grpc.CacheServiceStub(cache.channel)
        with stuck_while_storing(url, stub) as submission:
            cache.process.kill()
            assert isinstance(submission.exception(PATIENCE), grpc.RpcError)
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'facesvg-cache'"
        until(lambda: value(url, sessions) == 0)

    assert rows(url) == {}


def test_a_cache_killed_under_load_loses_no_task_that_it_accepted(url: str) -> None:
    with running(url) as cache:
        stub = cache_pb2_grpc.CacheServiceStub(cache.channel)
        accepted = crashed_under_load(stub, cache.process.kill)

    with House(url) as house:
        assert_whole(house.stub, url, accepted)


def test_postgres_killed_while_bytes_are_stored_leaves_nothing(server: Server, url: str) -> None:
    with House(url) as house:
        with stuck_while_storing(url, house.stub) as submission:
            server.crash()
            error = submission.exception(PATIENCE)
        server.start(synchronous_commit="on")

        assert calls.refusal(error) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")
        assert rows(url) == {}
        calls.completed(house.stub)


def test_postgres_killed_under_load_loses_no_task_that_was_accepted(
    server: Server, url: str
) -> None:
    def crash() -> None:
        server.crash()
        server.start(synchronous_commit="on")

    with House(url) as house:
        accepted = crashed_under_load(house.stub, crash)

        assert_whole(house.stub, url, accepted)
        assert calls.begin(house.stub, Photo()).outcome == calls.OWNER


def test_postgres_killed_while_a_drawing_is_stored_leaves_the_task_to_its_worker(
    server: Server, url: str
) -> None:
    svg = calls.noise(MIB)
    with House(url) as house:
        task_id = calls.begun(house.stub)
        token = calls.leased(house.stub, task_id)
        server.crash()
        with pytest.raises(grpc.RpcError):
            house.stub.CompleteTask(calls.completion(task_id, token, svg))
        server.start(synchronous_commit="on")

        house.stub.CompleteTask(calls.completion(task_id, token, svg))

        assert calls.read_svg(house.stub, task_id) == svg


def test_the_cache_killed_loses_no_hit_that_was_written_and_counts_none_twice(url: str) -> None:
    hits = "SELECT cache_hits FROM task_results"
    photo = Photo()
    with running(url) as cache:
        stub = cache_pb2_grpc.CacheServiceStub(cache.channel)
        calls.completed(stub, photo)
        for _ in range(3):
            assert calls.find(stub, photo)
        until(lambda: value(url, hits) == 3)  # on its own, within seconds
        cache.process.kill()

    with running(url) as cache:
        stub = cache_pb2_grpc.CacheServiceStub(cache.channel)
        assert value(url, hits) == 3
        assert calls.find(stub, photo)
        until(lambda: value(url, hits) > 3)

    assert value(url, hits) == 4
