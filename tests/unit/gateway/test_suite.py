"""The state of a service in a few words."""

from __future__ import annotations

import pytest

from facesvg.v1 import operations_pb2 as pb
from services.gateway.suite import state_of


def info(*dependencies: pb.Dependency, healthy: bool) -> pb.GetInfoResponse:
    return pb.GetInfoResponse(version="1", healthy=healthy, dependencies=dependencies)


POSTGRES = pb.Dependency(name="postgres", healthy=True, detail="PostgreSQL 16.9")
REDIS = pb.Dependency(name="redis", healthy=False, detail="does not answer")
WORKER = pb.Dependency(name="worker", healthy=False)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (info(POSTGRES, healthy=True), "healthy"),
        (info(POSTGRES, REDIS, healthy=False), "redis: does not answer"),
        (info(REDIS, WORKER, healthy=False), "redis: does not answer, worker: down"),
        (None, "does not answer"),
    ],
)
def test_a_state_is_told_by_what_ails(found: pb.GetInfoResponse | None, told: str) -> None:
    assert str(state_of("cache", found)) == told
