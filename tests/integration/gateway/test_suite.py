"""What the gateway says of the suite as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from integration.gateway import clients
from prometheus_client.parser import text_string_to_metric_families

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import operations_pb2

if TYPE_CHECKING:
    from integration.gateway.house import House

    from facesvg.v1 import gateway_pb2_grpc as rpc

pytestmark = pytest.mark.integration


def test_a_suite_whose_parts_all_work_is_healthy(gateway: rpc.GatewayServiceStub) -> None:
    health = gateway.GetHealth(pb.GetHealthRequest())

    assert health.status == "healthy"
    assert {s.service: s.healthy for s in health.services} == {
        "gateway": True,
        "processor": True,
        "cache": True,
    }
    assert health.services[2].dependencies == {"postgres": "healthy"}


def test_a_part_that_is_silent_makes_the_suite_unhealthy(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.processor_operations.is_silent = True

    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetHealth(pb.GetHealthRequest())

    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    info = clients.info(caught.value)
    assert info.reason == "DEPENDENCY_UNAVAILABLE"
    assert info.metadata == {
        "gateway": "processor: does not answer",
        "processor": "does not answer",
        "cache": "healthy",
        "request_id": info.metadata["request_id"],
    }


def test_a_part_whose_own_dependency_is_down_makes_the_suite_unhealthy(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.cache_operations.dependencies = [
        operations_pb2.Dependency(name="postgres", healthy=False, detail="does not answer")
    ]

    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetHealth(pb.GetHealthRequest())

    assert clients.info(caught.value).metadata["cache"] == "postgres: does not answer"


def test_the_database_is_healthy_when_the_cache_says_so(gateway: rpc.GatewayServiceStub) -> None:
    health = gateway.GetDatabaseHealth(pb.GetDatabaseHealthRequest())

    assert (health.status, health.database) == ("healthy", "PostgreSQL 16.9")


@pytest.mark.parametrize("is_silent", [True, False])
def test_a_database_that_is_away_is_unavailable(
    house: House, gateway: rpc.GatewayServiceStub, is_silent: bool
) -> None:
    house.cache_operations.is_silent = is_silent
    house.cache_operations.dependencies = [
        operations_pb2.Dependency(name="postgres", healthy=False, detail="does not answer")
    ]

    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetDatabaseHealth(pb.GetDatabaseHealthRequest())

    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert clients.info(caught.value).metadata["dependency"] == "postgres"


def test_the_metrics_of_all_services_are_one_valid_page(gateway: rpc.GatewayServiceStub) -> None:
    body = gateway.GetSuiteMetrics(pb.GetSuiteMetricsRequest())

    assert body.content_type == "text/plain; version=0.0.4; charset=utf-8"
    families = {f.name: f for f in text_string_to_metric_families(body.data.decode())}
    assert {s.labels["service"] for s in families["up"].samples} == {"processor", "cache"}
    assert "build_info" in families


def test_a_part_that_is_silent_is_a_comment_on_the_page_of_metrics(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.cache_operations.is_silent = True

    body = gateway.GetSuiteMetrics(pb.GetSuiteMetricsRequest())

    assert b"# cache does not answer\n" in body.data
    assert b'up_total{service="processor"}' in body.data
