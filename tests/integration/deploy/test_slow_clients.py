"""Clients that send slowly, or stop: they are let go, and nobody else waits for them."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import httpx
import pytest
from stub_gateway import StubGateway

from deploy.local.ports import Ports
from deploy.local.settings import Settings
from deploy.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

SUBMIT = "/api/v1/frontal/crop/submit"
STATUS = "/api/v1/frontal/crop/status/some"
HEAD = f"POST {SUBMIT} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
BODY = f"{HEAD}content-length: 1000000\r\n\r\n{{"
SLOW = 25
"""Of each kind, at once."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    environment = {
        "DOOR_HEADERS_SECONDS": "0.5",
        "DOOR_IDLE_SECONDS": "1",
        "DOOR_REQUEST_SECONDS": "2",
        "RATE_LIMIT_PER_SECOND": "100000",
    }
    settings = Settings.from_env(environment).on(Ports.free())
    with (
        Stack(tmp_path_factory.mktemp("slow"), settings, only=("envoy",)) as stack,
        StubGateway(stack.settings.ports.gateway_port),
        httpx.Client(trust_env=False) as client,
    ):
        deadline = time.monotonic() + 10
        while client.get(f"{stack.url}/envoy/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield stack


def connected(door: Stack, begin: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", door.settings.ports.api_port))
    client.settimeout(10)
    client.sendall(begin.encode())
    return client


def trickle(client: socket.socket, until: threading.Event) -> None:
    """Send a byte now and then, so that no idle timeout meets it."""
    with suppress(OSError):
        while not until.wait(0.1):
            client.sendall(b" ")


@pytest.mark.parametrize(("begin", "trickles"), [(HEAD, False), (BODY, False), (BODY, True)])
def test_a_slow_request_is_answered_408(door: Stack, begin: str, trickles: bool) -> None:
    done = threading.Event()
    with connected(door, begin) as client:
        if trickles:
            threading.Thread(target=trickle, args=(client, done)).start()
        answer = client.recv(4096).decode()
        done.set()

    assert answer.startswith("HTTP/1.1 408"), answer
    assert '"reason":"REQUEST_TIMEOUT"' in answer


def test_nobody_waits_for_slow_clients(door: Stack) -> None:
    done, times = threading.Event(), []
    with ExitStack() as stack, httpx.Client(base_url=door.url, trust_env=False) as client:
        stack.callback(done.set)
        for begin in (HEAD, BODY, BODY):
            for _ in range(SLOW):
                stack.enter_context(connected(door, begin))
        for _ in range(SLOW):
            slow = stack.enter_context(connected(door, BODY))
            threading.Thread(target=trickle, args=(slow, done)).start()
        for _ in range(200):
            began = time.perf_counter()
            assert client.get(STATUS).status_code == 200
            times.append(time.perf_counter() - began)

    # Far below what each of a hundred slow clients holds on for.
    assert sorted(times)[197] < 0.5
