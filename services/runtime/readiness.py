"""Keeps `grpc.health.v1` in step with what a service depends on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeAlias

from grpc_health.v1 import health_pb2

from facesvg.v1 import operations_pb2 as pb
from services.runtime import metrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from grpc_health.v1.health import aio

    Dependencies: TypeAlias = Callable[[], Awaitable[Sequence[pb.Dependency]]]

logger = logging.getLogger(__name__)

CHECK_EVERY = 2.0
CHECK_WITHIN = 2.0
"""Seconds: with Envoy's own check every 2 s, a dead dependency shows at the door within 5 s."""

CHECK = "check"
"""What is said to be down when nothing more is known."""

AWAIT_EVERY = 0.2
"""Seconds between checks of what is not there yet: services start side by side."""


class Readiness:
    """Asks again and again for the state of the dependencies and tells the health service."""

    def __init__(self, health: aio.HealthServicer, names: Sequence[str], ask: Dependencies) -> None:
        self._health = health
        self._names = ("", *names)
        self._ask = ask
        self.dependencies: Sequence[pb.Dependency] = ()
        self.is_healthy = False
        self._known: set[str] = set()

    async def watch(self) -> None:
        """Check again and again, until cancelled."""
        while True:
            await self.check()
            await asyncio.sleep(CHECK_EVERY if self.is_healthy else AWAIT_EVERY)

    async def check(self) -> None:
        """Check once."""
        try:
            self.dependencies = await asyncio.wait_for(self._ask(), CHECK_WITHIN)
        except Exception as exception:  # noqa: BLE001 - whatever it is, the service is not ready
            reason = "does not answer" if isinstance(exception, TimeoutError) else "failed"
            self.dependencies = (pb.Dependency(name=CHECK, healthy=False, detail=reason),)
        self._count()
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

    def _count(self) -> None:
        """Show what is known of each dependency; one that was not heard of now is down."""
        states = {dependency.name: dependency.healthy for dependency in self.dependencies}
        self._known |= states.keys() - {CHECK}
        for name in self._known:
            metrics.dependency_up.labels(name).set(states.get(name, False))
