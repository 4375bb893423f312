"""The gateway as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from integration.gateway import clients

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.gateway.house import House

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "services.gateway"]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def free_port() -> str:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def start() -> Iterator[Callable[..., Any]]:
    """Start a gateway between a cache and a processor; it is ended after the test."""
    with ExitStack() as stack:

        def started(cache: str, processor: str) -> tuple[subprocess.Popen[Any], grpc.Channel]:
            port = free_port()
            env = {
                **os.environ,
                "GATEWAY_PORT": port,
                "ENABLE_METRICS": "false",
                "CACHE_ADDRESS": cache,
                "PROCESSOR_ADDRESS": processor,
            }
            process = stack.enter_context(
                subprocess.Popen(COMMAND, env=env, stderr=subprocess.DEVNULL)
            )
            stack.callback(process.kill)
            channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}"))
            grpc.channel_ready_future(channel).result(timeout=20)
            return process, channel

        yield started


def test_a_gateway_between_peers_that_serve_is_ready_and_ends_when_told(
    house: House, start: Callable[..., Any]
) -> None:
    process, channel = start(house.peer("cache"), house.peer("processor"))
    health = health_pb2_grpc.HealthStub(channel)
    service = health_pb2.HealthCheckRequest(service="facesvg.v1.GatewayService")

    answer = rpc.GatewayServiceStub(channel).Submit(clients.stream())

    assert answer.status == "PENDING"
    assert health.Check(service).status == SERVING
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def test_a_gateway_that_ends_lets_go_of_nothing_its_callers_come_back_for(
    house: House, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTDOWN_GRACE_SECONDS", "1")
    house.processor.status = "PROGRESS"
    process, channel = start(house.peer("cache"), house.peer("processor"))
    body = clients.renders(clients.form_body(clients.FILES))
    call = rpc.GatewayServiceStub(channel).Render(body)
    assert house.cache.watched.wait(10)

    process.send_signal(signal.SIGTERM)

    with pytest.raises(grpc.RpcError) as ended:
        list(call)
    assert ended.value.code() == grpc.StatusCode.UNAVAILABLE
    assert process.wait(timeout=20) == 0
    assert house.cache.left.empty()


def test_a_gateway_without_peers_is_up_but_not_ready(start: Callable[..., Any]) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    _, channel = start(nobody, nobody)
    gateway = rpc.GatewayServiceStub(channel)

    with pytest.raises(grpc.RpcError) as unhealthy:
        gateway.GetHealth(pb.GetHealthRequest())
    with pytest.raises(grpc.RpcError) as refused:
        gateway.Submit(clients.stream())

    health = health_pb2_grpc.HealthStub(channel)
    assert health.Check(health_pb2.HealthCheckRequest()).status == NOT_SERVING
    for caught in (unhealthy, refused):
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        assert clients.info(caught.value).reason == "DEPENDENCY_UNAVAILABLE"
    assert clients.info(unhealthy.value).metadata["cache"] == "does not answer"


def test_a_bad_setting_is_one_sentence() -> None:
    result = subprocess.run(
        COMMAND,
        env={**os.environ, "MAX_IMAGE_MB": "large"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert result.returncode == 1
    assert result.stderr.strip() == (
        "gateway: MAX_IMAGE_MB='large' is not a number from 0.001 to 1024"
    )
