"""One gateway for the tests of a process; what its peers remember is forgotten between tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from integration.gateway.house import POSTGRES, House

from facesvg.v1 import gateway_pb2_grpc as rpc
from services.gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running() -> Iterator[House]:
    settings = GatewaySettings.from_env({"MAX_IMAGE_MB": "30", "RENDER_TIMEOUT_SECONDS": "1"})
    with House(settings) as house:
        yield house


@pytest.fixture
def house(running: House) -> House:
    cache, processor = running.cache, running.processor
    for memory in (cache.tasks, cache.answers, cache.drawings, cache.watches, cache.asked):
        memory.clear()
    for memory in (processor.received, processor.headers, processor.orders, processor.sizes):
        memory.clear()
    cache.left_alone.clear()
    cache.watched.clear()
    cache.left.queue.clear()
    processor.begun, processor.refusal = 0, None
    processor.keep_bytes, processor.status = True, "PENDING"
    running.cache_operations.is_silent = running.processor_operations.is_silent = False
    running.cache_operations.dependencies = [POSTGRES]
    return running


@pytest.fixture
def gateway(house: House) -> Iterator[rpc.GatewayServiceStub]:
    with grpc.insecure_channel(house.address) as channel:
        yield rpc.GatewayServiceStub(channel)
