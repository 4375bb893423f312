"""The real gateway on a free port, its fake peers on two others, in a loop of their own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from integration.gateway.fakes import FAULTS, FakeCache, FakeOperations, FakeProcessor

from facesvg.v1 import (
    cache_pb2_grpc,
    gateway_pb2_grpc,
    operations_pb2,
    operations_pb2_grpc,
    processor_pb2_grpc,
)
from services.gateway import faults
from services.gateway.__main__ import compose
from services.gateway.peers import CachePeer
from services.gateway.query import QueryNames
from services.gateway.tally import Tally
from services.runtime import channels, interceptors, server
from services.runtime.around import Around

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from services.gateway.settings import GatewaySettings

POSTGRES = operations_pb2.Dependency(name="postgres", healthy=True, detail="PostgreSQL 16.9")


class Calls(Around):
    """Knows whether calls are under way."""

    def __init__(self) -> None:
        self.none_left = threading.Event()
        self.none_left.set()
        self._count = 0

    @asynccontextmanager
    async def around(self, method: str, context: Any) -> AsyncIterator[None]:
        del method, context
        self._count += 1
        self.none_left.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self.none_left.set()


@dataclass
class House:
    """What runs, and what its peers remember."""

    settings: GatewaySettings
    cache: FakeCache = field(default_factory=FakeCache)
    cache_operations: FakeOperations = field(default_factory=lambda: FakeOperations("cache"))
    processor_operations: FakeOperations = field(
        default_factory=lambda: FakeOperations("processor")
    )
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.processor = FakeProcessor(self.cache)
        self.cache_operations.dependencies.append(POSTGRES)
        self._calls = Calls()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    @property
    def address(self) -> str:
        return self.peer("gateway")

    def peer(self, name: str) -> str:
        """Return where a peer listens."""
        return f"127.0.0.1:{self.ports[name]}"

    def settle(self) -> None:
        """Wait until the gateway has ended every call."""
        assert self._calls.none_left.wait(10)

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            await self._serve(stack, "cache", self._register_cache, FAULTS)
            await self._serve(stack, "processor", self._register_processor, FAULTS)
            cache, processor = [
                await stack.enter_async_context(channels.open_channel(self.peer(name)))
                for name in ("cache", "processor")
            ]
            tally = Tally(CachePeer(cache_pb2_grpc.CacheServiceStub(cache)))
            servicer = compose(self.settings, cache, processor, tally)
            await self._serve(
                stack,
                "gateway",
                lambda s: gateway_pb2_grpc.add_GatewayServiceServicer_to_server(servicer, s),
                faults.FAULTS,
                QueryNames(),
                self._calls,
            )
            self._ready.set()
            await self._stop.wait()

    def _register_cache(self, server: grpc.aio.Server) -> None:
        cache_pb2_grpc.add_CacheServiceServicer_to_server(self.cache, server)
        operations_pb2_grpc.add_OperationsServiceServicer_to_server(self.cache_operations, server)

    def _register_processor(self, server: grpc.aio.Server) -> None:
        processor_pb2_grpc.add_ProcessorServiceServicer_to_server(self.processor, server)
        operations_pb2_grpc.add_OperationsServiceServicer_to_server(
            self.processor_operations, server
        )

    async def _serve(
        self,
        stack: AsyncExitStack,
        name: str,
        register: Callable[[grpc.aio.Server], Any],
        table: Any,
        *within: Any,
    ) -> None:
        around = [interceptors.RequestIds(), interceptors.Faults(table), *within]
        running = grpc.aio.server(interceptors=around, options=server.OPTIONS)
        register(running)
        health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), running)
        self.ports[name] = running.add_insecure_port("127.0.0.1:0")
        await running.start()
        stack.push_async_callback(running.stop, 0)
