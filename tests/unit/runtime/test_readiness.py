from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from grpc_health.v1.health import aio

from facesvg.v1 import operations_pb2 as pb
from services.runtime import metrics
from services.runtime.readiness import Readiness

if TYPE_CHECKING:
    from collections.abc import Sequence


def told(name: str) -> float:
    """Return what the page of metrics says of a dependency."""
    [family] = metrics.dependency_up.collect()
    return next(s.value for s in family.samples if s.labels["dependency"] == name)


def test_a_dependency_that_nothing_is_heard_of_is_told_as_down() -> None:
    answers = [[pb.Dependency(name="moon", healthy=True), pb.Dependency(name="sun", healthy=False)]]

    async def ask() -> Sequence[pb.Dependency]:
        if not answers:
            raise TimeoutError
        return answers.pop()

    readiness = Readiness(aio.HealthServicer(), (), ask)
    asyncio.run(readiness.check())
    first = told("moon"), told("sun")
    asyncio.run(readiness.check())
    second = told("moon"), told("sun")

    assert [first, second] == [(1, 0), (0, 0)]
