"""The queue on a real Redis."""

from __future__ import annotations

import asyncio
import queue
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dramatiq
import pytest
from dramatiq import Message
from suite import Suite

from services.processor import bell
from services.processor.broker import ACTOR, QUEUE, RedisQueue, open_broker
from services.processor.middleware import Ids
from services.runtime import context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dramatiq.brokers.redis import RedisBroker

    from deploy.local.stack import Stack

pytestmark = pytest.mark.integration

HEARTBEAT = timedelta(seconds=1)
BELL = f"dramatiq:{QUEUE}.bell"


@pytest.fixture
def broker(redis_url: str) -> Iterator[RedisBroker]:
    broker = open_broker(redis_url, HEARTBEAT)
    broker.add_middleware(Ids())
    yield broker
    broker.flush_all()
    broker.client.delete(BELL)
    broker.close()
    broker.client.connection_pool.disconnect()


def message(broker: RedisBroker) -> Message[None]:
    """Return the one message that waits."""
    raw: Any = broker.client.hvals(f"dramatiq:{QUEUE}.msgs")
    return Message.decode(raw[0])


def taken(broker: RedisBroker) -> queue.Queue[tuple[str, str, str]]:
    """Declare the actor; return what it is called with, and the ids that are bound then."""
    calls: queue.Queue[tuple[str, str, str]] = queue.Queue()

    @dramatiq.actor(broker=broker, actor_name=ACTOR, queue_name=QUEUE)
    def draw(task_id: str) -> None:
        calls.put((task_id, context.task_id.get(), context.request_id.get()))

    assert draw.queue_name == QUEUE
    return calls


def test_a_task_reaches_a_worker_with_the_request_that_brought_it(broker: RedisBroker) -> None:
    calls = taken(broker)
    token = context.request_id.set("req-9")
    asyncio.run(RedisQueue(broker).put("task-1"))
    context.request_id.reset(token)

    worker = dramatiq.Worker(broker, worker_timeout=20, worker_threads=1)
    worker.start()
    try:
        assert calls.get(timeout=20) == ("task-1", "task-1", "req-9")
    finally:
        worker.stop()


def test_a_task_that_is_queued_again_is_still_that_of_the_call_that_brought_it(
    broker: RedisBroker,
) -> None:
    origin = context.Origin("req-9", f"00-{'a' * 32}-{'b' * 16}-01")

    asyncio.run(RedisQueue(broker).put("task-1", origin))

    told = message(broker).options
    assert (told["request_id"], told["traceparent"]) == (origin.request_id, origin.traceparent)


@contextmanager
def working(broker: RedisBroker) -> Iterator[dramatiq.Worker]:
    """Run a worker that takes one task at a time."""
    worker = dramatiq.Worker(broker, worker_timeout=500, worker_threads=1)
    worker.queue_prefetch = 1
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def test_idle_workers_are_woken_by_a_task(broker: RedisBroker) -> None:
    calls = taken(broker)

    with working(broker):
        for number in range(3):
            Suite.until(lambda: broker.client.info("clients")["blocked_clients"], bool)
            asyncio.run(RedisQueue(broker).put(f"task-{number}"))
            assert calls.get(timeout=20)[0] == f"task-{number}"
            assert not broker.client.exists(BELL)  # it was heard


def test_a_busy_worker_takes_the_next_task_as_soon_as_it_is_done(broker: RedisBroker) -> None:
    calls = taken(broker)
    for number in range(20):
        asyncio.run(RedisQueue(broker).put(f"task-{number}"))

    with working(broker):
        done = [calls.get(timeout=20)[0] for _ in range(20)]

    assert done == [f"task-{number}" for number in range(20)]


def test_rings_that_nobody_hears_are_few(broker: RedisBroker) -> None:
    for number in range(3 * bell.RINGS):
        asyncio.run(RedisQueue(broker).put(f"task-{number}"))

    assert broker.client.llen(BELL) == bell.RINGS


def test_the_message_is_a_few_hundred_bytes(broker: RedisBroker) -> None:
    asyncio.run(RedisQueue(broker).put("0" * 36))

    [message] = broker.client.hvals(f"dramatiq:{QUEUE}.msgs")
    assert len(message) < 500


def test_redis_tells_its_version(broker: RedisBroker) -> None:
    version = asyncio.run(RedisQueue(broker).version())

    assert int(version.split(".")[0]) >= 6


def test_a_redis_that_is_away_is_a_connection_error(
    redis_server: Stack, broker: RedisBroker
) -> None:
    tasks = RedisQueue(broker)
    redis_server.part("redis").stop()
    try:
        with pytest.raises(ConnectionError):
            asyncio.run(tasks.put("task-2"))
        with pytest.raises(ConnectionError):
            asyncio.run(tasks.version())
    finally:
        redis_server.restart("redis")
