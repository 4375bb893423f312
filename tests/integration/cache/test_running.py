"""The cache as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import grpc
import psycopg
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import PATIENCE, until

from facesvg.v1 import cache_pb2_grpc, operations_pb2, operations_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

SERVING = health_pb2.HealthCheckResponse.SERVING


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A cache that runs."""

    def __init__(self, database_url: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        variables = {
            "DATABASE_URL": database_url,
            "CACHE_PORT": str(self.port),
            "CACHE_METRICS_PORT": str(self.metrics_port),
            "LOG_FORMAT": "json",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.cache"],
            env={**os.environ, **variables},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")

    def is_serving(self) -> bool:
        try:
            request = health_pb2.HealthCheckRequest(service="facesvg.v1.CacheService")
            answer = health_pb2_grpc.HealthStub(self.channel).Check(request, wait_for_ready=True)
        except grpc.RpcError:
            return False
        return bool(answer.status == SERVING)


@contextmanager
def running(database_url: str) -> Iterator[Running]:
    cache = Running(database_url)
    try:
        until(cache.is_serving)
        yield cache
    finally:
        cache.channel.close()
        cache.process.kill()
        cache.process.communicate()


def test_it_serves_says_what_it_depends_on_and_writes_hits_at_its_end(database_url: str) -> None:
    photo = Photo()
    with running(database_url) as cache:
        stub = cache_pb2_grpc.CacheServiceStub(cache.channel)
        calls.completed(stub, photo)
        calls.find(stub, photo)
        operations = operations_pb2_grpc.OperationsServiceStub(cache.channel)
        (dependency,) = operations.GetInfo(operations_pb2.GetInfoRequest()).dependencies
        metrics = f"http://127.0.0.1:{cache.metrics_port}/metrics"
        with urllib.request.urlopen(metrics) as page:
            exposition = page.read().decode()

        cache.process.send_signal(signal.SIGTERM)
        code = cache.process.wait(PATIENCE)

    assert code == 0
    assert dependency.name == "postgres"
    assert dependency.detail.startswith("PostgreSQL ")
    assert 'grpc_server_handled_total{code="OK",method="/facesvg.v1.CacheService/' in exposition
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT cache_hits FROM task_results").fetchone()
    assert row == (1,)


@pytest.mark.parametrize("module", ["services.cache", "services.cache.migrate"])
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CACHE_TTL_HOURS": "soon"}, "CACHE_TTL_HOURS='soon' is not a number"),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL='mysql://host/name' is not a URL"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/none"}, "refused"),
    ],
)
def test_it_says_why_it_cannot_start(module: str, variables: dict[str, str], said: str) -> None:
    environment = {**os.environ, "CACHE_START_TIMEOUT_SECONDS": "0", **variables}

    done = subprocess.run(
        [sys.executable, "-m", module],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_migrate_alone_prepares_the_database(database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url}

    subprocess.run([sys.executable, "-m", "services.cache.migrate"], env=environment, check=True)

    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM task_results").fetchone() == (0,)
