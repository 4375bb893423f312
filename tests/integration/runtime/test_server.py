"""A service from its first breath to its last, as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from facesvg.v1 import operations_pb2, operations_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("slow_service.py")
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

pytestmark = pytest.mark.integration


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(dependency: Path, **more: str) -> dict[str, str]:
    ports = {"SLOW_PORT": str(free_port()), "SLOW_METRICS_PORT": str(free_port())}
    return {**os.environ, **ports, "DEPENDENCY": str(dependency), "LOG_FORMAT": "json", **more}


@pytest.fixture
def dependency(tmp_path: Path) -> Path:
    file = tmp_path / "dependency"
    file.touch()
    return file


class Service:
    """The running process, and a channel to it."""

    def __init__(self, process: subprocess.Popen[Any], port: str) -> None:
        self.process = process
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        grpc.channel_ready_future(self.channel).result(timeout=20)
        self.wait: Any = self.channel.unary_unary("/test.Slow/Wait")
        self.watch: Any = self.channel.unary_stream("/test.Slow/WatchIt")
        self.left: Any = self.channel.unary_unary("/test.Slow/Left")
        self.broken: Any = self.channel.unary_unary("/test.Slow/Broken")
        self.unknown: Any = self.channel.unary_unary("/test.Slow/NoSuchMethod")
        self.operations = operations_pb2_grpc.OperationsServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)


@pytest.fixture
def service(dependency: Path) -> Iterator[Service]:
    env = environment(dependency, SHUTDOWN_GRACE_SECONDS="5")
    with subprocess.Popen(
        [sys.executable, SCRIPT], env=env, text=True, stderr=subprocess.PIPE
    ) as process:
        running = Service(process, env["SLOW_PORT"])
        yield running
        running.channel.close()
        process.kill()


def test_a_call_under_way_ends_before_the_service_does(service: Service) -> None:
    call = service.wait.future(b"1")
    while not service.health.Check(health_pb2.HealthCheckRequest()).status:
        pass

    service.process.send_signal(signal.SIGTERM)

    assert call.result(timeout=10) == b"done"
    assert service.process.wait(timeout=10) == 0


def reason(error: BaseException) -> tuple[grpc.StatusCode, str]:
    assert isinstance(error, grpc.RpcError)
    info = error_details_pb2.ErrorInfo()
    rpc_status.from_call(error).details[0].Unpack(info)
    return error.code(), info.reason


def test_a_stream_that_would_last_ends_at_once_and_says_why(service: Service) -> None:
    records = service.watch(b"")
    next(records)
    began = time.monotonic()

    service.process.send_signal(signal.SIGTERM)

    with pytest.raises(grpc.RpcError) as ended:
        next(records)
    assert reason(ended.value) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")
    metadata: Any = ended.value.trailing_metadata()
    assert dict(metadata)["retry-after"] == "1"
    assert service.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 4  # not the 5 s that a call may take


def test_a_call_that_outlasts_the_grace_period_is_told_before_its_end(service: Service) -> None:
    call = service.wait.future(b"600")
    while not service.health.Check(health_pb2.HealthCheckRequest()).status:
        pass

    service.process.send_signal(signal.SIGTERM)

    assert reason(call.exception(timeout=20)) == (
        grpc.StatusCode.UNAVAILABLE,
        "DEPENDENCY_UNAVAILABLE",
    )
    assert service.process.wait(timeout=10) == 0


def test_health_says_so_before_calls_are_refused(dependency: Path) -> None:
    env = environment(dependency, SHUTDOWN_NOTICE_SECONDS="2")
    with subprocess.Popen([sys.executable, SCRIPT], env=env, stderr=subprocess.PIPE) as process:
        service = Service(process, env["SLOW_PORT"])
        changes = iter(service.health.Watch(health_pb2.HealthCheckRequest(), timeout=20))
        assert next(changes).status == SERVING

        process.send_signal(signal.SIGTERM)

        assert next(changes).status == NOT_SERVING
        assert service.wait(b"0") == b"done"
        assert process.wait(timeout=20) == 0
        service.channel.close()


@pytest.mark.parametrize(
    ("timeout", "told", "most"),
    [(None, None, 60.0), (9.0, None, 9.0), (None, "2S", 2.0), (9.0, "700m", 0.7), (9.0, "x", 9.0)],
)
def test_calls_on_a_callers_behalf_end_when_the_caller_stops_waiting(
    service: Service, timeout: float | None, told: str | None, most: float
) -> None:
    metadata = [("x-deadline", told)] if told else []

    left = float(service.left(b"", timeout=timeout, metadata=metadata))

    assert most / 2 < left < most + 0.1  # the deadline travels in rounded units


def test_health_follows_the_dependency(service: Service, dependency: Path) -> None:
    changes = iter(service.health.Watch(health_pb2.HealthCheckRequest(), timeout=20))
    assert next(changes).status == SERVING

    dependency.unlink()

    assert next(changes).status == NOT_SERVING


def test_a_taken_port_is_one_sentence(dependency: Path) -> None:
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])

        result = subprocess.run(
            [sys.executable, SCRIPT],
            env=environment(dependency, SLOW_PORT=port),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    last = result.stderr.strip().splitlines()[-1]
    assert result.returncode == 1
    assert last == f"slow: port {port} on 127.0.0.1 is taken; set SLOW_PORT to a free one"


def test_metrics_are_where_prometheus_looks(dependency: Path) -> None:
    env = environment(dependency)
    with subprocess.Popen([sys.executable, SCRIPT], env=env, stderr=subprocess.PIPE) as process:
        Service(process, env["SLOW_PORT"]).channel.close()
        url = f"http://127.0.0.1:{env['SLOW_METRICS_PORT']}/metrics"
        with urllib.request.urlopen(url) as page:
            text = page.read().decode()
        process.kill()

    assert "grpc_server_handled_total" in text


def counted(service: Service) -> str:
    """Return what a service counts once it has made a mistake and been asked for nonsense."""
    for call in (service.broken, service.unknown):
        with pytest.raises(grpc.RpcError):
            call(b"")
    answer = service.operations.GetMetrics(operations_pb2.GetMetricsRequest())
    page: str = answer.exposition.decode()
    return page


def test_methods_that_nobody_knows_have_one_name(service: Service) -> None:
    page = counted(service)

    assert 'grpc_server_handled_total{code="UNIMPLEMENTED",method="other"} 1.0' in page
    assert 'errors_total{component="slow",type="KeyError"} 1.0' in page
    assert "NoSuchMethod" not in page


def test_metrics_that_are_off_are_neither_counted_nor_served(dependency: Path) -> None:
    env = environment(dependency, ENABLE_METRICS="false")
    with subprocess.Popen([sys.executable, SCRIPT], env=env, stderr=subprocess.PIPE) as process:
        running = Service(process, env["SLOW_PORT"])
        page = counted(running)
        with closing(socket.socket()) as probe:
            refused = probe.connect_ex(("127.0.0.1", int(env["SLOW_METRICS_PORT"])))
        running.channel.close()
        process.kill()

    assert page == ""
    assert refused != 0
