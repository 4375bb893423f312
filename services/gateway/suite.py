"""The suite as a whole: whether each service can work, and what it counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

from facesvg.v1 import operations_pb2 as pb
from services import __version__
from services.gateway import exposition
from services.gateway.exposition import Source
from services.gateway.scraping import scraped
from services.runtime import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facesvg.v1 import operations_pb2_grpc

GATEWAY = "gateway"
WITHIN = 2.0
"""Seconds that a service has to answer about itself."""

HEALTHY = "healthy"
SILENT = "does not answer"


@dataclass(frozen=True)
class State:
    """The state of one service."""

    service: str
    is_healthy: bool
    version: str
    dependencies: Mapping[str, str]

    def __str__(self) -> str:
        """Say it in a few words."""
        if self.is_healthy:
            return HEALTHY
        ailing = [f"{name}: {told}" for name, told in self.dependencies.items() if told != HEALTHY]
        return ", ".join(ailing) or SILENT


class SuiteUnhealthy(ConnectionError):
    """A part that drawing needs does not answer; `facts` has the state of each."""

    def __init__(self, states: Sequence[State]) -> None:
        ailing = ", ".join(state.service for state in states if not state.is_healthy)
        super().__init__(f"the suite cannot draw; look at {ailing}")
        self.facts = {state.service: str(state) for state in states}


class DatabaseAway(ConnectionError):
    """Postgres does not answer."""

    def __init__(self, told: str) -> None:
        super().__init__(f"the database is not healthy: {told}")
        self.facts = {"dependency": "postgres", "postgres": told}


class Suite:
    """Asks the other services, all at once."""

    def __init__(
        self,
        peers: Mapping[str, operations_pb2_grpc.OperationsServiceAsyncStub],
        pages: Mapping[str, str] | None = None,
    ) -> None:
        """`pages` are the addresses of what serves its metrics over HTTP alone, by name."""
        self._peers = peers
        self._pages = dict(pages or {})

    async def health(self) -> Sequence[State]:
        """Return the state of each service; raises `SuiteUnhealthy`."""
        peers = [state_of(name, info) for name, info in (await self._infos()).items()]
        own = State(
            GATEWAY,
            is_healthy=all(peer.is_healthy for peer in peers),
            version=__version__,
            dependencies={peer.service: str(peer) for peer in peers},
        )
        states = [own, *peers]
        if not own.is_healthy:
            raise SuiteUnhealthy(states)
        return states

    async def database(self) -> str:
        """Return what Postgres says of itself; raises `DatabaseAway`."""
        info = await self._info("cache")
        postgres = [d for d in info.dependencies if d.name == "postgres"] if info else []
        if not postgres:
            raise DatabaseAway(f"the cache {SILENT}")
        if not postgres[0].healthy:
            raise DatabaseAway(postgres[0].detail)
        return postgres[0].detail

    async def metrics(self) -> bytes:
        """Return the metrics of all services on one page."""
        pages = await asyncio.gather(
            *(self._page(name) for name in self._peers),
            *(scraped(name, url) for name, url in self._pages.items()),
        )
        told: dict[Source, bytes | None] = {Source(GATEWAY): metrics.exposition()}
        for page in pages:
            told.update(page)
        # Text is parsed for tens of milliseconds, in which hits are not to wait.
        return await asyncio.to_thread(exposition.merged, told)

    async def _infos(self) -> Mapping[str, pb.GetInfoResponse | None]:
        infos = await asyncio.gather(*(self._info(name) for name in self._peers))
        return dict(zip(self._peers, infos, strict=True))

    async def _info(self, name: str) -> pb.GetInfoResponse | None:
        try:
            return await self._peers[name].GetInfo(pb.GetInfoRequest(), timeout=WITHIN)
        except grpc.RpcError:
            return None

    async def _page(self, name: str) -> dict[Source, bytes | None]:
        try:
            answer = await self._peers[name].GetMetrics(pb.GetMetricsRequest(), timeout=WITHIN)
        except grpc.RpcError:
            return {Source(name): None}
        return {Source(name): answer.exposition}


def state_of(name: str, info: pb.GetInfoResponse | None) -> State:
    """Return the state of a service by what it told, if it did."""
    if info is None:
        return State(name, is_healthy=False, version="", dependencies={})
    told = {d.name: HEALTHY if d.healthy else d.detail or "down" for d in info.dependencies}
    return State(name, is_healthy=info.healthy, version=info.version, dependencies=told)
