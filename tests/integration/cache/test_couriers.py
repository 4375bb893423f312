"""Messages from the cache to a real receiver, by way of couriers that come and go."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

import grpc
import pytest
from fixtures.receiver import HANG, Receiver
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import until

from facesvg.v1 import cache_pb2_grpc, mask_pb2
from services.gateway.webhooks.courier import Courier
from services.gateway.webhooks.guard import Guard
from services.gateway.webhooks.outbox import CacheOutbox
from services.gateway.webhooks.pauses import Pauses
from services.gateway.webhooks.posting import Poster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from integration.cache.house import House

    from facesvg.v1 import task_pb2

pytestmark = pytest.mark.integration

SOON = Pauses(first=timedelta(milliseconds=10), max_attempts=4)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@contextmanager
def courier(house: House, port: int, *, dies: bool = False) -> Iterator[None]:
    """Have messages sent within the block; a courier that dies reports on nothing at its end."""
    guard = Guard(frozenset({port}), [ip_network("127.0.0.0/8")], allows_http=True)
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def run() -> None:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
            outbox = CacheOutbox(cache_pb2_grpc.CacheServiceStub(channel))
            poster = Poster(guard, [bytes(32)], timedelta(seconds=20))
            sending = Courier(outbox, poster, SOON, timedelta(milliseconds=20))
            work = asyncio.create_task(sending.run())
            await ended.wait()
            if dies:
                for task in {work, *sending._under_way}:
                    task.cancel()
            sending.end()
            await asyncio.gather(work, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def told(house: House, task_id: str) -> task_pb2.Delivery:
    [delivery] = calls.got(house.stub, task_id).deliveries
    return delivery


def completed(house: House, url: str) -> str:
    options = mask_pb2.DrawOptions(callback_url=url)
    return calls.completed(house.stub, Photo(uuid.uuid4().bytes, options=options))


def test_a_receiver_that_fails_twice_is_told_in_the_end(house: House, receiver: Receiver) -> None:
    receiver.answers["/hook"].extend([500, 503])

    with courier(house, receiver.port):
        task_id = completed(house, receiver.url("/hook"))
        requests = [receiver.request("/hook") for _ in range(3)]
        until(lambda: told(house, task_id).state == "DELIVERED")

    assert len({request.body for request in requests}) == 1
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    event = json.loads(requests[0].body)
    assert (event["type"], event["data"]["task_id"]) == ("task.success", task_id)
    assert event["data"]["svg_url"] == f"/api/v1/frontal/crop/svg/{task_id}"
    assert "error" not in event["data"]
    delivery = told(house, task_id)
    assert (delivery.attempts, delivery.http_status, delivery.error) == (3, 204, "")


def test_a_receiver_that_never_takes_it_is_given_up(house: House, receiver: Receiver) -> None:
    receiver.answers["/hook"].extend([404] * 9)

    with courier(house, receiver.port):
        task_id = completed(house, receiver.url("/hook"))
        until(lambda: told(house, task_id).state == "FAILED")

    delivery = told(house, task_id)
    assert (delivery.attempts, delivery.http_status) == (4, 404)
    assert delivery.error == "answered 404; expected 2xx"


def test_a_courier_that_dies_while_it_sends_loses_nothing(house: House, receiver: Receiver) -> None:
    receiver.answers["/hook"].append(HANG)

    with courier(house, receiver.port, dies=True):
        task_id = completed(house, receiver.url("/hook"))
        first = receiver.request("/hook")
    assert told(house, task_id).state == "PENDING"
    house.sql("UPDATE deliveries SET due_at = now()")  # the lease is over
    with courier(house, receiver.port):
        second = receiver.request("/hook")
        until(lambda: told(house, task_id).state == "DELIVERED")

    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert told(house, task_id).attempts == 2


def test_several_couriers_share_the_messages(house: House, receiver: Receiver) -> None:
    with courier(house, receiver.port), courier(house, receiver.port):
        task_ids = {completed(house, receiver.url("/hook")) for _ in range(20)}
        got = [json.loads(receiver.request("/hook").body)["data"]["task_id"] for _ in range(20)]
        until(lambda: house.value("SELECT bool_and(state = 'DELIVERED') FROM deliveries"))

    assert sorted(got) == sorted(task_ids)
    assert receiver.got["/hook"].empty()


def test_an_address_that_may_not_be_called_is_said_on_the_task(
    house: House, receiver: Receiver
) -> None:
    with courier(house, receiver.port):
        task_id = completed(house, f"http://10.0.0.1:{receiver.port}/")
        until(lambda: told(house, task_id).state == "FAILED")

    assert told(house, task_id).error == "10.0.0.1 is not a public address"
