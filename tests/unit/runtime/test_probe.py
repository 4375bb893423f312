"""A service is well when it says so, and not otherwise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from services.runtime import probe
from services.runtime.settings import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS = health_pb2.HealthCheckResponse


@contextmanager
def service(status: int) -> Iterator[int]:
    """Yield the port of a service that says so of itself."""
    server = grpc.server(ThreadPoolExecutor(1))
    servicer = health.HealthServicer()
    servicer.set("", status)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


@pytest.mark.parametrize(
    ("status", "expected"), [(STATUS.SERVING, 0), (STATUS.NOT_SERVING, 1)], ids=["well", "ill"]
)
def test_the_exit_status_is_what_the_service_says(
    status: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service(status) as port:
        monkeypatch.setenv("CACHE_PORT", str(port))

        assert probe.main("cache") == expected


def test_one_that_does_not_answer_is_not_well() -> None:
    with service(STATUS.SERVING) as port:
        pass

    assert not probe.serves(f"127.0.0.1:{port}", within=0.5)


def test_without_a_port_there_is_nothing_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CACHE_PORT", raising=False)

    with pytest.raises(SettingError, match="CACHE_PORT"):
        probe.main("cache")
