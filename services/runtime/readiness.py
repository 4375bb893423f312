"""Keeps `grpc.health.v1` in step with what a service depends on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeAlias

from grpc_health.v1 import health_pb2

from facesvg.v1 import operations_pb2 as pb
from services.runtime import metrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from grpc_health.v1.health import aio

    Ask: TypeAlias = Callable[[], Awaitable[pb.Dependency]]
    Dependencies: TypeAlias = Mapping[str, Ask]

logger = logging.getLogger(__name__)

CHECK_EVERY = 1.0
"""Seconds: with those that Envoy's own checks take, what is dead shows at the door within 5."""

CHECK_WITHIN = 2.0
"""Seconds that each dependency has to answer; none waits for another."""

AWAIT_EVERY = 0.2
"""Seconds between checks of what is not there yet: services start side by side."""


class Readiness:
    """Asks again and again for the state of the dependencies and tells the health service."""

    def __init__(
        self, health: aio.HealthServicer, names: Sequence[str], dependencies: Dependencies
    ) -> None:
        self._health = health
        self._names = ("", *names)
        self._asked = dependencies
        self.dependencies: Sequence[pb.Dependency] = ()
        self.is_healthy = False

    async def watch(self) -> None:
        """Check again and again, until cancelled."""
        while True:
            await self.check()
            await asyncio.sleep(CHECK_EVERY if self.is_healthy else AWAIT_EVERY)

    async def check(self) -> None:
        """Check once."""
        self.dependencies = await asyncio.gather(*(told(*one) for one in self._asked.items()))
        for dependency in self.dependencies:
            metrics.dependency_up.labels(dependency.name).set(dependency.healthy)
        healthy = all(dependency.healthy for dependency in self.dependencies)
        if healthy != self.is_healthy:
            down = [d.name for d in self.dependencies if not d.healthy]
            logger.info("readiness changed", extra={"facts": {"ready": healthy, "down": down}})
        self.is_healthy = healthy
        serving = health_pb2.HealthCheckResponse.ServingStatus.Value(
            "SERVING" if healthy else "NOT_SERVING"
        )
        for name in self._names:
            await self._health.set(name, serving)


async def told(name: str, ask: Ask) -> pb.Dependency:
    """Return what is heard of one dependency; one that nothing is heard of is down."""
    try:
        return await asyncio.wait_for(ask(), CHECK_WITHIN)
    except TimeoutError:
        return pb.Dependency(name=name, healthy=False, detail="does not answer")
    except Exception:
        logger.exception("check failed", extra={"facts": {"dependency": name}})
        return pb.Dependency(name=name, healthy=False, detail="failed")
