"""WatchTask: every change, once, until the end, whatever happens to the connection."""

from __future__ import annotations

import asyncio
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from integration.cache import calls
from integration.cache.house import PATIENCE, until

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import cache_pb2_grpc as rpc
from services.cache import watching

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.cache.house import House

    from facesvg.v1 import task_pb2

pytestmark = pytest.mark.integration

CANCEL = """
UPDATE task_results
SET status = 'CANCELLED', completed_at = now(), ttl_expires_at = now() + interval '1 hour'
"""
LISTENING = "SELECT pid FROM pg_stat_activity WHERE application_name = 'facesvg-cache-listen'"


class Watch:
    """A client that watches a task in a thread of its own."""

    def __init__(self, house: House, task_id: str, *, with_result: bool = False) -> None:
        self._records: Queue[task_pb2.Task | grpc.RpcError | None] = Queue()
        request = pb.WatchTaskRequest(task_id=task_id, with_result=with_result)
        self._stream = house.stub.WatchTask(request)
        self._thread = Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            for message in self._stream:
                self._records.put(message.task)
        except grpc.RpcError as error:
            self._records.put(error)
        self._records.put(None)

    def next(self) -> task_pb2.Task:
        """Return the next record."""
        record = self._records.get(timeout=PATIENCE)
        assert record is not None, "the stream ended"
        assert not isinstance(record, grpc.RpcError)
        return record

    def refusal(self) -> tuple[grpc.StatusCode, str]:
        """Return what the stream ended with."""
        error = self._records.get(timeout=PATIENCE)
        assert isinstance(error, grpc.RpcError)
        return calls.refusal(error)

    def has_ended(self) -> bool:
        """Return whether the stream ends here, well."""
        return self._records.get(timeout=PATIENCE) is None


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let watchers look for themselves so seldom that only notifications wake them."""
    monkeypatch.setattr(watching, "LOOK_EVERY", 10 * PATIENCE)


def listener(house: House) -> int:
    """Return the process of the listening connection, once it is there."""
    ((pid,),) = until(lambda: house.sql(LISTENING))
    found: int = pid
    return found


@pytest.mark.usefixtures("patient")
def test_every_change_is_told_and_the_last_ends_the_stream(house: House) -> None:
    listener(house)
    task_id = calls.begun(house.stub)
    watch = Watch(house, task_id, with_result=True)
    assert watch.next().status == "PENDING"

    token = calls.leased(house.stub, task_id)
    assert watch.next().status == "PROGRESS"
    house.stub.ReportProgress(calls.advancing(task_id, token, "trace_map", 40))
    record = watch.next()
    assert (record.step, record.progress) == ("trace_map", 40)
    house.stub.CompleteTask(calls.completion(task_id, token))
    record = watch.next()
    assert (record.status, record.result.svg) == ("SUCCESS", calls.SVG)
    assert watch.has_ended()


def test_a_final_task_is_told_once(house: House) -> None:
    watch = Watch(house, calls.completed(house.stub))

    record = watch.next()

    assert record.status == "SUCCESS"
    assert not record.HasField("result")
    assert watch.has_ended()


@pytest.mark.usefixtures("patient")
def test_a_cancelled_task_ends_the_stream(house: House) -> None:
    listener(house)
    task_id = calls.begun(house.stub)
    watch = Watch(house, task_id)
    watch.next()

    house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    assert watch.next().status == "CANCELLED"
    assert watch.has_ended()


@pytest.mark.usefixtures("patient")
def test_an_erased_task_ends_the_stream_with_not_found(house: House) -> None:
    listener(house)
    task_id = calls.begun(house.stub)
    watch = Watch(house, task_id)
    watch.next()

    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))

    assert watch.refusal() == (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")


def test_an_unknown_task_is_not_found(house: House) -> None:
    watch = Watch(house, calls.new_id())

    assert watch.refusal() == (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")


@pytest.mark.usefixtures("patient")
def test_a_killed_connection_is_replaced_and_loses_no_change(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    pid = listener(house)
    watch = Watch(house, task_id)
    watch.next()

    house.sql("SELECT pg_terminate_backend(%s)", pid)
    house.stub.CompleteTask(calls.completion(task_id, token))

    assert watch.next().status == "SUCCESS"
    assert watch.has_ended()
    assert listener(house) != pid


@pytest.mark.usefixtures("patient")
def test_a_change_in_another_process_is_told(house_with: Callable[..., House]) -> None:
    one, other = house_with(), house_with()
    until(lambda: len(one.sql(LISTENING)) == 2)
    task_id = calls.begun(one.stub)
    watch = Watch(one, task_id)
    watch.next()

    other.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    assert watch.next().status == "CANCELLED"


def test_a_change_that_nobody_told_is_seen(house: House) -> None:
    task_id = calls.begun(house.stub)
    watch = Watch(house, task_id)
    watch.next()

    house.sql("ALTER TABLE task_results DISABLE TRIGGER task_moved")
    calls.leased(house.stub, task_id)

    assert watch.next().status == "PROGRESS"
    house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))
    assert watch.next().status == "CANCELLED"


def test_a_task_without_change_is_told_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "REPEAT_EVERY", 0.0)
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.05)
    task_id = calls.begun(house.stub)

    watch = Watch(house, task_id)

    assert [watch.next().status for _ in range(3)] == ["PENDING"] * 3
    house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))
    until(lambda: watch.next().status == "CANCELLED")


def test_watchers_of_many_tasks_hold_one_connection_and_see_the_end(
    house_with: Callable[..., House],
) -> None:
    house = house_with(SQLALCHEMY_POOL_SIZE="1", SQLALCHEMY_MAX_OVERFLOW="1")
    tasks = [calls.begun(house.stub) for _ in range(50)]

    async def watched(stub: Any, task_id: str, began: asyncio.Semaphore) -> str:
        call = stub.WatchTask(pb.WatchTaskRequest(task_id=task_id))
        last = ""
        async for message in call:
            if not last:
                began.release()
            last = message.task.status
        return last

    async def watch_all() -> list[str]:
        began = asyncio.Semaphore(0)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
            stub = rpc.CacheServiceStub(channel)
            ends = [asyncio.create_task(watched(stub, task_id, began)) for task_id in tasks * 4]
            for _ in ends:
                await asyncio.wait_for(began.acquire(), PATIENCE)
            assert len(await asyncio.to_thread(house.sql, LISTENING)) == 1
            await asyncio.to_thread(house.sql, CANCEL)
            return await asyncio.gather(*ends)

    assert asyncio.run(watch_all()) == ["CANCELLED"] * 200


def test_hundred_watchers_see_the_end(house: House) -> None:
    task_id = calls.begun(house.stub)
    watches = [Watch(house, task_id) for _ in range(100)]
    for watch in watches:
        watch.next()

    house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    assert {watch.next().status for watch in watches} == {"CANCELLED"}


def test_watchers_by_the_thousand_leave_room_for_a_call(house: House) -> None:
    photo = calls.Photo()
    request = pb.WatchTaskRequest(task_id=calls.begun(house.stub, photo))
    watches = [house.stub.WatchTask(request) for _ in range(1_100)]  # over one connection

    assert next(watches[0]).task.status == "PENDING"
    assert not house.stub.FindResult(
        pb.FindResultRequest(key=photo.key), timeout=PATIENCE
    ).HasField("task")
    for watch in watches:
        watch.cancel()
