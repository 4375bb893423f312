from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from grpc_health.v1.health import aio

from facesvg.v1 import operations_pb2 as pb
from services.runtime import metrics, readiness
from services.runtime.readiness import Readiness

if TYPE_CHECKING:
    import pytest

    from services.runtime.readiness import Dependencies


async def moon() -> pb.Dependency:
    return pb.Dependency(name="moon", healthy=True, detail="full")


async def sun() -> pb.Dependency:
    return await asyncio.Event().wait() and pb.Dependency()


async def star() -> pb.Dependency:
    raise KeyError


def checked(dependencies: Dependencies) -> Readiness:
    found = Readiness(aio.HealthServicer(), (), dependencies)
    asyncio.run(found.check())
    return found


def shown(name: str) -> float:
    """Return what the page of metrics says of a dependency."""
    [family] = metrics.dependency_up.collect()
    return next(s.value for s in family.samples if s.labels["dependency"] == name)


def test_a_dependency_that_hangs_is_down_and_takes_no_other_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readiness, "CHECK_WITHIN", 0.1)

    found = checked({"sun": sun, "moon": moon})

    assert [(d.name, d.healthy, d.detail) for d in found.dependencies] == [
        ("sun", False, "does not answer"),
        ("moon", True, "full"),
    ]
    assert (shown("sun"), shown("moon")) == (0, 1)
    assert not found.is_healthy


def test_a_check_that_breaks_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    found = checked({"star": star})

    assert [(d.name, d.detail) for d in found.dependencies] == [("star", "failed")]
    assert [record.message for record in caplog.records if record.exc_info] == ["check failed"]
