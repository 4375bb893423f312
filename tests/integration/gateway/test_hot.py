"""Two gateway processes before one cache: what is erased is told of by neither."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.house import House, until

from deploy.local.ports import free_port
from facesvg.v1 import cache_pb2, gateway_pb2
from facesvg.v1 import gateway_pb2_grpc as rpc
from services.cache.freshness import GOOD_FOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.integration

Asked = list[tuple[float, bool]]
"""When a gateway was asked for a drawing, and whether it found it."""


@dataclass(frozen=True)
class Gateway:
    """A process, and where it tells what it counted."""

    process: subprocess.Popen[bytes]
    stub: rpc.GatewayServiceStub
    metrics_port: int

    def repeated(self) -> float:
        """Return how many answers it gave without asking the cache."""
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        with urllib.request.urlopen(url) as page:
            found = re.search(r"(?m)^cache_hot_hits_total (\S+)", page.read().decode())
        assert found
        return float(found[1])

    def finds(self, input_hash: str) -> bool:
        """Return whether it tells of a drawing."""
        try:
            self.stub.FindByDigest(gateway_pb2.FindByDigestRequest(input_hash=input_hash))
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND  # noqa: PT017 - neither is a mistake
            return False
        return True


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Return a real cache."""
    with House(database_url) as running:
        yield running


@pytest.fixture
def gateways(house: House) -> Iterator[list[Gateway]]:
    """Return two gateways before the cache; they are ended after the test."""
    address = f"127.0.0.1:{house.port}"
    with ExitStack() as stack:
        begun = []
        with ExitStack() as held:  # below those that the kernel gives to servers of other tests
            ports = [(free_port(held), free_port(held)) for _ in range(2)]
        for port, metrics_port in ports:
            env = {
                **os.environ,
                "GATEWAY_PORT": str(port),
                "GATEWAY_METRICS_PORT": str(metrics_port),
                "CACHE_ADDRESS": address,
                "PROCESSOR_ADDRESS": address,
                "SHUTDOWN_GRACE_SECONDS": "1",
            }
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "services.gateway"], env=env, stderr=subprocess.DEVNULL
                )
            )
            stack.callback(process.kill)
            channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}"))
            begun.append((process, channel, metrics_port))
        for _, channel, _ in begun:
            grpc.channel_ready_future(channel).result(timeout=30)
        yield [
            Gateway(process, rpc.GatewayServiceStub(channel), metrics_port)
            for process, channel, metrics_port in begun
        ]


@pytest.fixture
def asking() -> Iterator[Callable[[Gateway, str], Asked]]:
    """Return what begins to ask a gateway again and again, noting when and whether it found."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def begin(gateway: Gateway, input_hash: str) -> Asked:
        asked: Asked = []

        def ask() -> None:
            while not stop.is_set():
                began = time.monotonic()
                asked.append((began, gateway.finds(input_hash)))

        threads.append(threading.Thread(target=ask))
        threads[-1].start()
        return asked

    yield begin
    stop.set()
    for thread in threads:
        thread.join()


def drawn(house: House) -> tuple[str, str]:
    """Return a finished task and its key."""
    photo = calls.Photo()
    task_id = calls.completed(house.stub, photo)
    request = cache_pb2.FindResultRequest(key=photo.key)
    return task_id, house.stub.FindResult(request).input_hash


def test_nobody_tells_of_a_task_once_its_erasure_is_answered(
    house: House, gateways: list[Gateway], asking: Callable[[Gateway, str], Asked]
) -> None:
    one, other = gateways
    task_id, input_hash = drawn(house)
    asked = [asking(gateway, input_hash) for gateway in gateways]
    until(other.repeated)

    one.stub.DeleteTask(cache_pb2.DeleteTaskRequest(task_id=task_id))
    answered = time.monotonic()

    until(lambda: all(times[-1][0] > answered for times in asked))
    told = [when for times in asked for when, is_found in times if is_found]
    assert max(told) < answered


def test_answers_are_kept_until_one_of_them_is_erased(
    house: House, gateways: list[Gateway]
) -> None:
    tasks = dict(drawn(house) for _ in range(20))

    def repeated() -> float:
        before = gateways[0].repeated()
        assert all(gateways[0].finds(input_hash) for input_hash in tasks.values())
        return gateways[0].repeated() - before

    def all_are_kept() -> bool:
        time.sleep(1.5 * GOOD_FOR.total_seconds())  # none is good by itself any more
        return repeated() == len(tasks)

    until(all_are_kept)
    erased, input_hash = tasks.popitem()

    gateways[1].stub.DeleteTask(cache_pb2.DeleteTaskRequest(task_id=erased))

    assert not gateways[0].finds(input_hash)
    assert repeated() == len(tasks)


def test_a_repeated_answer_is_a_hit_of_its_task(house: House, gateways: list[Gateway]) -> None:
    task_id, input_hash = drawn(house)
    house.flush_hits()
    hits = "SELECT cache_hits FROM task_results WHERE task_id = %s"
    before, asked = house.value(hits, task_id), 0

    while not gateways[0].repeated():
        assert gateways[0].finds(input_hash)
        asked += 1

    def counted() -> bool:
        house.flush_hits()
        return bool(house.value(hits, task_id) == before + asked)

    until(counted)


def test_a_gateway_that_ends_tells_of_the_hits_it_has_not_told(
    house: House, gateways: list[Gateway]
) -> None:
    task_id, input_hash = drawn(house)
    gateway, asked = gateways[0], 0
    while not gateway.repeated():
        assert gateway.finds(input_hash)
        asked += 1

    gateway.process.terminate()
    assert gateway.process.wait(timeout=30) == 0

    house.flush_hits()
    found = house.value("SELECT cache_hits FROM task_results WHERE task_id = %s", task_id)
    assert found == asked + 1  # one of them this test's own, to learn the key
